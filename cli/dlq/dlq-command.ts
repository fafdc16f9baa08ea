import { type Command, InvalidArgumentError } from 'commander'
import { type Bus, BusError } from '../../bus/bus.ts'
import { createBus } from '../../bus/create.ts'
import { type Contract, loadContract } from '../../schemas/contract.ts'
import { clauses, labelled, noted } from '../../gateway/present/words.ts'
import { table } from '../analyze/table.ts'
import { runningBusFrom } from '../bus-options.ts'
import { readConfig } from '../config.ts'
import type { Texts } from '../../gateway/present/texts.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { deadLetters as texts } from '../texts.ts'
import { parseMoment } from './moment.ts'
import { type FoundLetter, type LetterEntry, type LetterFilter, listLetters, readLetters } from './letters.ts'
import { redrive } from './redrive.ts'

interface ListOptions extends LetterFilter {
  json?: boolean
  redriven?: boolean
}
interface RedriveOptions extends ListOptions {
  all?: boolean
  again?: boolean
  yes?: boolean
}

/** `sre dlq list`, `show` and `redrive`, on either bus. */
export function addDlq(program: Command, context: ClientContext, askYes: (question: string) => Promise<boolean>): void {
  const dlq = program.command('dlq').description('inspect and redrive dead letters')
  filtered(dlq.command('list').description('list dead letters, oldest first'), context)
    .option('--redriven', 'include redriven ones')
    .action((options: ListOptions) => withBus(context, (bus, contract) => list(context, bus, contract, options)))
  dlq
    .command('show')
    .description('show one dead letter: reason, origin, headers and bytes')
    .argument('<id>', 'id, as listed by sre dlq list')
    .option('--json', 'print JSON instead of text, with the bytes as base64')
    .action((id: string, options: { json?: boolean }) =>
      withBus(context, async (bus, contract) => show(context, bus, await existing(bus, contract, id), options)),
    )
  filtered(dlq.command('redrive').description('republish dead letters to their original topics'), context)
    .argument('[ids...]', 'ids, as listed by sre dlq list')
    .option('--all', 'all dead letters not yet redriven that match the filters')
    .option('--again', 'include those already redriven')
    .option('--yes', 'do not ask for confirmation')
    .action((ids: string[], options: RedriveOptions) =>
      withBus(context, (bus, contract) => bring(context, bus, contract, ids, options, askYes)),
    )
}

const filtered = (command: Command, { now }: ClientContext): Command => {
  const { topics, deadLetterTopics } = loadContract()
  return command
    .option('--topic <name>', 'only from this topic', oneOf(topics.map(({ name }) => name)))
    .option(
      '--consumer <name>',
      'only of this consumer',
      oneOf([...new Set(deadLetterTopics.map((one) => one.consumer))]),
    )
    .option('--code <code>', 'only with this code')
    .option('--since <time>', 'only dead-lettered since: 30m, 2h, 1d ago, or 2026-11-28T10:00:00Z', parseMoment(now))
    .option('--until <time>', 'only dead-lettered before this time (same formats)', parseMoment(now))
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
  const all = await listLetters(bus, contract, options)
  const letters = all.filter(({ redriven }) => options.redriven === true || !redriven)
  if (options.json === true) return printJson(context, bus, contract, letters)
  const say = texts.states[context.language]
  const rows = letters.map(({ id, deadSince, code, key, reason, whole, redriven }) => [
    ...[`${new Date(deadSince).toISOString().slice(0, 19)}Z`, id, code, key ?? ''],
    [...(redriven ? [say.redriven] : []), ...(whole ? [] : [say.shortened]), reason].join(' '),
  ])
  if (rows.length > 0) table([texts.titles[context.language], ...rows], context.columns).forEach(context.print)
  context.note(texts.count(letters.length)[context.language])
}

async function printJson(
  context: ClientContext,
  bus: Bus,
  contract: Contract,
  entries: readonly LetterEntry[],
): Promise<void> {
  // prettier-ignore
  const redriven = new Map(entries.map((entry) => [entry.id, entry.redriven]))
  const found = await Array.fromAsync(readLetters(bus, contract, redriven.keys()), (one) => ({ ...asJson(one), redriven: redriven.get(one.id) })) // prettier-ignore
  context.print(JSON.stringify(found.toSorted((a, b) => a.dead_since - b.dead_since)))
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
    [say.reason, labelled(context.language, letter.code, letter.reason)],
    [say.for, noted(context.language, letter.consumer, labelled(context.language, say.group, letter.group))],
    [say.lay, clauses(context.language, [origin.topic, `${say.partition} ${origin.partition}`, `${say.offset} ${origin.offset}`, new Date(origin.timestamp).toISOString()])], // prettier-ignore
    ...Object.entries(letter.shortened).map(([part, { bytes, sha256 }]) => [say.shortened, texts.cut(part, bytes, sha256)[context.language]]), // prettier-ignore
    [say.key, letter.key ?? say.none],
    ...Object.entries(letter.headers).map(([name, text]) => [say.header, `${name}: ${text}`]),
  ]
  for (const line of [id, ...table(rows, Number.POSITIVE_INFINITY), ...value]) context.print(line)
}

/** Letters listed before the confirmation; the others are only counted. */
const LISTED = 20
/** A progress line is printed after this many letters. */
const STEP = 500

async function bring(
  context: ClientContext,
  bus: Bus,
  contract: Contract,
  ids: readonly string[],
  options: RedriveOptions,
  askYes: (question: string) => Promise<boolean>,
): Promise<void> {
  if (ids.length === 0 && options.all !== true) throw new CommandError(texts.which)
  const say = (said: Texts) => context.note(said[context.language])
  const known = await listLetters(bus, contract, options)
  const chosen = ids.length === 0 ? wanted(known, options, say) : named(known, ids, options)
  if (chosen.length === 0) return say(texts.none)
  for (const { id, topic, code } of chosen.slice(0, LISTED)) context.note(`${id} → ${topic}  (${code})`)
  if (chosen.length > LISTED) say(texts.more(chosen.length - LISTED))
  if (options.yes !== true && !(await askYes(texts.again(chosen.length)[context.language])))
    throw new CommandError(texts.notPublished)
  let done = 0
  let refused = 0
  for await (const one of redrive(
    bus,
    readLetters(
      bus,
      contract,
      chosen.map(({ id }) => id),
    ),
  )) {
    // prettier-ignore
    if ('reason' in one) {
      refused++
      say(texts.refused(one.id, one.reason))
    } else
      context.print(
        options.json === true
          ? JSON.stringify(one)
          : texts.published(one.id, one.topic, one.attempt)[context.language],
      )
    if (++done % STEP === 0 && done < chosen.length) say(texts.progress(done, chosen.length))
  }
  if (refused > 0) throw new CommandError(texts.someRefused(refused))
}

/** Letters that match the filters and can still be redriven. */
function wanted(known: readonly LetterEntry[], { again }: RedriveOptions, say: (said: Texts) => void): LetterEntry[] {
  const shortened = known.filter(({ whole }) => !whole)
  if (shortened.length > 0) say(texts.shortenedStay(shortened.length))
  return known.filter(({ whole, redriven }) => whole && (again === true || !redriven))
}

/** The named letters; every one that cannot be redriven is reported before any is. */
function named(known: readonly LetterEntry[], ids: readonly string[], { again }: RedriveOptions): LetterEntry[] {
  const byId = new Map(known.map((entry) => [entry.id, entry]))
  return [...new Set(ids)].map((id) => {
    const entry = byId.get(id)
    if (entry === undefined) throw new CommandError(texts.noSuch(id))
    if (!entry.whole) throw new CommandError(texts.shortened(id))
    if (entry.redriven && again !== true) throw new CommandError(texts.already(id))
    return entry
  })
}

async function existing(bus: Bus, contract: Contract, id: string): Promise<FoundLetter> {
  for await (const found of readLetters(bus, contract, [id])) return found
  throw new CommandError(texts.noSuch(id))
}

const asJson = ({ id, deadSince, letter: { raw: _raw, ...letter } }: FoundLetter) => ({
  id,
  dead_since: deadSince,
  ...letter,
  value: letter.value.toString('base64'),
})
