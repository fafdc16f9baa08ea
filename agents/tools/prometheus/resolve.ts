/** Which metrics hold a service, and under which label: asked of the server, not guessed from its name. */
import { z } from 'zod'
import type { TimeRange } from '../../../analysis/observations.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'
import { type Profile, quoted, requestProfiles, resourceProfiles } from './profiles.ts'

export interface Mapping {
  /** the name a service has in the metrics, where it is another one */
  names?: Readonly<Record<string, string>>
  /** labels that hold it, tried before the usual ones */
  serviceLabels?: readonly string[]
  /** label of the namespace; default `namespace` */
  namespaceLabel?: string
  /** own PromQL by indicator; `$service`, `$namespace` (quoted values) and `$window` are filled in */
  indicators?: Readonly<Record<string, string>>
}

export interface Resolved {
  profile: Profile
  /** label matchers without braces */
  selector: string
}

const answered = z.looseObject({
  data: z.array(z.record(z.string(), z.string())),
  warnings: z.array(z.string()).optional(),
})

/** Names of the matchers asked for, and what was found: request profile first. Nothing found: an empty list. */
export async function resolve(
  http: Http,
  question: { service: string; namespace: string | null; range: TimeRange; mapping: Mapping },
  context: CallContext,
): Promise<{ found: Resolved[]; asked: string; warnings: string[] }> {
  const { service, namespace, range, mapping } = question
  const name = mapping.names?.[service] ?? service
  const profiles = [...requestProfiles, ...resourceProfiles]
  const candidates = profiles.flatMap((profile) =>
    labelsOf(profile, mapping).flatMap((label) => profile.detectedBy.map((metric) => ({ profile, label, metric }))),
  )
  const form = new URLSearchParams()
  for (const { metric, label } of candidates) form.append('match[]', `${metric}{${label}=${quoted(name)}}`)
  form.set('start', String(range.start / 1000))
  form.set('end', String(range.end / 1000))
  form.set('limit', '2000')
  const body = await http.json({ path: 'api/v1/series', body: form.toString() }, context)
  const { data, warnings = [] } = answered.parse(body)
  const seen = (profile: Profile) =>
    labelsOf(profile, mapping)
      .map((label) => ({
        label,
        sets: data.filter((set) => profile.detectedBy.includes(set['__name__'] ?? '') && set[label] === name),
      }))
      .find(({ sets }) => sets.length > 0)
  const found = profiles.flatMap((profile): Resolved[] => {
    const hit = seen(profile)
    if (hit === undefined) return []
    const namespaceLabel = mapping.namespaceLabel ?? 'namespace'
    const inNamespace = namespace !== null && hit.sets.some((set) => set[namespaceLabel] === namespace)
    const scope = inNamespace ? `,${namespaceLabel}=${quoted(namespace)}` : ''
    return [{ profile, selector: `${hit.label}=${quoted(name)}${scope}` }]
  })
  const request = found.find(({ profile }) => requestProfiles.includes(profile))
  const resources = found.filter(({ profile }) => resourceProfiles.includes(profile))
  return {
    found: [...(request === undefined ? [] : [request]), ...resources],
    asked: `series of ${name} in ${profiles.map((one) => one.name).join(', ')}`,
    warnings,
  }
}

const labelsOf = (profile: Profile, mapping: Mapping): string[] => [
  ...new Set([...(mapping.serviceLabels ?? []), ...profile.serviceLabels]),
]
