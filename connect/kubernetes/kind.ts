import type { Change } from '../change.ts'
import type { Mapping } from '../mapping.ts'

/** Extracts changes from one kind of object. Remembers what it reported, so that an update of an object repeats no change. */
export interface Kind<Read> {
  /** Null: the object holds no change. Throws on an unexpected shape. */
  read(object: unknown, mapping: Mapping): Read | null
  /** New changes, oldest first. `whole`: the list is complete, so other objects are forgotten. */
  changes(objects: readonly Read[], whole: boolean): Change[]
  gone(object: Read): void
}
