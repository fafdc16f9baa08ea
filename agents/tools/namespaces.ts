/** Whether what was found lies in the namespace that was asked about: the same name may be another service elsewhere. */
import { labelName, quoted } from './prometheus/promql.ts'

/** Labels that may hold it, best first; an exporter's own namespace gives way to that of what it tells of. */
export const NAMESPACE_LABELS = [
  'destination_workload_namespace',
  'exported_namespace',
  'k8s_namespace_name',
  'k8s.namespace.name',
  'namespace',
]

type Labels = Readonly<Record<string, string>>

/** `matcher` null: no label tells. `elsewhere`: it is in these namespaces only. */
export type Placed = { matcher: string | null; warnings: string[] } | { elsewhere: string[] }

export interface Place {
  namespace: string | null
  /** label that holds it; absent: one of the usual */
  own?: string | undefined
  /** what no label tells the namespace of is not taken, and nothing is told of other namespaces */
  strict?: boolean | undefined
}

export function placeIn(found: readonly Labels[], what: string, { namespace, own, strict = false }: Place): Placed {
  if (namespace === null) return { matcher: null, warnings: [] }
  const labels = own === undefined ? NAMESPACE_LABELS : [own]
  const holding = labels.find((label) => found.some((set) => set[label] === namespace))
  if (holding !== undefined) return { matcher: `${labelName(holding)}=${quoted(namespace)}`, warnings: [] }
  if (strict) return { elsewhere: [] }
  const told = labels.find((label) => found.some((set) => label in set))
  if (told === undefined)
    return { matcher: null, warnings: [`${what} has no label of a namespace: not narrowed to ${namespace}`] }
  return { elsewhere: [...new Set(found.flatMap((set) => set[told] ?? []))].sort() }
}

export const notIn = (namespace: string | null, elsewhere: readonly string[]): string =>
  `not in namespace ${namespace}${elsewhere.length === 0 ? '' : `, but in ${elsewhere.join(', ')}`}`
