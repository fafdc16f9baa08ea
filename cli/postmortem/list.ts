/** `sre postmortem list`. */
import type { Command } from 'commander'
import type { PostmortemSummary } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { readable } from '../../gateway/present/words.ts'
import { table } from '../analyze/table.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { parsePage, withClientOptions } from '../login/options.ts'
import { pageOf } from '../texts.ts'
import { postmortem as texts } from './texts.ts'

interface ListOptions extends ClientOptions {
  page: number
}

export function addList(postmortem: Command, context: ClientContext): void {
  withClientOptions(
    postmortem
      .command('list')
      .description('list postmortems, newest first')
      .option('--page <number>', 'page number', parsePage, 1),
  ).action((_: unknown, asked: Command) => list(context, asked.optsWithGlobals()))
}

async function list(context: ClientContext, options: ListOptions): Promise<void> {
  const path = `/postmortems?page=${options.page}`
  const page = await connect(context, options).ask('listPostmortems', { method: 'GET', path })
  if (options.json) return context.print(JSON.stringify(page))
  const rows = page.items.map((one) => row(one, context.language))
  if (rows.length > 0) table([texts.titles[context.language], ...rows], context.columns).forEach(context.print)
  context.note(pageOf(page.pagination)[context.language])
}

const row = (one: PostmortemSummary, language: Language): string[] => [
  one.postmortem_id.slice(-6),
  `${one.requested_at.slice(0, 19)}Z`,
  readable(language, one.status),
  one.state === null ? '-' : readable(language, one.state),
  one.title ?? one.error ?? '',
]
