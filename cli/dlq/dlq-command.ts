import { type Command, InvalidArgumentError } from 'commander'
import { type Bus, BusError } from '../../bus/bus.ts'
import { createBus } from '../../bus/create.ts'
import { ATTEMPT_HEADER, redriven } from '../../bus/dead-letter.ts'
import { type Contract, loadContract } from '../../schemas/contract.ts'
import { table } from '../analyze/table.ts'
import { runningBusFrom } from '../bus-options.ts'
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { deadLetters as texts } from '../texts.ts'
import { findLetter, findLetters, type FoundLetter, type LetterFilter } from './letters.ts'

interface ListOptions extends LetterFilter {
  json?: boolean
}
interface RedriveOptions extends ListOptions {
  all?: boolean
  yes?: boolean
}

/** `sre dlq list`, `show` and `redrive`: what a part could not take, on either bus. */
export function addDlq(program: Command, context: ClientContext, askYes: (question: string) => Promise<boolean>): void {
  const dlq = program.command('dlq').description('see what could not be taken from the bus, and bring it again')
  filtered(dlq.command('list').description('list dead letters, oldest first')).action((options: ListOptions) =>
    withBus(context, (bus, contract) => list(context, bus, contract, options)),
  )
  dlq
    .command('show')
    .description('show one dead letter: why, where it lay, its headers and its bytes')
    .argument('<id>', 'as sre dlq list shows it')
    .option('--json', 'print JSON instead of text; the bytes as base64')
    .action((id: string, options: { json?: boolean }) =>
      withBus(context, async (bus, contract) => show(context, bus, await existing(bus, contract, id), options)),
    )
  filtered(dlq.command('redrive').description('publish dead letters to the topics they came from, as new attempts'))
    .argument('[ids...]', 'as sre dlq list shows them')
    .option('--all', 'every dead letter, or every one that --topic and --consumer leave')
    .option('--yes', 'do not ask')
    .action((ids: string[], options: RedriveOptions) =>
      withBus(context, (bus, contract) => redrive(context, bus, contract, ids, options, askYes)),
    )
}

const filtered = (command: Command): Command => {
  const { topics, deadLetterTopics } = loadContract()
  return command
    .option('--topic <name>', 'only of this topic', oneOf(topics.map(({ name }) => name)))
    .option('--consumer <name>', 'only of this part', oneOf([...new Set(deadLetterTopics.map((one) => one.consumer))]))
    .option('--json', 'print JSON instead of text')
}

const oneOf = (known: readonly string[]) => (text: string) => {
  if (!known.includes(text)) throw new InvalidArgumentError(`there are: ${known.join(', ')}`)
  return text
}

async function withBus(context: ClientContext, work: (bus: Bus, contract: Contract) => Promise<void>): Promise<void> {
  const contract = loadContract()
  const bus = await createBus(runningBusFrom(readConfig(context.environment), contract))
  try {
    await work(bus, contract)
  } catch (error) {
    throw error instanceof BusError ? new CommandError(error.message) : error
  } finally {
    await bus.close()
  }
}

async function list(context: ClientContext, bus: Bus, contract: Contract, options: ListOptions): Promise<void> {
  const letters = await findLetters(bus, contract, options)
  if (options.json === true) return context.print(JSON.stringify(letters.map(asJson)))
  const rows = letters.map(({ id, deadSince, letter: { code, key, reason } }) => [
    ...[`${new Date(deadSince).toISOString().slice(0, 19)}Z`, id, code, key ?? '', reason],
  ])
  if (rows.length > 0) table([texts.titles[context.language], ...rows], context.columns).forEach(context.print)
  context.note(texts.count(letters.length)[context.language])
}

async function show(context: ClientContext, bus: Bus, found: FoundLetter, { json }: { json?: boolean }): Promise<void> {
  if (json === true) return context.print(JSON.stringify(asJson(found)))
  const { id, deadSince, letter } = found
  const { origin } = letter
  const value = await bus.decode({ ...letter, origin }).then(
    (received) => JSON.stringify(received.value, null, 2).split('\n'),
    () => [texts.bytes(letter.value.length, letter.value.subarray(0, 400).toString('latin1'))[context.language]],
  )
  const say = texts.labels[context.language]
  const rows = [
    [say.since, new Date(deadSince).toISOString()],
    [say.reason, `${letter.code}: ${letter.reason}`],
    [say.for, `${letter.consumer} (group ${letter.group})`],
    [say.lay, `${origin.topic}, partition ${origin.partition}, offset ${origin.offset}, ${new Date(origin.timestamp).toISOString()}`], // prettier-ignore
    [say.key, letter.key ?? say.none],
    ...Object.entries(letter.headers).map(([name, text]) => [say.header, `${name}: ${text}`]),
  ]
  for (const line of [id, ...table(rows, Number.POSITIVE_INFINITY), ...value]) context.print(line)
}

async function redrive(
  context: ClientContext,
  bus: Bus,
  contract: Contract,
  ids: readonly string[],
  options: RedriveOptions,
  askYes: (question: string) => Promise<boolean>,
): Promise<void> {
  if (ids.length === 0 && options.all !== true) throw new CommandError(texts.which)
  const letters: FoundLetter[] = []
  if (ids.length === 0) letters.push(...(await findLetters(bus, contract, options)))
  else for (const id of ids) letters.push(await existing(bus, contract, id))
  if (letters.length === 0) return context.note(texts.none[context.language])
  for (const { id, letter } of letters) context.note(`${id} → ${letter.origin.topic}  (${letter.code})`)
  if (options.yes !== true && !(await askYes(texts.again(letters.length)[context.language])))
    throw new CommandError(texts.notPublished)
  for (const found of letters) {
    const record = redriven(found.letter)
    await bus.publish([record])
    const attempt = Number(record.headers[ATTEMPT_HEADER])
    context.print(
      options.json === true
        ? JSON.stringify({ id: found.id, topic: record.topic, attempt })
        : texts.published(found.id, record.topic, attempt)[context.language],
    )
  }
}

async function existing(bus: Bus, contract: Contract, id: string): Promise<FoundLetter> {
  const found = await findLetter(bus, contract, id)
  if (found === null) throw new CommandError(texts.noSuch(id))
  return found
}

const asJson = ({ id, deadSince, letter: { raw: _raw, ...letter } }: FoundLetter) => ({
  id,
  dead_since: deadSince,
  ...letter,
  value: letter.value.toString('base64'),
})
