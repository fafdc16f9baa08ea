/** The topics and users of topics.yaml as Strimzi resources, for clusters managed by Strimzi operators. */
import type { AclRule, WantedTopic } from '../../bus/create.ts'

export interface StrimziOptions {
  /** name of the Kafka resource */
  cluster: string
  namespace?: string
  /** how the users sign in */
  authentication: 'tls' | 'tls-external' | 'scram-sha-512'
}

export const AUTHENTICATIONS = ['tls', 'tls-external', 'scram-sha-512'] as const
const API = 'kafka.strimzi.io/v1'

/** `rules` by component, whose name is the user's. */
export function strimziResources(
  topics: readonly WantedTopic[],
  rules: ReadonlyMap<string, readonly AclRule[]>,
  { cluster, namespace, authentication }: StrimziOptions,
): object[] {
  const metadata = (name: string) => ({
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { 'strimzi.io/cluster': cluster },
  })
  const resources = topics.map(({ name, partitions, replicas, config }) => ({
    apiVersion: API,
    kind: 'KafkaTopic',
    // a name in Kubernetes has no `_`
    metadata: metadata(name.replaceAll('_', '-')),
    spec: { ...(name.includes('_') ? { topicName: name } : {}), partitions, replicas, config: typed(config) },
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
  return [...resources, ...users]
}

/** Strimzi expects numeric settings as numbers. */
const typed = (config: Readonly<Record<string, string>>): Record<string, string | number> =>
  Object.fromEntries(Object.entries(config).map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value]))

const aclOf = ({ resource, name, pattern, operation, host, permission }: AclRule) => ({
  type: permission,
  resource: { type: resource, name, patternType: pattern === 'prefixed' ? 'prefix' : 'literal' },
  operations: [`${operation.slice(0, 1).toUpperCase()}${operation.slice(1)}`],
  host,
})
