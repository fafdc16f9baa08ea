/** The topics and ACLs of topics.yaml as commands of Kafka's own tools, for clusters that `sre topics apply` may not reach. */
import type { AclRule } from '../../bus/create.ts'
import type { Contract } from '../../schemas/contract.ts'

/** Read by the commands, so that the file holds for any cluster. */
const TO = '--bootstrap-server "$BOOTSTRAP_SERVER" --command-config "$COMMAND_CONFIG"'

export function topicCommands(contract: Contract, replicas: number | undefined): string[] {
  return [...contract.topics, ...contract.deadLetterTopics].map((topic) => {
    const count = replicas ?? topic.replicas
    const config = Object.entries(topic.config).map(([name, value]) =>
      name === 'min.insync.replicas' ? `${name}=${Math.min(count, Number(value))}` : `${name}=${value}`,
    )
    return `kafka-topics.sh ${TO} --create --if-not-exists --topic ${topic.name} --partitions ${topic.partitions} --replication-factor ${count}${config.map((one) => ` --config ${one}`).join('')}`
  })
}

/** Adding an ACL that is there changes nothing. */
export function aclCommands(rules: readonly AclRule[]): string[] {
  const together = Map.groupBy(rules, ({ principal, operation, resource, pattern }) =>
    [quoted(principal), operation, resource, pattern].join(' '),
  )
  return [...together.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { principal, operation, resource, pattern } = first
    const names = group.map(({ name }) => ` --${resource} ${name}`).join('')
    return [`kafka-acls.sh ${TO} --add --allow-principal ${quoted(principal)} --operation ${operation} --resource-pattern-type ${pattern}${names}`] // prettier-ignore
  })
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
