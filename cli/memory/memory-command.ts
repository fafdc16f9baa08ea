/** `sre memory`: what people know about the systems, for those who operate them. */
import { type Command, InvalidArgumentError } from 'commander'
import { helpNote } from '../language.ts'
import type { ClientContext } from '../login/context.ts'
import type { ForgetOptions, MemoryOptions, SearchOptions } from './options.ts'

const MOST_FOUND = 50

export function addMemory(program: Command, context: ClientContext): void {
  const commands = () => import('./commands.ts')
  const memory = program.command('memory').description('keep runbooks, and find what they say about a problem (CHROMA_URL)') // prettier-ignore
  withMemoryOptions(
    memory
      .command('ingest')
      .description('bring Markdown runbooks in by heading; what is gone from a folder is removed')
      .argument('<paths...>', 'files, or folders with .md files')
      .addHelpText('after', helpNote(context, 'Example: CHROMA_URL=http://127.0.0.1:8000 sre memory ingest runbooks')),
  ).action(async (paths: string[], options: MemoryOptions) => (await commands()).ingestPaths(context, paths, options))
  withMemoryOptions(
    memory
      .command('search')
      .description('find what is known, best first: by meaning, by words, and error codes and names to the letter')
      .argument('<question...>', 'in your own words')
      .option('--service <name>', 'only what names this service')
      .option('--limit <number>', 'at most so many', parseLimit, 5),
  ).action(async (words: string[], options: SearchOptions) => (await commands()).find(context, words.join(' '), options)) // prettier-ignore
  withMemoryOptions(
    memory
      .command('show')
      .description('show one entry whole')
      .argument('<entry>', 'entry id, as sre memory search prints it'),
  ).action(async (id: string, options: MemoryOptions) => (await commands()).showEntry(context, id, options))
  withMemoryOptions(
    memory
      .command('forget')
      .description('remove entries, by id or by source')
      .argument('[what...]', 'entry ids, or sources such as runbooks/cart.md')
      .option('--all', 'everything of this tenant')
      .option('--yes', 'do not ask for confirmation'),
  ).action(async (what: string[], options: ForgetOptions) => (await commands()).forget(context, what, options))
}

const withMemoryOptions = (command: Command): Command =>
  command.option('--tenant <name>', 'whose memory', 'default').option('--json', 'print JSON instead of text')

function parseLimit(text: string): number {
  const limit = Number(text)
  if (!/^\d+$/.test(text) || limit < 1 || limit > MOST_FOUND)
    throw new InvalidArgumentError(`expected a number from 1 to ${MOST_FOUND}`)
  return limit
}
