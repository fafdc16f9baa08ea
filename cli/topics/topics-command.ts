import type { Command } from 'commander'
import {
  type AclChange,
  applyAcls,
  applyTopics,
  inWords,
  NoAuthorizer,
  planAcls,
  type PlanOptions,
  planTopics,
  tooFewBrokers,
  type TopicChange,
} from '../../bus/create.ts'
import { loadContract } from '../../schemas/contract.ts'
import { busOptionsFrom } from '../bus-options.ts'
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { wordsOf } from '../login/reason.ts'
import { registryTrouble } from '../registry.ts'
import { topics as texts } from '../texts.ts'
import { principalsFrom } from './principals.ts'
import { addPrinted } from './printed.ts'
import { parseReplicas } from './replicas.ts'

interface Options extends PlanOptions {
  json?: boolean
  acls?: boolean
  pruneAcls?: boolean
  dryRun?: boolean
}

type Change = TopicChange | AclChange

/** `sre topics`: `plan` and `apply` compare a Kafka cluster with topics.yaml and reconcile it; `strimzi` and `kafka-tools` export the same changes. */
export function addTopics(program: Command, context: ClientContext): void {
  const topics = program.command('topics').description('compare a Kafka cluster with topics.yaml and reconcile it')
  withOptions(
    topics.command('plan').description('show the differences without changing anything; exits 1 if there are any'),
  ).action((options: Options) => run(context, options, 'plan'))
  withOptions(topics.command('apply').description('create and configure what differs; exits 1 if differences remain'))
    .option('--dry-run', 'show what would be done, without changing anything')
    .action((options: Options) => run(context, options, 'apply'))
  addPrinted(topics, context)
}

const withOptions = (command: Command): Command =>
  command
    .option(
      '--replicas <number>',
      'replication factor, for a cluster with too few brokers for topics.yaml',
      parseReplicas,
    )
    .option('--add-partitions', 'also add partitions; keys move, so stop all publishers first')
    .option('--acls', 'also the ACLs that topics.yaml implies for producers, consumers and groups')
    .option('--prune-acls', 'like --acls, and remove any other rights of components on these topics and groups')
    .option('--json', 'print JSON instead of text')

async function run(context: ClientContext, options: Options, verb: 'plan' | 'apply'): Promise<void> {
  const { json, acls, pruneAcls, dryRun, ...plan } = options
  const contract = loadContract()
  const config = readConfig(context.environment, ['KAFKA_BROKERS'])
  const bus = busOptionsFrom(config, contract)
  if (bus.kind !== 'kafka') throw new CommandError(texts.onKafka)
  const registry = verb === 'apply' ? await registryTrouble(bus) : null
  // not needed yet: it may be started later
  if (registry !== null) context.note(registry[context.language])
  const applies = verb === 'apply' && dryRun !== true
  const few = plan.replicas === undefined ? await asked(() => tooFewBrokers(bus, contract)) : null
  if (few !== null) context.note(texts.fewBrokers(few.brokers, few.replicas)[context.language])
  const fitting = few === null ? plan : { ...plan, replicas: few.brokers }
  const changes: Change[] = await asked(() => (applies ? applyTopics : planTopics)(bus, contract, fitting))
  if (json !== true) changes.forEach((change) => context.print(describe(change)))
  if (acls === true || pruneAcls === true) {
    const principals = { principalOf: principalsFrom(config), prune: pruneAcls === true }
    const rules = await asked(() => (applies ? applyAcls : planAcls)(bus, contract, principals))
    if (json !== true) rules.forEach((change) => context.print(describe(change)))
    changes.push(...rules)
  }
  if (json === true) context.print(JSON.stringify(changes))
  const extra = changes.filter(({ kind }) => kind === 'extra').length
  const left = changes.filter(({ kind }) => kind !== 'extra' && (verb === 'plan' || kind === 'refused'))
  if (changes.length === 0) context.note(texts.matches[context.language])
  if (extra > 0) context.note(texts.extra(extra)[context.language])
  if (left.length > 0) throw new CommandError(verb === 'plan' ? texts.differs(left.length) : texts.left(left.length))
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new CommandError(
      error instanceof NoAuthorizer ? texts.noAuthorizer : texts.kafka(inWords(error) || wordsOf(error)),
    )
  }
}

function describe(change: Change): string {
  if ('principal' in change) return describeRule(change)
  if (change.kind === 'create')
    return `create     ${change.topic}  ${change.partitions} partitions, ${change.replicas} replicas`
  if (change.kind === 'add_partitions') return `partitions ${change.topic}  ${change.from} → ${change.to}`
  if (change.kind === 'refused') return `refused    ${change.topic}  ${change.reason}`
  const settings = Object.entries(change.from).map(([name, from]) => `${name}: ${from} → ${change.config[name]}`)
  return `configure  ${change.topic}  ${settings.join(', ')}`
}

function describeRule({ kind, principal, host, permission, operation, resource, name, pattern }: AclChange): string {
  const place = `${resource} ${name}${pattern === 'prefixed' ? '*' : ''}`
  const rule = `${principal} ${permission === 'deny' ? 'denied ' : ''}${operation} ${place}`
  return `${kind.padEnd(10)} ${rule}${host === '*' ? '' : ` from ${host}`}`
}
