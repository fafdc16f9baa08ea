/** Whether series or streams belong to the requested namespace: another namespace may have a service of the same name. */
import { labelName, quoted } from './prometheus/promql.ts'
import { notes } from './notes.ts'

/** Labels that may hold the namespace, best first; a target's namespace goes before its exporter's. */
export const NAMESPACE_LABELS = [
  'destination_workload_namespace',
  'exported_namespace',
  'k8s_namespace_name',
  'k8s.namespace.name',
  'namespace',
]

type Labels = Readonly<Record<string, string>>

/** `matcher` null: no label holds the namespace. `elsewhere`: found in these namespaces only. */
export type Placed = { matcher: string | null; warnings: string[] } | { elsewhere: string[] }

export interface Place {
  namespace: string | null
  /** configured label; absent: one of `NAMESPACE_LABELS` */
  own?: string | undefined
  /** leaves out what has no namespace label, and does not name other namespaces */
  strict?: boolean | undefined
}

export function placeIn(found: readonly Labels[], what: string, { namespace, own, strict = false }: Place): Placed {
  if (namespace === null) return { matcher: null, warnings: [] }
  const labels = own === undefined ? NAMESPACE_LABELS : [own]
  const holding = labels.find((label) => found.some((set) => set[label] === namespace))
  if (holding !== undefined) return { matcher: `${labelName(holding)}=${quoted(namespace)}`, warnings: [] }
  if (strict) return { elsewhere: [] }
  const told = labels.find((label) => found.some((set) => label in set))
  if (told === undefined) return { matcher: null, warnings: [notes.noNamespace(what, namespace)] }
  return { elsewhere: [...new Set(found.flatMap((set) => set[told] ?? []))].sort() }
}

export const notIn = (namespace: string | null, elsewhere: readonly string[]): string =>
  `not in namespace ${namespace}${elsewhere.length === 0 ? '' : `, but in ${elsewhere.join(', ')}`}`
