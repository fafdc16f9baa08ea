/** The topics and ACLs of topics.yaml as commands of Kafka's own tools, for clusters that `sre topics apply` may not reach. */
import type { AclRule, WantedTopic } from '../../bus/create.ts'

/** Read by the commands, so that the file holds for any cluster. */
const TO = '--bootstrap-server "$BOOTSTRAP_SERVER" --command-config "$COMMAND_CONFIG"'

export const topicCommands = (topics: readonly WantedTopic[]): string[] =>
  topics.map(({ name, partitions, replicas, config }) => {
    const settings = Object.entries(config).map(([setting, value]) => ` --config ${setting}=${value}`)
    return `kafka-topics.sh ${TO} --create --if-not-exists --topic ${name} --partitions ${partitions} --replication-factor ${replicas}${settings.join('')}`
  })

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
