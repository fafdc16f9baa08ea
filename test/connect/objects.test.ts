/** Objects of a cluster, in the shape that Kubernetes and Argo CD publish, and the changes extracted from them. */
import { expect, it } from 'vitest'
import { syncs } from '../../connect/kubernetes/applications.ts'
import { rollouts } from '../../connect/kubernetes/replica-sets.ts'
import { noMapping } from '../../connect/mapping.ts'

interface Set {
  uid: string
  revision: string
  image: string
  created: string
  history?: string
  written?: string
  env?: string
}

/** As the Deployment controller of Kubernetes 1.37 writes it; reduced to the relevant fields and some that must be ignored. */
const replicaSet = ({ uid, revision, image, created, history, written = created, env = 'a' }: Set) => ({
  metadata: {
    ...{ name: `cart-${uid}`, namespace: 'shop', uid, resourceVersion: '1', generation: 1, creationTimestamp: created },
    labels: { app: 'cart', 'pod-template-hash': uid },
    annotations: {
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/revision': revision,
      ...(history === undefined ? {} : { 'deployment.kubernetes.io/revision-history': history }),
      ...(revision === '2' ? { 'kubernetes.io/change-cause': 'release 1.5.0' } : {}),
    },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart', uid: 'd-1', controller: true }],
    managedFields: [
      { manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'apps/v1', time: written, fieldsV1: {} },
      { manager: 'kube-controller-manager', operation: 'Update', time: '2026-11-30T09:00:00Z', subresource: 'status' },
    ],
  },
  spec: {
    ...{ replicas: 3, selector: { matchLabels: { app: 'cart' } } },
    template: {
      metadata: { labels: { app: 'cart' } },
      spec: { containers: [{ name: 'cart', image, env: [{ name: 'SECRET', value: env }] }] },
    },
  },
  status: { replicas: 3, readyReplicas: 3, observedGeneration: 1 },
})

const first = { uid: 'a', revision: '1', image: 'cart:1.4.2', created: '2026-11-29T10:00:00Z' }
const second = { uid: 'b', revision: '2', image: 'cart:1.5.0', created: '2026-11-29T20:00:00Z' }
const rolledBack = { ...first, revision: '3', history: '1', written: '2026-11-29T20:10:00Z' }

function told(kind: ReturnType<typeof rollouts>, ...sets: Set[]) {
  return kind.changes(
    sets.map((one) => kind.read(replicaSet(one), noMapping)!),
    false,
  )
}

it('reports a rollout with the state before it, whatever the order of the list', () => {
  const changes = told(rollouts(), second, first)
  expect(changes.map(({ summary }) => summary)).toEqual([
    'Deployment shop/cart, revision 1: cart:1.4.2',
    'Deployment shop/cart, revision 2: cart:1.4.2 → cart:1.5.0; release 1.5.0',
  ])
  expect(changes[1]).toMatchObject({
    ...{ service: 'cart', namespace: 'shop', type: 'DEPLOYMENT', at: Date.parse(second.created) },
    ...{ before: { image_tag: 'cart:1.4.2', revision: 1 }, after: { image_tag: 'cart:1.5.0', revision: 2 } },
  })
})

it('reports a rollback at its own time, and each revision once', () => {
  const kind = rollouts()
  const [created] = told(kind, first, second)
  const [back, ...others] = told(kind, rolledBack, second)
  expect(others).toEqual([])
  expect(back).toMatchObject({ at: Date.parse(rolledBack.written), summary: expect.stringContaining('cart:1.5.0 → cart:1.4.2') }) // prettier-ignore
  expect(back!.id).not.toBe(created!.id)
  expect(told(kind, rolledBack, second)).toEqual([])
})

it('calls a rollout of the same images a change of configuration', () => {
  const changes = told(rollouts(), first, { ...first, uid: 'c', revision: '2', env: 'hunter2' })
  expect(changes[1]).toMatchObject({ type: 'CONFIG_UPDATE' })
  expect(JSON.stringify(changes)).not.toContain('hunter2')
})

it('ignores a ReplicaSet without a Deployment, and rejects other objects', () => {
  const set = replicaSet(first)
  expect(rollouts().read({ ...set, metadata: { ...set.metadata, ownerReferences: [] } }, noMapping)).toBe(null)
  expect(() => rollouts().read({ ...set, spec: {} }, noMapping)).toThrow(/template/)
})

const application = (...history: object[]) => ({
  metadata: { name: 'orders', namespace: 'argocd', uid: 'u-1' },
  spec: { project: 'default', destination: { namespace: 'shop', server: 'https://kubernetes.default.svc' } },
  status: { sync: { status: 'Synced' }, health: { status: 'Healthy' }, history },
})
const sync = (id: number, more: object = {}) => ({
  ...{
    id,
    revision: String(id).repeat(40),
    deployedAt: `2026-11-29T20:0${id}:30Z`,
    deployStartedAt: `2026-11-29T20:0${id}:00Z`,
  },
  ...{ source: { repoURL: 'https://git.example.com/shop.git', path: 'orders', targetRevision: 'main' }, ...more },
})

it('reports each sync of Argo CD once, with its start time', () => {
  const kind = syncs()
  const tell = (...history: object[]) => kind.changes([kind.read(application(...history), noMapping)!], false)
  expect(tell(sync(1, { initiatedBy: { automated: true } }))).toMatchObject([
    { author: 'automated sync', before: null },
  ])
  const [next, ...others] = tell(sync(1), sync(2, { initiatedBy: { username: 'carol' } }))
  expect(others).toEqual([])
  expect(next).toMatchObject({
    ...{
      id: 'argocd/u-1/2',
      service: 'orders',
      namespace: 'shop',
      author: 'carol',
      at: Date.parse('2026-11-29T20:02:00Z'),
    },
    ...{ summary: 'Argo CD sync of orders to 2222222 (main)', before: { revision: '1'.repeat(40) } },
  })
  expect(tell(sync(1), sync(2))).toEqual([])
})
