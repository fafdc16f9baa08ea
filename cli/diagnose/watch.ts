import { setTimeout as sleep } from 'node:timers/promises'
import type { ApprovalEvent, DiagnosticResult } from '../../gateway/api.generated.ts'
import { wordIn } from '../../gateway/present/words.ts'
import { CommandError } from '../login/context.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { GatewayAwayError, type GatewayClient } from '../login/gateway-client.ts'
import { asking } from '../texts.ts'
import { createEventRenderer } from './render.ts'

/** When to stop: at the verdict, or once every decision on its actions has been made. */
export type Until = 'verdict' | 'end'

export interface WatchOptions extends ClientOptions {
  /** every query to a source */
  verbose?: boolean
  /** verdicts that make the command exit with 3 */
  failOn?: string[]
}

/** ms; a decision that was already made arrives sooner than this after its request */
const QUIET_MS = 1000
const running = new Set(['processing', 'awaiting_approval', 'acting'])
const patience = 30

/** Exit code for `--fail-on`; 1 means that there is no answer. */
export const FAILED_ON = 3
/** Exit code if no source knows the service. */
export const UNKNOWN = 4

/**
 * Follows a session and prints it: with --json every event, or until the verdict only the session as it is then. Resumes after a lost connection or an expired token. Throws
 * `CommandError` if the session failed or was cancelled, or if the gateway is unreachable for 30 s.
 */
export async function watch(
  context: ClientContext,
  client: GatewayClient,
  sessionId: string,
  options: WatchOptions,
  until: Until = 'end',
): Promise<void> {
  const renderer = createEventRenderer(context.language, options.verbose ?? false)
  let lastId: string | undefined
  let verdict: string | null = null
  let lost = 0
  let undecided: NodeJS.Timeout | undefined
  // with --fail-on, too, stop at the verdict instead of waiting for decisions
  const isTold = () => (until === 'verdict' || options.failOn !== undefined) && verdict !== null
  for (;;) {
    try {
      await readEvents()
      const status = await client.ask('getSessionStatus', { method: 'GET', path: `/diagnostics/${sessionId}/status` })
      if (running.has(status.status) && !isTold()) {
        await sleep(200)
        continue
      }
      if (options.json && until === 'verdict') context.print(JSON.stringify(status))
      if (isTold() || status.status === 'completed' || status.status === 'partial') {
        if (verdict === null || options.failOn?.includes(verdict) !== true) return
        throw new CommandError(asking.failedOn(wordIn(context.language, verdict)), {
          code: 'VERDICT',
          exitCode: FAILED_ON,
        })
      }
      const unknown = status.error_code === 'unknown_service' ? { code: 'UNKNOWN_SERVICE', exitCode: UNKNOWN } : {}
      throw new CommandError(asking.ended(wordIn(context.language, status.status), status.error), unknown)
    } catch (error) {
      if (error instanceof CommandError && !(error instanceof GatewayAwayError)) throw error
      if (++lost > patience) throw error
      if (lost === 1) context.note(asking.lost[context.language])
      await sleep(1000)
    }
  }

  async function readEvents(): Promise<void> {
    try {
      for await (const { id, event, data } of await client.events(sessionId, lastId)) {
        show(event ?? 'message', data)
        if (event === 'approval') noteIfUndecided(JSON.parse(data) as ApprovalEvent)
        lastId = id ?? lastId
        lost = 0
        if (isTold()) break
      }
    } finally {
      clearTimeout(undecided)
    }
  }

  /** Says that the command waits: after a request nothing may be printed for an hour. */
  function noteIfUndecided({ state }: ApprovalEvent): void {
    clearTimeout(undecided)
    if (state === 'requested' && !options.json)
      undecided = setTimeout(() => context.note(asking.stillUndecided[context.language]), QUIET_MS)
  }

  function show(name: string, data: string): void {
    if (name === 'final_result') verdict = (JSON.parse(data) as DiagnosticResult).verdict
    if (options.json) {
      if (until === 'end') context.print(JSON.stringify({ event: name, data: JSON.parse(data) }))
      return
    }
    const lines = renderer.lines(name, JSON.parse(data))
    context.grow(renderer.growing())
    lines.forEach(context.print)
  }
}
