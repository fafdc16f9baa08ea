import type { Change } from '../change.ts'
import type { Mapping } from '../mapping.ts'

/** How one kind of object tells of changes. Remembers what it told, so that an update of an object tells nothing twice. */
export interface Kind<Read> {
  /** Null: an object that tells nothing. Throws on an unexpected shape. */
  read(object: unknown, mapping: Mapping): Read | null
  /** What is new, oldest first. `whole`: these are all there are, and others are forgotten. */
  changes(objects: readonly Read[], whole: boolean): Change[]
  gone(object: Read): void
}
