import type { Command } from 'commander'
import { renderApproval } from '../approvals/render.ts'
import { renderResult } from '../diagnose/render.ts'
import { watch } from '../diagnose/watch.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { parsePage, withClientOptions } from '../login/options.ts'

interface ListOptions extends ClientOptions {
  service?: string
  status?: string
  page: number
}

/** `sre sessions`, `sre show` and `sre cancel`. */
export function addSessions(program: Command, context: ClientContext): void {
  withClientOptions(
    program
      .command('sessions')
      .description('list diagnoses, newest first')
      .option('--service <name>', 'only about this service')
      .option(
        '--status <status>',
        'only processing, awaiting_approval, acting, completed, partial, failed or cancelled',
      )
      .option('--page <number>', 'which page', parsePage, 1),
  ).action((options: ListOptions) => list(context, options))
  withClientOptions(
    program
      .command('show')
      .description('show one diagnosis with its result')
      .argument('<session>', 'id of the session')
      .option('--watch', 'stay and show what happens until the session is over'),
  ).action((session: string, options: ClientOptions & { watch?: boolean }) => show(context, session, options))
  withClientOptions(
    program
      .command('cancel')
      .description('ask a running diagnosis to stop at its next step')
      .argument('<session>', 'id of the session'),
  ).action(async (session: string, options: ClientOptions) => {
    const path = `/sessions/${encodeURIComponent(session)}`
    const task = await connect(context, options).ask('cancelSession', { method: 'DELETE', path })
    context.print(options.json ? JSON.stringify(task) : task.message)
  })
}

async function list(context: ClientContext, options: ListOptions): Promise<void> {
  const query = new URLSearchParams({ page: String(options.page) })
  if (options.service !== undefined) query.set('service', options.service)
  if (options.status !== undefined) query.set('status', options.status)
  const page = await connect(context, options).ask('listSessions', {
    method: 'GET',
    path: `/diagnostics/history?${query}`,
  })
  if (options.json) return context.print(JSON.stringify(page))
  for (const { session_id, requested_at, status, service, kind, summary } of page.items)
    context.print([session_id, requested_at, status.padEnd(17), service ?? kind, summary ?? ''].join('  ').trimEnd())
  context.note(
    `page ${page.pagination.page} of ${Math.max(1, page.pagination.total_pages)}, ${page.pagination.total} in all`,
  )
}

async function show(
  context: ClientContext,
  session: string,
  options: ClientOptions & { watch?: boolean },
): Promise<void> {
  const client = connect(context, options)
  if (options.watch) return watch(context, client, session, options)
  const path = `/diagnostics/${encodeURIComponent(session)}/status`
  const found = await client.ask('getSessionStatus', { method: 'GET', path })
  const approvals = await Promise.all(
    found.approvals.map((id) => client.ask('getApproval', { method: 'GET', path: `/approvals/${id}` })),
  )
  if (options.json) return context.print(JSON.stringify({ ...found, approvals }))
  context.print(`${found.session_id}  ${found.status}  ${found.progress} %  ${found.service ?? found.kind}`)
  if (found.error !== null) context.print(found.error)
  if (found.result !== null) for (const line of renderResult(found.result, options.language)) context.print(line)
  else if (found.message !== null) context.print(found.message)
  for (const approval of approvals) for (const line of renderApproval(approval, options.language)) context.print(line)
}
