import { type Command, InvalidArgumentError } from 'commander'
import { applyTopics, type PlanOptions, planTopics, type TopicChange } from '../../bus/create.ts'
import { loadContract } from '../../schemas/contract.ts'
import { busOptionsFrom } from '../bus-options.ts'
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { wordsOf } from '../login/reason.ts'
import { topics as texts } from '../texts.ts'

interface Options extends PlanOptions {
  json?: boolean
}

/** `sre topics plan` and `sre topics apply`: a Kafka cluster against topics.yaml. */
export function addTopics(program: Command, context: ClientContext): void {
  const topics = program.command('topics').description('compare a Kafka cluster with topics.yaml and reconcile it')
  withOptions(
    topics.command('plan').description('show the differences without changing anything; exits 1 if there are any'),
  ).action((options: Options) => run(context, options, 'plan'))
  withOptions(
    topics.command('apply').description('create and configure what differs; exits 1 if differences remain'),
  ).action((options: Options) => run(context, options, 'apply'))
}

const withOptions = (command: Command): Command =>
  command
    .option(
      '--replicas <number>',
      'replication factor, for a cluster with too few brokers for topics.yaml',
      parseReplicas,
    )
    .option('--add-partitions', 'also add partitions; keys move, so stop all publishers first')
    .option('--json', 'print JSON instead of text')

async function run(context: ClientContext, { json, ...plan }: Options, verb: 'plan' | 'apply'): Promise<void> {
  const contract = loadContract()
  const options = busOptionsFrom(readConfig(context.environment, ['KAFKA_BROKERS']), contract)
  if (options.kind !== 'kafka') throw new CommandError(texts.onKafka)
  const changes = await asked(() => (verb === 'plan' ? planTopics : applyTopics)(options, contract, plan))
  if (json === true) context.print(JSON.stringify(changes))
  else for (const change of changes) context.print(describe(change))
  const left = verb === 'plan' ? changes : changes.filter(({ kind }) => kind === 'refused')
  if (changes.length === 0) context.note(texts.matches[context.language])
  if (left.length > 0) throw new CommandError(verb === 'plan' ? texts.differs(left.length) : texts.left(left.length))
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new CommandError(texts.kafka(wordsOf(error)))
  }
}

function describe(change: TopicChange): string {
  if (change.kind === 'create')
    return `create     ${change.topic}  ${change.partitions} partitions, ${change.replicas} replicas`
  if (change.kind === 'add_partitions') return `partitions ${change.topic}  ${change.from} → ${change.to}`
  if (change.kind === 'refused') return `refused    ${change.topic}  ${change.reason}`
  const settings = Object.entries(change.from).map(([name, from]) => `${name}: ${from} → ${change.config[name]}`)
  return `configure  ${change.topic}  ${settings.join(', ')}`
}

function parseReplicas(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('write a number from 1')
  return Number(text)
}
