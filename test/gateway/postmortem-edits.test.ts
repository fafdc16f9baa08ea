/** People complete postmortems: each change is a revision and an event, and of two at once one gets a conflict. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { fold } from '../../gateway/views/fold.ts'
import type { Postmortem } from '../../gateway/api.generated.ts'
import { findEdits } from '../../gateway/views/postmortem-edits.ts'
import type { Report } from '../../postmortem/report.ts'
import type { PostmortemRevised } from '../../schemas/events.generated.ts'
import { facts } from '../postmortem/facts.ts'
import { requested } from './records.ts'
import { type Platform, startPlatform } from './platform.ts'

const PATH = '/api/v1/postmortems'
const session = uuid()
let platform: Platform
beforeAll(async () => {
  platform = await startPlatform({ limits: { read: 1000, write: 1000, diagnose: 1000 } })
  await fold([requested(session)], { pool: platform.pool, readDecision: async () => null })
}, 180_000)
afterAll(() => platform?.close())

const written = (postmortem_id: string, over: object = {}) => ({
  event: 'PostmortemCompleted' as const,
  value: {
    ...{ event_id: uuid(), session_id: null, sequence: 0, tenant: 'default', occurred_at: Date.now(), postmortem_id },
    ...{ revision: 1, run_id: 'r', handler_version: '1', status: 'completed', reason: null, incident_ids: [] },
    ...{ session_ids: [session], title: { en: 'cart is slow' }, summary: { en: 'It was slow.', 'zh-TW': '變慢。' } },
    ...{ language: null, requested_at: Date.now(), execution_ms: 1 },
    ...{ report: JSON.stringify(writeReport(facts({ postmortemId: postmortem_id }))), ...over },
  },
})
/** A postmortem that stands, at revision 1. */
async function stands(): Promise<string> {
  const { body } = await platform.ask('alice', 'POST', PATH, { body: { session_ids: [session] } })
  const id = String(body['postmortem_id'])
  await platform.tell(written(id))
  await expect.poll(async () => (await read(id)).revision, { timeout: 60_000 }).toBe(1)
  return id
}
const patch = (id: string, body: object, who = 'alice', headers: Record<string, string> = {}) =>
  platform.ask(who, 'PATCH', `${PATH}/${id}`, { body, headers })
type Read = Postmortem & { report: Report }
const read = async (id: string) => (await platform.ask('bob', 'GET', `${PATH}/${id}`)).body as unknown as Read
const page = async (id: string, format: string, language = 'en') =>
  (await platform.ask('bob', 'GET', `${PATH}/${id}?format=${format}`, { headers: { 'accept-language': language } })).text // prettier-ignore

describe('a postmortem', () => {
  it('is completed by people, in revisions that are events, and stays as computed otherwise', async () => {
    const id = await stands()
    const before = await read(id)
    expect(before).toMatchObject({ revision: 1, state: 'draft', revisions: [], edited: { summary: {}, notes: null } })
    const first = before.report.action_items[0]!
    const answer = await patch(id, {
      revision: 1,
      summary: { en: 'A release made cart slow.' },
      notes: 'The runbook helped.\n\n<b>Next</b> time sooner.',
      impact_notes: 'Two shops called.',
      action_items: [
        { id: first.id, owner: 'team cart', state: 'done' },
        { type: 'detect', text: 'Alert on checkout', owner: 'team shop' },
      ],
    })
    expect(answer).toMatchObject({ status: 200, body: { warnings: [], postmortem: { revision: 2, state: 'draft' } } })
    const after = await read(id)
    expect(after).toEqual(answer.body['postmortem'])
    expect(after).toMatchObject({
      summary: 'A release made cart slow.',
      edited: { summary: { en: 'A release made cart slow.' }, impact_notes: 'Two shops called.' },
      revisions: [{ revision: 2, role: 'team_manager', state: 'draft', counts: true, changed: ['summary', 'notes', 'impact_notes', 'action_items'] }], // prettier-ignore
    })
    const { action_items, ...rest } = after.report
    const { action_items: computed, ...same } = before.report
    expect(rest).toEqual(same)
    expect(action_items).toEqual([
      { ...first, owner: 'team cart', state: 'done' },
      ...computed.slice(1),
      { id: 'P-1', type: 'detect', text: { en: 'Alert on checkout', 'zh-TW': 'Alert on checkout' }, reason: '', priority: 'medium', owner: 'team shop', state: 'open' }, // prettier-ignore
    ])
    const [event] = (await platform.published('PostmortemRevised')).filter(({ value }) => value.postmortem_id === id)
    expect(event?.value).toMatchObject({ edit: 1, report_revision: 1, tenant: 'default', role: 'team_manager' })
    expect(event?.value.revised_by).toMatch(/\|alice$/)

    const html = await page(id, 'html')
    for (const text of ['draft, revision 2', 'A release made cart slow.', 'Two shops called.', 'team manager', 'Alert on checkout', 'added by people']) expect(html).toContain(text) // prettier-ignore
    expect(html).not.toMatch(/alice|<b>Next/)
    const markdown = await page(id, 'md', 'zh-TW')
    for (const text of ['草稿，第 2 版', '## 補充說明', '## 版次', '團隊主管']) expect(markdown).toContain(text)
    expect(markdown, 'nobody wrote a summary in Chinese').not.toContain('A release made cart slow.')
  })

  it('changed by two at once keeps the first change, and tells the second what it missed', async () => {
    const id = await stands()
    const another = await platform.another()
    try {
      const token = await platform.tokenOf('root')
      const [one, other] = await Promise.all([
        patch(id, { revision: 1, notes: 'from alice' }),
        another.inject({ method: 'PATCH', url: `${PATH}/${id}`, payload: { revision: 1, notes: 'from root' }, headers: { authorization: `Bearer ${token}` } }), // prettier-ignore
      ])
      const answers = [one, { status: other.statusCode, body: other.json<Record<string, unknown>>() }]
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
      const lost = answers.find(({ status }) => status === 409)
      expect(lost?.body).toMatchObject({ error: 'RESOURCE_CONFLICT', message: expect.stringContaining('read revision 2'), details: [{ message: expect.stringMatching(/^revision 2 by a \w+ at .* changed: notes$/) }] }) // prettier-ignore
      const winner = one.status === 200 ? 'from alice' : 'from root'
      expect(await read(id)).toMatchObject({ revision: 2, edited: { notes: winner } })
      const mine = winner === 'from alice' ? 'from root' : 'from alice'
      expect((await patch(id, { revision: 2, notes: `${winner}, ${mine}` }, 'root')).status).toBe(200)
      expect(await read(id)).toMatchObject({ revision: 3, edited: { notes: `${winner}, ${mine}` } })
    } finally {
      await another.close()
    }
  })

  it('keeps a change that was made while the bus did not take an earlier one: the repeat of that is refused', async () => {
    const id = await stands()
    const keyed = { 'idempotency-key': uuid() }
    const mine = { revision: 1, notes: 'from alice' }
    platform.takeBusAway(true)
    expect((await patch(id, mine, 'alice', keyed)).status).toBe(503)
    platform.takeBusAway(false)
    expect((await patch(id, { revision: 1, notes: 'from root' }, 'root')).status).toBe(200)
    expect(await patch(id, mine, 'alice', keyed)).toMatchObject({ status: 409, body: { message: expect.stringContaining('read revision 2') } }) // prettier-ignore
    expect(await read(id)).toMatchObject({ revision: 2, edited: { notes: 'from root' }, revisions: [{}] })
  })

  it('goes from draft to reviewed to published; a changed text makes it a draft again, an action item does not', async () => {
    const id = await stands()
    expect(await patch(id, { revision: 1, state: 'published' })).toMatchObject({ status: 409 })
    expect((await patch(id, { revision: 1, notes: 'mine' })).status).toBe(200)
    expect(await patch(id, { revision: 2, state: 'reviewed' })).toMatchObject({ status: 403, body: { message: expect.stringContaining('last does not review') } }) // prettier-ignore
    expect((await patch(id, { revision: 2, state: 'reviewed' }, 'root')).body['postmortem']).toMatchObject({ state: 'reviewed', revision: 3 }) // prettier-ignore
    expect((await patch(id, { revision: 3, state: 'published' })).body['postmortem']).toMatchObject({ state: 'published' }) // prettier-ignore
    const item = (await read(id)).report.action_items[0]!.id
    expect((await patch(id, { revision: 4, action_items: [{ id: item, state: 'dropped' }] })).body['postmortem']).toMatchObject({ state: 'published' }) // prettier-ignore
    expect((await patch(id, { revision: 5, notes: null })).body['postmortem']).toMatchObject({ state: 'draft', edited: { notes: null } }) // prettier-ignore
    expect(await page(id, 'html', 'zh-TW')).toMatch(/草稿，第 6 版[^]*已發布/)
  })

  it('warns of blame in what people write, and keeps it', async () => {
    const id = await stands()
    const { body } = await patch(id, { revision: 1, notes: '這是人為疏失', action_items: [{ type: 'learn', text: 'Ask @carol, who forgot to check' }] }, 'alice', { 'accept-language': 'en' }) // prettier-ignore
    expect(body['warnings']).toEqual([
      { field: 'body.notes', code: 'blame', message: expect.stringContaining('人為疏失') },
      { field: 'body.action_items[0].text', code: 'person', message: 'this names a person: name the role instead' },
      { field: 'body.action_items[0].text', code: 'blame', message: expect.stringContaining('forgot to') },
    ])
    expect((await read(id)).edited.notes).toBe('這是人為疏失')
  })

  it('refuses more text than fits into one event, and keeps the revision', async () => {
    const id = await stands()
    const long = '\u{1f642}'
    const texts = { summary: { en: long.repeat(20_000), 'zh-TW': long.repeat(20_000) }, notes: long.repeat(20_000) }
    // in two languages each
    const items = Array.from({ length: 50 }, () => ({ type: 'learn', text: long.repeat(1000) }))
    for (const revision of [1, 2])
      expect((await patch(id, { revision, action_items: items.slice(revision) })).status).toBe(200)
    expect((await patch(id, { revision: 3, ...texts })).status).toBe(200)
    expect(await patch(id, { revision: 4, impact_notes: long.repeat(20_000) })).toMatchObject({ status: 413, body: { error: 'INVALID_REQUEST', message: 'the request is too large' } }) // prettier-ignore
    expect(await read(id)).toMatchObject({ revision: 4, edited: { impact_notes: null } })
  })

  it.each([
    ['nothing but a revision', { revision: 1 }, 422],
    ['no change', { revision: 1, state: 'draft' }, 422],
    ['a computed number', { revision: 1, impact: { duration_ms: 1 } }, 422],
    ['an unknown item', { revision: 1, action_items: [{ id: 'AI-99', state: 'done' }] }, 422],
    ['the text of an item', { revision: 1, action_items: [{ id: 'AI-1', text: 'other' }] }, 422],
    ['an item without a text', { revision: 1, action_items: [{ type: 'learn' }] }, 422],
    ['control characters', { revision: 1, notes: 'a\u0000' }, 422],
    ['a revision that never was', { revision: 7, notes: 'x' }, 409],
  ])('refuses %s', async (_what, body, status) => {
    expect(await patch(await stands(), body)).toMatchObject({ status })
  })

  it('is changed by people of its tenant only, once it stands', async () => {
    const id = await stands()
    const body = { revision: 1, notes: 'x' }
    expect(await patch(id, body, 'bob')).toMatchObject({ status: 403 })
    expect(await patch(id, body, 'control-plane')).toMatchObject({ status: 403, body: { message: 'only people change a postmortem' } }) // prettier-ignore
    expect(await patch(uuid(), body)).toMatchObject({ status: 404 })
    const { body: asked } = await platform.ask('alice', 'POST', PATH, { body: { session_ids: [session] } })
    expect(await patch(String(asked['postmortem_id']), body)).toMatchObject({ status: 409 })
    const keyed = { 'idempotency-key': uuid() }
    const [one, again] = [await patch(id, body, 'alice', keyed), await patch(id, body, 'alice', keyed)]
    expect(again.body).toEqual(one.body)
  })

  it('is the same in whatever order its events arrive, and a report written again keeps what people wrote', async () => {
    const id = await stands()
    await patch(id, { revision: 1, notes: 'one', action_items: [{ type: 'learn', text: 'first' }] })
    await patch(id, { revision: 2, notes: 'two' })
    const { edits: seen, latest } = await findEdits(platform.pool, 'default', id)
    expect(seen.map(({ edit, changed }) => [edit, changed])).toEqual([[1, ['notes', 'action_items']], [2, ['notes']]]) // prettier-ignore
    expect(JSON.stringify(seen), 'each edit repeats the texts before it').not.toContain('first')
    expect(latest).toMatchObject({ edit: 2, notes: 'two' })
    const { rows } = await platform.pool.query<{ body: PostmortemRevised }>('SELECT body FROM gateway.postmortem_edits WHERE postmortem_id = $1 ORDER BY edit', [id]) // prettier-ignore
    const edits = rows.map(({ body }) => body)
    const late: PostmortemRevised = { ...edits[0]!, event_id: uuid(), occurred_at: edits[0]!.occurred_at + 1, notes: 'lost' } // prettier-ignore
    const before = await read(id)
    await platform.pool.query('DELETE FROM gateway.postmortem_edits WHERE postmortem_id = $1', [id])
    const records = [late, edits[1]!, edits[0]!, edits[1]!].map((value) => ({ event: 'PostmortemRevised' as const, value })) // prettier-ignore
    for (const record of records) await fold([record], { pool: platform.pool, readDecision: async () => null })
    const { revisions, ...after } = await read(id)
    const { revisions: _, ...same } = before
    expect(after).toEqual(same)
    expect(revisions.map((one) => [one.revision, one.counts])).toEqual([[2, true], [2, false], [3, true]]) // prettier-ignore

    await platform.tell(written(id, { revision: 2 }))
    await expect.poll(async () => (await read(id)).revision, { timeout: 60_000 }).toBe(4)
    expect(await read(id)).toMatchObject({ edited: { notes: 'two' } })
    expect(await patch(id, { revision: 3, notes: 'x' }), 'the report was written again since').toMatchObject({ status: 409 }) // prettier-ignore
  })

  it('written again with another item of the same id keeps both, and what people change in either', async () => {
    const id = await stands()
    const { report } = await read(id)
    const [item, ...others] = report.action_items
    await patch(id, { revision: 1, action_items: [{ id: item!.id, owner: 'team cart' }] })
    const other = { ...item!, text: { en: 'Something else', 'zh-TW': '另一件事' } }
    await platform.tell(written(id, { revision: 2, report: JSON.stringify({ ...report, action_items: [other, ...others] }) })) // prettier-ignore
    await expect.poll(async () => (await read(id)).revision, { timeout: 60_000 }).toBe(3)
    const earlier = `${item!.id} (before)`
    expect((await patch(id, { revision: 3, action_items: [{ id: item!.id, owner: 'team shop' }] })).status).toBe(200)
    expect((await patch(id, { revision: 4, action_items: [{ id: earlier, state: 'done' }] })).status).toBe(200)
    expect((await patch(id, { revision: 5, notes: 'x' })).body['postmortem']).toMatchObject({ revisions: [{}, {}, {}, { changed: ['notes'] }] }) // prettier-ignore
    expect((await read(id)).report.action_items).toEqual([
      { ...other, owner: 'team shop' },
      ...others,
      { ...item, id: earlier, owner: 'team cart', state: 'done' },
    ])
  })
})
