import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import type { Events } from '../../schemas/events.generated.ts'
import { requested } from '../gateway/records.ts'
import { evidence, facts, series } from '../postmortem/facts.ts'
import { until } from '../runtime/counting.ts'
import { type Person, startPerson } from './person.ts'

let person: Person
beforeAll(async () => {
  person = await startPerson()
})
afterAll(() => person.platform.close())
beforeEach(async () => {
  const standUp = person.sitDown()
  await person.login('alice')
  return standUp
})

/** Runs the command, and answers its request in place of the agent. */
async function asked(line: string, change: Partial<Events['PostmortemCompleted']> = {}) {
  const requests = async () => (await person.platform.published('PostmortemRequested')).map(({ value }) => value)
  const before = new Set((await requests()).map(({ postmortem_id: id }) => id))
  const ran = person.sre(line)
  ran.catch(() => undefined)
  const question = await until(60_000, 'the question is published', async () =>
    (await requests()).find(({ postmortem_id: id }) => !before.has(id)),
  )
  const { postmortem_id, incident_ids, session_ids, language } = question
  await person.platform.tell({
    event: 'PostmortemCompleted',
    value: {
      ...{ event_id: uuid(), session_id: null, sequence: 0, tenant: 'default', occurred_at: Date.now(), postmortem_id },
      ...{
        revision: 1,
        run_id: 'r',
        handler_version: '1',
        status: 'completed',
        reason: null,
        incident_ids,
        session_ids,
      },
      ...{ title: { en: 'cart is slow' }, summary: { en: 'It was slow.' }, language, requested_at: 0, execution_ms: 1 },
      report: JSON.stringify(writeReport(facts({ postmortemId: postmortem_id }))),
      ...change,
    },
  })
  return { question, terminal: await ran }
}

describe('sre postmortem', () => {
  const session = uuid()
  test('prints the report of incidents and sessions, named in full or by their end', async () => {
    await person.platform.tell(requested(session, { incident_ids: ['INC-1'] }))
    const { question, terminal } = await asked(`postmortem INC-1 ${session.slice(-6)} ${session} --language zh-TW`)
    expect(question).toMatchObject({ incident_ids: ['INC-1'], session_ids: [session], language: 'zh-TW' })
    expect(terminal.out.join('\n')).toMatch(/^# cart is slow\n\n## 摘要\n/)
  })

  test('takes a number that no session ends with for an incident', async () => {
    await person.platform.tell(requested(uuid(), { incident_ids: ['10234567'] }))
    const { question } = await asked('postmortem 10234567')
    expect(question).toMatchObject({ incident_ids: ['10234567'], session_ids: [] })
  })

  test('takes a UUID that no session has for an incident', async () => {
    const incident = uuid()
    await person.platform.tell(requested(uuid(), { incident_ids: [incident] }))
    const { question } = await asked(`postmortem ${incident}`)
    expect(question).toMatchObject({ incident_ids: [incident], session_ids: [] })
  })

  test('writes it to a file, in the format asked for', async () => {
    const file = join(person.dataDir, 'postmortem.html')
    const { terminal } = await asked(`postmortem INC-1 --format html --output ${file}`)
    expect(terminal.out).toEqual([])
    expect(terminal.notes.at(-1)).toBe(`written to ${file}`)
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>\n<html lang="en">[^]*<svg |<h2>Timeline/)
    await expect(asked(`postmortem INC-1 --output ${person.dataDir}`)).rejects.toThrow(/^cannot write .*EISDIR/)
  })

  test('writes the charts of Markdown beside it, linked', async () => {
    const measured = evidence('golden-signals', { series: [series('frontend', 'error_ratio', 'ratio', () => 0.5)] })
    const report = JSON.stringify(writeReport(facts({}, [measured])))
    const file = join(person.dataDir, 'post+mortem.md')
    const { terminal } = await asked(`postmortem INC-1 --output ${file}`, { report })
    expect(readFileSync(file, 'utf8')).toContain('](post-mortem-1.svg)')
    expect(readFileSync(join(person.dataDir, 'post-mortem-1.svg'), 'utf8')).toMatch(/^<svg xmlns=[^]*<polyline/)
    expect(terminal.notes.at(-1)).toBe(`charts: 1, from ${join(person.dataDir, 'post-mortem-1.svg')}`)
  })

  test('prints JSON for programs', async () => {
    const { terminal } = await asked('postmortem INC-1 --format json')
    expect(JSON.parse(terminal.out.join(''))).toMatchObject({ status: 'completed', report: { version: 1 } })
  })

  test('lists what was written, and prints one of them again', async () => {
    const { postmortem_id: id } = (await asked('postmortem INC-1')).question
    const { out } = await person.sre('postmortem list')
    expect(out.join('\n')).toMatch(new RegExp(`^${id.slice(-6)} +\\S+Z +completed +draft +cart is slow$`, 'm'))
    expect(JSON.parse((await person.sre('postmortem list --json --page 1')).out.join(''))).toMatchObject({ pagination: { page: 1 } }) // prettier-ignore
    expect((await person.sre(`postmortem show ${id.slice(-6)}`)).out[0]).toBe('# cart is slow')
    const json = await person.sre(`postmortem show ${id} --format json`)
    expect(JSON.parse(json.out.join(''))).toMatchObject({ postmortem_id: id })
    await expect(person.sre(`postmortem show ${uuid()}`)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  })

  test('is completed from a file or in an editor, and a change that comes too late keeps its file', async () => {
    const { postmortem_id: id } = (await asked('postmortem INC-1')).question
    const file = join(person.dataDir, 'edited.yaml')
    const printed = (await person.sre(`postmortem edit ${id.slice(-6)} --print`)).out.join('\n')
    expect(printed).toMatch(
      /^# cart is slow\n# Change [^]*^revision: 1\nstate: draft\nsummary: It was slow.\n[^]*- id: AI-1\n/m,
    )
    writeFileSync(file, printed)
    expect((await person.sre(`postmortem edit ${id} --file ${file}`)).notes).toEqual(['nothing changed'])
    writeFileSync(file, `${printed.replace('owner: null', 'owner: team cart').replace('It was slow.', 'We forgot to test.')}\n  - { type: learn, text: Test it }\n`) // prettier-ignore
    const edited = await person.sre(`postmortem edit ${id} --file ${file}`)
    expect(edited.out).toEqual(['revision 2, draft'])
    expect(edited.notes).toEqual([expect.stringMatching(/^summary\.en: "forgot to" may blame/)])
    expect((await person.sre(`postmortem show ${id}`)).out.join('\n')).toMatch(
      /forgot to test[^]*team cart[^]*Test it[^]*## Revisions/,
    )

    await expect(person.sre(`postmortem edit ${id} --file ${file}`)).rejects.toMatchObject({ code: 'RESOURCE_CONFLICT', details: [expect.stringContaining('revision 2 by a team_manager')] }) // prettier-ignore
    const editor = { askYes: async () => false, environment: { EDITOR: 'sed -i s/^notes:.*/notes:\\ sooner/' } }
    expect((await person.sre(`postmortem edit ${id}`, editor)).out).toEqual(['revision 3, draft'])
    const terminal = { out: [], notes: [] as string[], growing: [] }
    const wrong = { ...editor, environment: { EDITOR: 'sed -i s/^state:.*/state:\\ published/' } }
    await expect(person.sre(`postmortem edit ${id}`, wrong, terminal)).rejects.toMatchObject({
      code: 'RESOURCE_CONFLICT',
    })
    const kept = /kept in (.+)$/.exec(terminal.notes.join())![1]!
    expect(readFileSync(kept, 'utf8')).toContain('state: published')
    rmSync(dirname(kept), { recursive: true })
    writeFileSync(file, 'revision: x\nduration: 1')
    await expect(person.sre(`postmortem edit ${id} --file ${file}`)).rejects.toMatchObject({ code: 'INVALID_FILE', details: [expect.stringContaining('revision'), expect.stringContaining('duration')] }) // prettier-ignore
    await person.login('root')
    expect((await person.sre(`postmortem edit ${id} --state reviewed`)).out).toEqual(['revision 4, reviewed'])

    // through the API, a text may end with a line break, and hold characters that a terminal shows escaped
    const body = { revision: 4, notes: 'sooner\n', impact_notes: ' two\u2028shops \u2800' }
    expect(await person.platform.ask('alice', 'PATCH', `/api/v1/postmortems/${id}`, { body })).toMatchObject({ status: 200 }) // prettier-ignore
    writeFileSync(file, (await person.sre(`postmortem edit ${id} --print`)).out.join('\n'))
    expect((await person.sre(`postmortem edit ${id} --file ${file}`)).notes).toEqual(['nothing changed'])
  })

  test('says why there is no report, and which ids are unknown', async () => {
    const failing = asked('postmortem INC-1', {
      status: 'failed',
      reason: 'source_failed: x',
      report: null,
      summary: { en: 'No report: no answer.' },
    })
    await expect(failing).rejects.toMatchObject({ message: 'No report: no answer.', code: 'SOURCE_FAILED' })
    const unknown = { status: 'failed', reason: 'unknown_ids: INC-8, INC-9', report: null }
    await expect(asked('postmortem INC-1 INC-8 INC-9', unknown)).rejects.toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
      details: [expect.stringContaining('INC-8'), expect.stringContaining('INC-9')],
    })
  })
})
