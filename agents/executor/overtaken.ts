/** Closes open approvals whose target has changed since they were proposed, so that nobody reviews an action that can no longer run. */
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import type { Emission, Run } from '../runtime/agent.ts'
import { evidenceEvents } from '../runtime/evidence-events.ts'
import type { Approvals } from './approvals.ts'
import { closed } from './closed.ts'
import { overtake } from './judge.ts'
import { askTarget, compare, ownerOf, type TargetOptions } from './target.ts'

export interface OvertakenOptions extends TargetOptions {
  approvals: Pick<Approvals, 'openFor' | 'close'>
}

/** Reads the target again if it has open approvals, and closes those proposed for another state. */
export async function* closeOvertaken(
  request: ApprovalRequested,
  run: Run,
  options: OvertakenOptions,
  label: string,
): AsyncIterable<Emission> {
  const open = await run.step(`${label}others`, () => options.approvals.openFor(request.tenant, request.action))
  if (open.length === 0) return
  const target = await askTarget(request, run, options, `${label}moved target`)
  yield evidenceEvents(ownerOf(run, request.session_id), [target])
  const overtaken = open.flatMap((one) => {
    const now = compare(one.action, target)
    return 'moved' in now && now.moved !== null ? [{ one, closing: overtake(now.moved) }] : []
  })
  const counted = await run.step(`${label}overtake`, async () => {
    const done: string[] = []
    for (const { one, closing } of overtaken) {
      const { approval_id } = one
      const stands = await options.approvals.close({ tenant: request.tenant, approval_id }, closing, run.id, null)
      if (stands !== null) done.push(approval_id)
    }
    return done
  })
  const events = overtaken.filter(({ one }) => counted.includes(one.approval_id))
  if (events.length > 0) yield events.map(({ one, closing }) => closed(one, closing))
}
