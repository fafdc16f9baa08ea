/** The Kustomize base without a cluster: each manifest against the schemas of Kubernetes, and each reference against its target. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { loadContract } from '../../schemas/contract.ts'
import { variables } from '../../cli/config.ts'
import { HEALTH_PORTS } from '../../cli/serve/health.ts'
import type { Part } from '../../cli/serve/part.ts'
import { runHere } from '../cli/run-sre.ts'
import { kubernetesValidate } from '../servers/local/kubernetes-validate.ts'
import { validatorOf } from './crd.ts'
import { awayOf, nowhere } from './nowhere.ts'

const folder = join(import.meta.dirname, '../../deploy/kubernetes')
/** Kinds of other operators, and the definitions they bring. */
const DEFINED = { 'monitoring.yaml': 'servicemonitors.yaml', 'keda.yaml': 'scaledobjects.yaml' }
const OTHERS = Object.keys(DEFINED)
const KUBERNETES = '1.37'

const labels = z.record(z.string(), z.string())
const container = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })),
  env: z.array(z.object({ name: z.string(), valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }) })).default([]), // prettier-ignore
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  resources: z.object({ requests: z.object({ cpu: z.string(), memory: z.string() }), limits: z.object({ memory: z.string() }) }), // prettier-ignore
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  ...Object.fromEntries(['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => [probe, z.looseObject({ httpGet: z.object({ path: z.string(), port: z.string() }) }).optional()])), // prettier-ignore
})
const pod = z.object({
  metadata: z.object({ labels }),
  spec: z.looseObject({
    automountServiceAccountToken: z.literal(false),
    securityContext: z.looseObject({
      runAsNonRoot: z.literal(true),
      seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
    }),
    containers: z.tuple([container]),
  }),
})
const defined = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.object({ name: z.string() }), spec: z.record(z.string(), z.unknown()) }) // prettier-ignore
const manifest = z.looseObject({ kind: z.string(), metadata: z.object({ name: z.string() }) })

const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const manifests = (file: string) => parseAllDocuments(read(file)).map((one) => manifest.parse(one.toJS()))
const files = readdirSync(folder).filter((file) => file !== 'kustomization.yaml')
const all = files.flatMap(manifests)
const ofKind = (...kinds: string[]) => all.filter(({ kind }) => kinds.includes(kind))
const pods = ofKind('Deployment', 'Job').map((one) => ({ name: one.metadata.name, kind: one.kind, pod: pod.parse((one['spec'] as { template: unknown }).template) })) // prettier-ignore
const [settings] = ofKind('ConfigMap').map(({ data }) => labels.parse(data))

test('every manifest of a Kubernetes kind is valid by its schema, without unknown fields', async () => {
  await kubernetesValidate.prepare()
  const run = (...paths: string[]) =>
      promisify(execFile)(join(kubernetesValidate.folder, 'bin', 'python'), ['-m', 'kubernetes_validate', '-k', KUBERNETES, '--strict', ...paths]) // prettier-ignore
  const own = files.filter((file) => !OTHERS.includes(file))
  const { stdout, stderr } = await run(...own.map((file) => join(folder, file)))
  for (const { kind, metadata } of own.flatMap(manifests))
    expect(`${stdout}${stderr}`).toContain(`passed for resource ${kind.toLowerCase()}/${metadata.name} `)
}, 300_000)

test('manifests of other operators are valid by their definitions, without unknown fields', () => {
  for (const [file, definition] of Object.entries(DEFINED)) {
    const check = validatorOf(join(import.meta.dirname, 'crds', definition))
    const resources = parseAllDocuments(read(file)).map((one) => defined.parse(one.toJS()))
    expect(resources.length).toBeGreaterThan(0)
    for (const resource of resources) {
      expect(check(resource), file).toEqual([])
      expect(check({ ...resource, spec: { ...resource.spec, slector: {} } })).not.toEqual([])
      expect(check({ ...resource, spec: {} })).not.toEqual([])
      expect(check({ ...resource, apiVersion: 'v2' })).not.toEqual([])
    }
  }
})

test('the base lists every file; those for other operators are commented out', () => {
  const text = read('kustomization.yaml')
  expect((parse(text) as { resources: string[] }).resources.sort()).toEqual(files.filter((file) => !OTHERS.includes(file)).sort()) // prettier-ignore
  for (const file of OTHERS) expect(text).toContain(`#  - ${file}\n`)
  for (const { pod } of pods) expect((parse(text) as { images: { name: string }[] }).images.map(({ name }) => name)).toContain(pod.spec.containers[0].image) // prettier-ignore
})

test('every selector matches pods, and every port it names exists on them', () => {
  const matching = (wanted: Record<string, string>) =>
    pods.filter(({ pod }) => Object.entries(wanted).every(([key, value]) => pod.metadata.labels[key] === value))
  for (const one of ofKind('Deployment', 'PodDisruptionBudget', 'NetworkPolicy')) {
    const spec = z.looseObject({ selector: z.object({ matchLabels: labels }).optional(), podSelector: z.object({ matchLabels: labels.optional() }).optional() }).parse(one['spec']) // prettier-ignore
    expect(matching(spec.selector?.matchLabels ?? spec.podSelector?.matchLabels ?? {}).length, one.metadata.name).toBeGreaterThan(0) // prettier-ignore
  }
  for (const one of ofKind('Service')) {
    const { selector, ports } = z.object({ selector: labels, ports: z.array(z.object({ port: z.number(), targetPort: z.string() })) }).parse(one['spec']) // prettier-ignore
    const served = matching(selector).flatMap(({ pod }) => pod.spec.containers[0].ports)
    for (const { port, targetPort } of ports) expect(served).toContainEqual({ name: targetPort, containerPort: port })
  }
  for (const one of ofKind('HorizontalPodAutoscaler', 'ScaledObject')) {
    const { name } = z.looseObject({ scaleTargetRef: z.looseObject({ name: z.string() }) }).parse(one['spec']).scaleTargetRef // prettier-ignore
    expect(ofKind('Deployment').map(({ metadata }) => metadata.name)).toContain(name)
  }
})

test('assistants scale by the lag of the group and topic that they read', () => {
  const [scaled] = ofKind('ScaledObject')
  const { maxReplicaCount, triggers } = z.looseObject({ maxReplicaCount: z.number(), triggers: z.array(z.object({ metadata: labels })) }).parse(scaled?.['spec']) // prettier-ignore
  const contract = loadContract()
  const topic = contract.topics.find(({ name }) => name === triggers[0]?.metadata['topic'])
  expect(topic?.consumers).toContain('assistant')
  expect(maxReplicaCount).toBeLessThanOrEqual(topic?.partitions ?? 0)
  expect(triggers[0]?.metadata['consumerGroup']).toBe('sre-assistant')
  expect(triggers[0]?.metadata['bootstrapServers']).toBe(settings?.['KAFKA_BROKERS'])
})

describe('each component and each job', () => {
  test.each(pods)('$name sets only known variables, and lacks none', async ({ name, pod }) => {
    const [{ args, env }] = pod.spec.containers
    const secret = Object.fromEntries(env.map((one) => [one.name, one.name === 'DATABASE_URL' ? 'postgresql://db:5432/sre' : 'a secret of sixteen or more'])) // prettier-ignore
    const environment = { ...settings, ...secret }
    for (const variable of Object.keys(environment)) expect(Object.keys(variables)).toContain(variable)
    const { code, err } = await runHere(args, nowhere(environment))
    expect(code).not.toBe(0)
    expect(err).toMatch(awayOf(name))
  })

  test.each(pods.filter(({ kind }) => kind === 'Deployment'))(
    '$name is probed at the port and path it serves',
    ({ name, pod }) => {
      const [one] = pod.spec.containers
      expect(one.ports).toContainEqual({ name: 'health', containerPort: HEALTH_PORTS[name as Part] })
      const probe = (kind: string) => (one as Record<string, unknown>)[kind]
      for (const kind of ['startupProbe', 'livenessProbe']) expect(probe(kind)).toMatchObject({ httpGet: { path: '/healthz', port: 'health' } }) // prettier-ignore
      expect(probe('readinessProbe')).toMatchObject({ httpGet: { path: '/readyz', port: 'health' } })
    },
  )

  test('it gets no secret of another component', () => {
    const secrets = Object.fromEntries(pods.map(({ name, pod }) => [name, pod.spec.containers[0].env.map((one) => one.valueFrom.secretKeyRef.key)])) // prettier-ignore
    expect(secrets).toEqual({
      ...{
        gateway: ['url', 'token'],
        assistant: ['url', 'assistant'],
        executor: ['url', 'executor'],
        postmortem: ['url', 'postmortem'],
        anomaly: ['url'],
      },
      ...{ migrate: ['url'], topics: [], schemas: [] },
    })
    expect(Object.keys(settings ?? {}).filter((name) => /SECRET|PASSWORD|TOKEN/.test(name))).toEqual([])
  })
})
