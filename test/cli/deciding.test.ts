import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { actionHash } from '../../schemas/action-hash.ts'
import { approvalClosed, approvalRequested, completed, declined, requested, rollback } from '../gateway/records.ts'
import { until } from '../runtime/counting.ts'
import { startPerson } from './person.ts'
import type { Person } from './person.ts'

let person: Person
beforeAll(async () => {
  person = await startPerson()
})
afterAll(() => person.platform.close())
beforeEach(() => person.sitDown())

const sre: Person['sre'] = (...line) => person.sre(...line)
const login = (username: string) => person.login(username)

describe('deciding', () => {
  let approval: string
  beforeEach(async () => {
    approval = uuid()
    const session = uuid()
    await person.platform.tell(requested(session), approvalRequested(session, approval))
  })

  test('approves exactly the action that was shown, as the signed-in user', async () => {
    await login('alice')
    expect((await sre('approvals')).out.join('\n')).toContain(
      `${approval}  pending  Run rollback on cart with to = v1 (risk: medium`,
    )
    const { out, notes } = await sre(`approve ${approval} --reason "looks right"`)
    expect(notes.join('\n')).toContain('rollback cart; parameters: to = v1; only if still: image_tag = v2')
    expect(out.join()).toContain('approved')
    const { out: json } = await sre('approvals --status decided --json')
    expect(JSON.parse(json[0] ?? '').items[0]).toMatchObject({
      approval_id: approval,
      decision: { decided_by: `${person.platform.issuer.url}|alice`, reason: 'looks right' },
    })
  })
  test('shows the action apart from free text, which cannot hide it or control the terminal', async () => {
    await login('alice')
    const [other, session] = [uuid(), uuid()]
    const event = approvalRequested(session, other)
    event.value.title = { en: 'Nothing at all\u001b[2J\nApproved already\u202e' }
    event.value.action = { ...event.value.action, service: 'c\u0430rt' }
    event.value.action_hash = actionHash(event.value.action)
    await person.platform.tell(requested(session), event)
    const { notes } = await sre(`approve ${other} --reason "looks right"`)
    const text = notes.join('\n')
    expect(text).toContain('Run rollback on "c\\u0430rt" with to = v1')
    expect(text).toContain('note by the assistant: “Nothing at all\\u001b[2J\\nApproved already\\u202e”')
    expect((await sre('approvals --language zh-TW')).out.join('\n')).not.toContain('\u202e')
  })
  test('shows who proposed an action by hand, with the reason as theirs', async () => {
    await login('alice')
    const [other, session] = [uuid(), uuid()]
    const proposed_by = { id: 'http://issuer|dora', role: 'team_manager', client: 'console', via: 'mcp' }
    await person.platform.tell(requested(session), approvalRequested(session, other, { proposed_by }))
    const text = (await sre('approvals')).out.join('\n')
    expect(text).toContain('proposed by dora (team_manager, by an assistant): “v2 fails”')
    expect((await sre('approvals --language zh-TW')).out.join('\n')).toContain(
      '提出者 dora（team_manager，透過助理）：「',
    )
  })
  test('is refused if the approval has a different hash than the action shown', async () => {
    await login('alice')
    const [other, session] = [uuid(), uuid()]
    const event = approvalRequested(session, other)
    event.value.action = { ...event.value.action, service: 'orders' }
    await person.platform.tell(requested(session), event)
    await expect(sre(`approve ${other} --reason x`)).rejects.toThrow('does not match its action')
  })
  test('finds an approval by the end of its id', async () => {
    await login('alice')
    await expect(sre(`approve 000000 --reason x`)).rejects.toThrow('ends in 000000')
    const { out } = await sre(`approve ${approval.slice(-8).toUpperCase()} --reason "looks right" --json`)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ approval_id: approval, decision: { decision: 'approved' } })
  })
  test('decides nothing if the end of the id is ambiguous', async () => {
    await login('alice')
    const [one, other] = [uuid(), uuid()].map((id) => `${id.slice(0, -6)}abcdef`) as [string, string]
    for (const id of [one, other]) {
      const session = uuid()
      await person.platform.tell(requested(session), approvalRequested(session, id))
    }
    await expect(sre('approve abcdef --reason x')).rejects.toThrow(
      /abcdef matches several ids: .+, .+; give the full id/,
    )
    expect((await sre('approvals')).out.join('\n')).toContain(`${other}  pending`)
  })
  test('of an approval that joined another names the one to decide on, even to the person who asked', async () => {
    await login('alice')
    const [joining, session] = [uuid(), uuid()]
    const asked = requested(session)
    asked.value.requested_by = `${person.platform.issuer.url}|alice`
    await person.platform.tell(asked, approvalRequested(session, joining))
    const closed = approvalClosed(session, joining, 'joined', approval)
    await person.platform.tell({ ...closed, value: { ...closed.value, code: 'joined', decided_by: null } })
    for (const decide of ['approve', 'reject'])
      await expect(sre(`${decide} ${joining} --reason x`)).rejects.toMatchObject({
        texts: {
          en: `approval ${approval} proposes the same action and counts for both: decide on that one (npx sre approvals)`,
          'zh-TW': expect.stringContaining(approval) as string,
        },
      })
    const shown = (await sre('approvals --status joined')).out.join('\n')
    expect(shown).toContain('joined: approval')
    expect(shown).not.toContain('(joined)')
  })
  test('rejects', async () => {
    await login('root')
    const { out } = await sre(`reject ${approval} --reason "not now" --json`)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ decision: { decision: 'rejected' } })
  })
  test('is refused to a user without the role, with a clear message', async () => {
    await login('bob')
    await expect(sre(`approve ${approval} --reason x`)).rejects.toMatchObject({
      code: 'INSUFFICIENT_PERMISSIONS',
      texts: { en: expect.stringMatching(/^bob has team_member; deciding on an action needs team_manager or super_admin$/) }, // prettier-ignore
    })
    await expect(sre(`reject ${approval} --reason x --language zh-TW`)).rejects.toMatchObject({
      texts: {
        'zh-TW': expect.stringMatching(/^bob 的角色是 team_member；核准或拒絕動作需要 team_manager 或 super_admin/),
      },
    })
    await expect(sre('diagnose --service cart')).rejects.toThrow(/^bob has team_member; asking for a diagnosis needs /)
  })
  test('is refused if the approval requires another role, with a clear message', async () => {
    await login('alice')
    const [other, session] = [uuid(), uuid()]
    await person.platform.tell(
      requested(session),
      approvalRequested(session, other, { approver_roles: ['super_admin'] }),
    )
    await expect(sre(`approve ${other} --reason x`)).rejects.toThrow(
      /^alice has team_manager; this approval needs super_admin$/,
    )
  })
  test('says who has approved, and that another person has to, where two are needed', async () => {
    await login('alice')
    const [critical, session] = [uuid(), uuid()]
    await person.platform.tell(requested(session), approvalRequested(session, critical, { risk: 'critical' }))
    const { out, notes } = await sre(`approve ${critical} --reason "looks right"`)
    expect(notes.join('\n')).toContain('  0 of 2 approvals')
    expect(out).toEqual(['approved: 1 of 2 approvals; another person still has to approve'])
    expect((await sre('approvals')).out.join('\n')).toContain('  1 of 2 approvals\n    alice: looks right')
    expect((await sre('approvals --language zh-TW')).out.join('\n')).toContain('  2 人中已有 1 人核准\n    alice')
    await expect(sre(`approve ${critical} --reason again`)).rejects.toThrow(/^you have already approved this action/)
    await login('carol')
    expect((await sre(`approve ${critical} --reason "I agree"`)).out.join()).toContain('approved; next, the executor')
    const all = (await sre('approvals --status decided')).out.join('\n')
    expect(all).toContain('  2 of 2 approvals\n    alice: looks right\n    carol: I agree')
  })
  test('requires a reason', async () => {
    await expect(sre(`approve ${approval}`)).rejects.toThrow('--reason')
  })
})

describe('proposing', () => {
  let session: string
  beforeEach(async () => {
    session = uuid()
    await person.platform.tell(requested(session), completed(session, { occurred_at: Date.now() }))
    await login('alice')
  })
  const published = () =>
    until(60_000, 'the proposal is published', async () =>
      (await person.platform.published('ActionProposed'))
        .map(({ value }) => value)
        .find((one) => one.session_id === session),
    )

  test('shows the approval, and that another person decides', async () => {
    const proposing = sre(`propose ${session} rollback --param to=v1 --param note=a=b --reason "v2 fails"`)
    const { approval_id, parameters, proposed_by } = await published()
    expect(parameters).toEqual({ to: 'v1', note: 'a=b' })
    const action = { ...rollback, service: 'orders' }
    await person.platform.tell(approvalRequested(session, approval_id, { proposed_by, action, action_hash: actionHash(action) })) // prettier-ignore
    const { out, notes } = await proposing
    expect(out.join('\n')).toContain(`${approval_id}  pending  Run rollback on orders with to = v1`)
    expect(out.join('\n')).toContain('proposed by alice (team_manager): “v2 fails”')
    expect(notes).toEqual([`another person decides: npx sre approve ${approval_id} --reason "…"`])
    await expect(sre(`approve ${approval_id} --reason x`)).rejects.toThrow('the person who proposed the action may not decide on it') // prettier-ignore
  })

  test.each([
    ['action', '<action>'],
    ['parameters', '--param'],
    ['service', '--service'],
  ])('that is declined for its %s names %s, and why', async (field, option) => {
    const refused = expect(sre(`propose ${session} rollback --reason x`)).rejects.toMatchObject({
      ...{ code: 'VALIDATION_ERROR', details: [`  - ${option}: it is wrong`] },
    })
    const { approval_id } = await published()
    await person.platform.tell(declined(session, { approval_id, field, reason: { en: 'it is wrong' } }))
    await refused
  })

  test('refuses a parameter without a value before anything is asked', async () => {
    await expect(sre(`propose ${session} rollback --param to --reason x`)).rejects.toThrow('expected NAME=VALUE')
    expect((await person.platform.published('ActionProposed')).filter(({ value }) => value.session_id === session)).toEqual([]) // prettier-ignore
  })
})
