/** The releases of a deployment, from the structured fields of its change. */
import type { Change } from './observations.ts'

export interface Release {
  /** short: without the name of the image if that is the service's */
  after: string
  /** null: unknown */
  before: string | null
}

/** null: the change is not a deployment, or does not name its image tag. */
export function releaseOf({ type, service, detail }: Pick<Change, 'type' | 'service' | 'detail'>): Release | null {
  if (type.toUpperCase() !== 'DEPLOYMENT' || service === '') return null
  const states = detail as { before?: unknown; after?: unknown } | null | undefined
  const [before, after] = [imageTag(states?.before), imageTag(states?.after)]
  const short = (tag: string): string => (tag.startsWith(`${service}:`) ? tag.slice(service.length + 1) : tag)
  return after === null ? null : { after: short(after), before: before === null ? null : short(before) }
}

/** A state as the control-plane returns it: the tag itself, or an object with `image_tag`. */
export function imageTag(state: unknown): string | null {
  if (typeof state === 'string' && state !== '') return state
  const tag = (state as { image_tag?: unknown } | null | undefined)?.image_tag
  return typeof tag === 'string' && tag !== '' ? tag : null
}
