/** Syncs, from the history of Argo CD Applications: one change per entry. */
import { z } from 'zod'
import type { Change } from '../change.ts'
import { serviceOf } from '../mapping.ts'
import type { Kind } from './kind.ts'

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const source = z.looseObject({ repoURL: z.string().optional(), targetRevision: z.string().optional() })
const application = z.looseObject({
  metadata: z.looseObject({ uid: z.string(), name: z.string(), namespace: z.string() }),
  spec: z.looseObject({ destination: z.looseObject({ namespace: z.string().optional() }).optional() }).optional(),
  status: z
    .looseObject({
      history: z
        .array(
          z.looseObject({
            id: z.number(),
            revision: z.string().optional(),
            revisions: z.array(z.string()).optional(),
            deployStartedAt: instant.nullish(),
            deployedAt: instant,
            source: source.optional(),
            initiatedBy: z
              .looseObject({ username: z.string().optional(), automated: z.boolean().optional() })
              .optional(),
          }),
        )
        .nullish(),
    })
    .optional(),
})

interface Application {
  uid: string
  /** `namespace/name` */
  place: string
  name: string
  service: string
  namespace: string | null
  /** oldest first */
  history: Sync[]
}
type Sync = NonNullable<NonNullable<z.output<typeof application>['status']>['history']>[number]

export function syncs(): Kind<Application> {
  /** the last entry reported, by Application */
  const told = new Map<string, number>()
  return {
    read(object, mapping) {
      const { metadata, spec, status } = application.parse(object)
      const { uid, name, namespace } = metadata
      const place = `${namespace}/${name}`
      return {
        ...{ uid, place, name, service: serviceOf(mapping, place, name) },
        namespace: spec?.destination?.namespace ?? null,
        history: (status?.history ?? []).toSorted((a, b) => a.id - b.id),
      }
    },
    changes(objects, whole) {
      const present = new Set(objects.map(({ uid }) => uid))
      if (whole) for (const uid of told.keys()) if (!present.has(uid)) told.delete(uid)
      return objects.flatMap((one) => {
        const last = told.get(one.uid) ?? -1
        const changes = one.history.flatMap((sync, index) => (sync.id > last ? [changeOf(one, sync, one.history[index - 1])] : [])) // prettier-ignore
        told.set(one.uid, one.history.at(-1)?.id ?? last)
        return changes
      })
    },
    gone: ({ uid }) => void told.delete(uid),
  }
}

function changeOf({ uid, place, name, service, namespace }: Application, sync: Sync, before: Sync | undefined): Change {
  const { targetRevision, repoURL } = sync.source ?? {}
  const { username, automated } = sync.initiatedBy ?? {}
  const revision = revisionOf(sync)
  return {
    id: `argocd/${uid}/${sync.id}`,
    report: 'sync',
    at: sync.deployStartedAt ?? sync.deployedAt,
    service,
    namespace,
    type: 'DEPLOYMENT',
    author: username || (automated === true ? 'automated sync' : null),
    summary: `Argo CD sync of ${name} to ${short(revision)}${targetRevision ? ` (${targetRevision})` : ''}`,
    before: before === undefined ? null : { revision: revisionOf(before) },
    after: { revision, repository: repoURL ?? null },
    deploymentId: `${place}/${sync.id}`,
  }
}

const revisionOf = ({ revision, revisions }: Sync): string =>
  revision || (revisions ?? []).join(', ') || 'an unknown revision'

const short = (revision: string): string => revision.replace(/\b[0-9a-f]{40}\b/g, (sha) => sha.slice(0, 7))
