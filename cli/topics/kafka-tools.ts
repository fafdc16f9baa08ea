/** Prints the topics and ACLs of topics.yaml as commands of Kafka's own tools, for clusters that `sre topics apply` cannot access. */
import type { AclRule, WantedTopic } from '../../bus/create.ts'

/** Environment variables used by the commands, so that the script works for any cluster. */
const TO = '--bootstrap-server "$BOOTSTRAP_SERVER" --command-config "$COMMAND_CONFIG"'

export const topicCommands = (topics: readonly WantedTopic[]): string[] =>
  topics.map(({ name, partitions, replicas, config }) => {
    const settings = Object.entries(config).map(([setting, value]) => ` --config ${setting}=${value}`)
    return `kafka-topics.sh ${TO} --create --if-not-exists --topic ${name} --partitions ${partitions} --replication-factor ${replicas}${settings.join('')}`
  })

/** Adding an existing ACL has no effect. */
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
