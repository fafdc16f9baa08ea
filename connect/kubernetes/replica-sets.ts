/**
 * Rollouts, from ReplicaSets: a Deployment's controller gives each pod template one, with the number of the revision. A rollback raises the
 * number of an old one.
 */
import { z } from 'zod'
import type { Change } from '../change.ts'
import { type Mapping, serviceOf } from '../mapping.ts'
import type { Kind } from './kind.ts'

const REVISION = 'deployment.kubernetes.io/revision'
const HISTORY = 'deployment.kubernetes.io/revision-history'
const CAUSE = 'kubernetes.io/change-cause'
/** names the service in telemetry: OpenTelemetry's convention for Kubernetes */
const SERVICE = 'resource.opentelemetry.io/service.name'

const annotations = z.record(z.string(), z.string()).default({})
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const replicaSet = z.looseObject({
  metadata: z.looseObject({
    uid: z.string(),
    namespace: z.string(),
    creationTimestamp: instant,
    annotations,
    ownerReferences: z.array(z.looseObject({ kind: z.string(), name: z.string(), uid: z.string() })).default([]),
    managedFields: z.array(z.looseObject({ time: instant.optional(), subresource: z.string().optional() })).default([]),
  }),
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.looseObject({ annotations }).default({ annotations: {} }),
      spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string().default('') })) }),
    }),
  }),
})

interface Rollout {
  uid: string
  namespace: string
  deployment: { name: string; uid: string }
  revision: number
  at: number
  service: string
  images: Record<string, string>
  cause: string | null
}

export function rollouts(): Kind<Rollout> {
  /** by Deployment, then by ReplicaSet */
  const known = new Map<string, Map<string, Rollout>>()
  const drop = (deployment: string, uid: string) => {
    const siblings = known.get(deployment)
    siblings?.delete(uid)
    if (siblings?.size === 0) known.delete(deployment)
  }
  const tell = (rollout: Rollout): Change[] => {
    const siblings = known.get(rollout.deployment.uid) ?? new Map<string, Rollout>()
    known.set(rollout.deployment.uid, siblings)
    if ((siblings.get(rollout.uid)?.revision ?? 0) >= rollout.revision) return []
    const earlier = [...siblings.values()].filter(({ revision }) => revision < rollout.revision)
    const before = earlier.sort((a, b) => b.revision - a.revision)[0] ?? null
    siblings.set(rollout.uid, rollout)
    return [changeOf(rollout, before)]
  }
  return {
    read: rolloutOf,
    changes(objects, whole) {
      const present = new Set(objects.map(({ uid }) => uid))
      if (whole)
        for (const [deployment, siblings] of known)
          for (const uid of siblings.keys()) if (!present.has(uid)) drop(deployment, uid)
      return objects.toSorted((a, b) => a.revision - b.revision).flatMap(tell)
    },
    gone: ({ deployment, uid }) => drop(deployment.uid, uid),
  }
}

/** Null: it belongs to no Deployment, or has no revision yet. */
function rolloutOf(object: unknown, mapping: Mapping): Rollout | null {
  const { metadata, spec } = replicaSet.parse(object)
  const deployment = metadata.ownerReferences.find(({ kind }) => kind === 'Deployment')
  const revision = Number(metadata.annotations[REVISION])
  if (deployment === undefined || !Number.isInteger(revision)) return null
  const { namespace, uid } = metadata
  const named = spec.template.metadata.annotations[SERVICE] ?? deployment.name
  return {
    ...{ uid, namespace, deployment, revision },
    // only its controller writes the annotations, so the time of its last write is that of the rollback
    at: metadata.annotations[HISTORY] === undefined ? metadata.creationTimestamp : lastWritten(metadata),
    service: serviceOf(mapping, `${namespace}/${deployment.name}`, named),
    images: Object.fromEntries(spec.template.spec.containers.map(({ name, image }) => [name, image])),
    cause: metadata.annotations[CAUSE] ?? null,
  }
}

function lastWritten(metadata: z.output<typeof replicaSet>['metadata']): number {
  const times = metadata.managedFields.filter(({ subresource }) => subresource !== 'status').map(({ time }) => time ?? 0) // prettier-ignore
  return Math.max(metadata.creationTimestamp, ...times)
}

function changeOf(rollout: Rollout, before: Rollout | null): Change {
  const { deployment, namespace, revision, images, cause } = rollout
  const sameImages = before !== null && JSON.stringify(before.images) === JSON.stringify(images)
  const what = sameImages ? 'pod template changed, same images' : imagesIn(rollout, before)
  return {
    id: `kubernetes/${rollout.uid}/${revision}`,
    report: 'rollout',
    at: rollout.at,
    service: rollout.service,
    namespace,
    type: sameImages ? 'CONFIG_UPDATE' : 'DEPLOYMENT',
    author: null,
    summary: `Deployment ${namespace}/${deployment.name}, revision ${revision}: ${what}${cause === null ? '' : `; ${cause}`}`,
    before: before === null ? null : stateOf(before),
    after: stateOf(rollout),
    deploymentId: `${namespace}/${deployment.name}/${revision}`,
  }
}

function imagesIn({ images }: Rollout, before: Rollout | null): string {
  const moved = Object.entries(images).filter(([name, image]) => before?.images[name] !== image)
  return moved.map(([name, image]) => [before?.images[name] ?? [], image].flat().join(' → ')).join(', ')
}

/** `image_tag`: the tag a rollback would name; ambiguous if several containers have one. */
function stateOf({ images, revision }: Rollout): Record<string, unknown> {
  const [only, ...others] = Object.values(images)
  return { revision, ...(only !== undefined && others.length === 0 ? { image_tag: only } : { images }) }
}
