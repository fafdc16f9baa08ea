/** Prints the topics and ACLs for other tools (Strimzi, Kafka's own), without contacting a broker. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { stringify } from 'yaml'
import { impliedAcls, partsOf, type PlanOptions, wantedTopics } from '../../bus/create.ts'
import { loadContract } from '../../schemas/contract.ts'
import { readConfig } from '../config.ts'
import type { ClientContext } from '../login/context.ts'
import { aclCommands, topicCommands } from './kafka-tools.ts'
import { principalsFrom } from './principals.ts'
import { parseReplicas } from './replicas.ts'
import { AUTHENTICATIONS, type StrimziOptions, strimziResources } from './strimzi.ts'

type Replicas = Pick<PlanOptions, 'replicas'>

export function addPrinted(topics: Command, context: ClientContext): void {
  withReplicas(topics.command('strimzi').description('print KafkaTopic and KafkaUser resources for Strimzi'))
    .requiredOption('--cluster <name>', 'name of the Kafka resource', parseName)
    .option('--namespace <name>', 'namespace of the Kafka resource', parseName)
    .addOption(
      new Option('--authentication <type>', 'how the users sign in').choices(AUTHENTICATIONS).default('scram-sha-512'),
    )
    .option('--json', 'print JSON instead of text')
    .action(({ json, ...options }: StrimziOptions & Replicas & { json?: boolean }) => {
      const contract = loadContract()
      const rules = partsOf(contract).map((part) => [part, ownRules(contract, part)] as const)
      const resources = strimziResources(wantedTopics(contract, options), new Map(rules), options)
      if (json === true) return context.print(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: resources }))
      const lines = resources.flatMap((one) => ['---', ...stringify(one, { lineWidth: 0 }).trimEnd().split('\n')])
      lines.forEach((line) => context.print(line))
    })
  withReplicas(
    topics.command('kafka-tools').description("print the commands of Kafka's own tools that make topics and ACLs"),
  ).action((options: Replicas) => {
    const contract = loadContract()
    const acls = impliedAcls(contract, principalsFrom(readConfig(context.environment)))
    const lines = ['#!/bin/sh', 'set -eu', ...topicCommands(wantedTopics(contract, options)), ...aclCommands(acls)]
    lines.forEach((line) => context.print(line))
  })
}

const ownRules = (contract: ReturnType<typeof loadContract>, part: string) =>
  impliedAcls(contract, (one) => one).filter(({ principal }) => principal === part)

/** A name of Kubernetes: any other text could change the meaning of the YAML it is printed in. */
function parseName(text: string): string {
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/.test(text))
    throw new InvalidArgumentError('expected a Kubernetes name: a-z, 0-9, . and -, at most 63 characters')
  return text
}

const withReplicas = (command: Command): Command =>
  command.option(
    '--replicas <number>',
    'replication factor, for a cluster with too few brokers for topics.yaml',
    parseReplicas,
  )
