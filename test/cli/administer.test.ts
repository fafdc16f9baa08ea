/** Exporting topics and ACLs for other tools. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { partsOf } from '../../bus/create.ts'
import { contract } from '../bus/bench.ts'
import { validatorOf } from '../deploy/crd.ts'
import { runHere } from './run-sre.ts'

interface Resource {
  apiVersion: string
  kind: string
  metadata: { name: string; labels: Record<string, string> }
  spec: { partitions?: number; replicas?: number; config?: Record<string, unknown>; authorization?: { acls: object[] } }
}

const nothing = () => ['no validator']
const resourcesOf = (out: string) => parseAllDocuments(out).map((one) => one.toJS() as Resource)

describe('sre topics strimzi', () => {
  it("prints resources that match Strimzi's own schemas, without unknown fields", async () => {
    const { code, out, err } = await runHere(['topics', 'strimzi', '--cluster', 'my-cluster', '--namespace', 'kafka'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const resources = resourcesOf(out)
    const [topics, users] = ['KafkaTopic', 'KafkaUser'].map((kind) => resources.filter((one) => one.kind === kind))
    expect(topics?.map(({ metadata }) => metadata.name)).toEqual(
      [...contract.topics, ...contract.foreignTopics, ...contract.deadLetterTopics].map(({ name }) => name.replaceAll('_', '-')), // prettier-ignore
    )
    expect(topics?.find(({ metadata }) => metadata.name === 'otlp-metrics')?.spec).toMatchObject({ topicName: 'otlp_metrics' }) // prettier-ignore
    expect(users?.map(({ metadata }) => metadata.name).sort()).toEqual(partsOf(contract).sort())
    const [ofTopic = nothing, ofUser = nothing] = ['kafkatopic.yaml', 'kafkauser.yaml'].map((file) =>
      validatorOf(join(import.meta.dirname, 'strimzi', file)),
    )
    expect(topics?.flatMap(ofTopic)).toEqual([])
    expect(users?.flatMap(ofUser)).toEqual([])
    for (const { metadata } of resources) expect(metadata.labels).toEqual({ 'strimzi.io/cluster': 'my-cluster' })
    const json = await runHere(['topics', 'strimzi', '--cluster', 'my-cluster', '--namespace', 'kafka', '--json'])
    expect((JSON.parse(json.out) as { items: Resource[] }).items).toEqual(resources)
    // check that the schemas reject invalid resources
    expect(ofTopic({ ...topics![0]!, spec: { partitions: 0 } })).not.toEqual([])
    expect(ofUser({ ...users![0]!, spec: { unknown: 1 } as Resource['spec'] })).not.toEqual([])
  })

  it('gives each user the ACLs of its component', async () => {
    const { out } = await runHere(['topics', 'strimzi', '--cluster', 'c', '--replicas', '1', '--authentication', 'tls'])
    const resources = resourcesOf(out)
    const acls = resources.find(({ metadata }) => metadata.name === 'gateway')?.spec.authorization?.acls
    const rule = { type: 'allow', host: '*' }
    expect(acls).toContainEqual({ ...rule, resource: { type: 'topic', name: 'sre.approval.decided.v1', patternType: 'literal' }, operations: ['Write'] }) // prettier-ignore
    expect(acls).toContainEqual({ ...rule, resource: { type: 'group', name: 'gateway-views-', patternType: 'prefix' }, operations: ['Read'] }) // prettier-ignore
    const topic = resources.find(({ metadata }) => metadata.name === 'sre.approval.decided.v1')
    expect(topic?.spec).toMatchObject({ replicas: 1, config: { 'min.insync.replicas': 1, 'cleanup.policy': 'delete' } })
  })
})

describe('sre topics kafka-tools', () => {
  it('prints commands for every topic and ACL, without contacting a broker', async () => {
    const environment = { KAFKA_PRINCIPAL_ASSISTANT: "User:CN=it's,O=SRE" }
    const { code, out, err } = await runHere(['topics', 'kafka-tools', '--replicas', '1'], environment)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const { name } of [...contract.topics, ...contract.foreignTopics, ...contract.deadLetterTopics])
      expect(out).toContain(`--create --if-not-exists --topic ${name} --partitions`)
    expect(out).not.toContain('min.insync.replicas=2')
    // the same as `sre topics apply` creates
    expect(out).toMatch(/--topic sre\.approval\.decided\.v1\.executor\.dlq .*--config min\.insync\.replicas=1$/m)
    expect(out).toContain(
      `--add --allow-principal 'User:gateway' --operation read --resource-pattern-type prefixed --group gateway-views-\n`,
    )
    expect(out).toContain(`--allow-principal 'User:CN=it'\\''s,O=SRE' --operation write`)
  })
})
