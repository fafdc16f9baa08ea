/** The whole loop without a person: a test user approves through the same APIs as a person at the terminal. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Platform } from '../../embedded/platform.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import { badDeployment } from '../../lab/scenario.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import type { Language } from '../../gateway/present/language.ts'
import { actionReason, closingReason, endingReason } from '../../gateway/present/reasons.ts'
import { wordIn } from '../../gateway/present/words.ts'
import { paint } from '../terminal/line.ts'
import { createNarrator, narrateOn } from '../terminal/narrate.ts'
import { collectBaseline } from './baseline.ts'
import type { DemoOptions } from './options.ts'
import { leftAlone } from './own-systems.ts'
import { showRecorded } from './recorded.ts'
import { deployBadRelease, isStaged, type Watch, watchBus } from './show.ts'
import { startForTerminal } from './start.ts'
import { failures, shown } from './texts.ts'
import { inTurns } from './turns.ts'

const MINUTE = 60_000

export async function demo(context: ClientContext, { verbose, again }: DemoOptions): Promise<void> {
  const { language } = context
  const dataDir = await mkdtemp(join(tmpdir(), 'sre-demo-'))
  const unused = leftAlone(context.environment)
  if (unused.length > 0) context.note(shown.leftAlone(unused)[language])
  const platform = await startForTerminal(context, { dataDir, port: 0 })
  try {
    const baseline = isStaged(platform) ? collectBaseline(platform.shop.lab) : null
    const turns = inTurns(narrateOn(context, createNarrator(language, verbose)))
    const watch = await watchBus(platform.bus, turns.hear)
    for (const result of await showRecorded(context, platform.bus, { watch, turns }))
      if (result.status !== 'completed')
        throw new CommandError(failures.notDiagnosed(endingReason(result.reason, language) ?? result.status))
    await baseline?.complete(context)
    const first = await untilRolledBack(platform, watch, language, [])
    if (again) {
      context.print(paint('dim', shown.again[language]))
      if (isStaged(platform)) await collectBaseline(platform.shop.lab).complete(context)
      await untilRolledBack(platform, watch, language, [first])
    }
    await watch.stop()
    context.print(paint('green', shown.happened[language]))
  } finally {
    await platform.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Deploys a bad release and waits until its rollback has helped and the postmortem stands; `before`: approvals of earlier releases. Returns the approval. */
async function untilRolledBack(
  platform: Platform,
  watch: Watch,
  language: Language,
  before: readonly string[],
): Promise<string> {
  if (isStaged(platform)) await deployBadRelease(platform)
  const approval = await watch.until(
    'ApprovalRequested',
    (value) => value.action.service === badDeployment.service && !before.includes(value.approval_id),
    2 * MINUTE,
  )
  const { approval_id } = approval
  await approve(platform, approval)
  const closed = await watch.until('ApprovalClosed', (value) => value.approval_id === approval_id, MINUTE)
  if (closed.outcome !== 'approved')
    throw new CommandError(
      failures.notApproved(wordIn(language, closed.outcome), closingReason(closed, language) ?? closed.code),
    )
  const done = await watch.until('ActionCompleted', (value) => value.approval_id === approval_id, 3 * MINUTE)
  if (done.outcome !== 'succeeded' || done.effect !== 'helped')
    throw new CommandError(
      failures.notHelped(
        wordIn(language, done.outcome),
        wordIn(language, done.effect),
        actionReason(done, language) ?? '',
      ),
    )
  await watch.until('PostmortemCompleted', ({ session_ids }) => session_ids.includes(approval.session_id), 2 * MINUTE)
  return approval_id
}

/** Approves at the gateway as a signed-in user with the required role. */
async function approve(platform: Platform, approval: ApprovalRequested): Promise<void> {
  const person = platform.issuer.people.find((one) => one.roles.includes('team_manager'))
  if (person === undefined) throw new CommandError(failures.nobodyMay('decide'))
  const { accessToken } = await signIn({
    issuer: platform.issuer.url,
    username: person.username,
    password: person.password,
  })
  const url = new URL(`/api/v1/approvals/${approval.approval_id}/decision`, platform.gatewayUrl)
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        decision: 'approved',
        reason: 'approved by the test user of the demo',
        action_hash: approval.action_hash,
      }),
    })
    if (response.ok) return
    // the gateway's view may not have the approval request yet
    if (response.status !== 404 || attempt >= 50)
      throw new CommandError(failures.notDecided(response.status, await response.text()))
    await delay(200)
  }
}
