/** The topics and users of topics.yaml as resources of Strimzi, for clusters where its operators administer Kafka. */
import type { AclRule } from '../../bus/create.ts'
import type { Contract } from '../../schemas/contract.ts'

export interface StrimziOptions {
  /** name of the Kafka resource */
  cluster: string
  namespace?: string
  replicas?: number
  /** how the users sign in */
  authentication: 'tls' | 'tls-external' | 'scram-sha-512'
}

export const AUTHENTICATIONS = ['tls', 'tls-external', 'scram-sha-512'] as const
const API = 'kafka.strimzi.io/v1'

/** `rules` by the part they are for, whose name is the user's. */
export function strimziResources(
  contract: Contract,
  rules: ReadonlyMap<string, readonly AclRule[]>,
  { cluster, namespace, replicas, authentication }: StrimziOptions,
): object[] {
  const metadata = (name: string) => ({
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { 'strimzi.io/cluster': cluster },
  })
  const topics = [...contract.topics, ...contract.deadLetterTopics].map((topic) => ({
    apiVersion: API,
    kind: 'KafkaTopic',
    metadata: metadata(topic.name),
    spec: {
      partitions: topic.partitions,
      replicas: replicas ?? topic.replicas,
      config: configOf(topic.config, replicas),
    },
  }))
  const users = [...rules].map(([part, own]) => ({
    apiVersion: API,
    kind: 'KafkaUser',
    metadata: metadata(part),
    spec: {
      authentication: { type: authentication },
      authorization: { type: 'simple', acls: own.map(aclOf) },
    },
  }))
  return [...topics, ...users]
}

/** Fewer replicas than topics.yaml asks for cannot keep as many in sync. */
const configOf = (config: Readonly<Record<string, string>>, replicas: number | undefined) =>
  Object.fromEntries(
    Object.entries(config).map(([name, value]) => [
      name,
      name === 'min.insync.replicas' && replicas !== undefined ? Math.min(replicas, Number(value)) : typed(value),
    ]),
  )

/** Strimzi takes numbers as numbers. */
const typed = (value: string): string | number => (/^\d+$/.test(value) ? Number(value) : value)

const aclOf = ({ resource, name, pattern, operation, host, permission }: AclRule) => ({
  type: permission,
  resource: { type: resource, name, patternType: pattern === 'prefixed' ? 'prefix' : 'literal' },
  operations: [`${operation.slice(0, 1).toUpperCase()}${operation.slice(1)}`],
  host,
})
