import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  approvalClosed,
  approvalRequested,
  closedLoop,
  completed,
  evidence,
  progressed,
  requested,
} from '../gateway/records.ts'
import { freePort } from '../servers/free-port.ts'
import { halfWidthIn } from '../architecture/half-width.ts'
import { emptyTerminal, startPerson } from './person.ts'
import type { Person } from './person.ts'

let person: Person
beforeAll(async () => {
  person = await startPerson()
})
afterAll(() => person.platform.close())
beforeEach(() => person.sitDown())

const sre: Person['sre'] = (...line) => person.sre(...line)
const login = (username: string) => person.login(username)

describe('asking', () => {
  beforeEach(async () => void (await login('alice')))

  test('prints the session, which can be shown and listed', async () => {
    const { out } = await sre('diagnose --service cart --since 30m --no-wait')
    const id = out[0] ?? ''
    for (const named of [id, id?.slice(-6)])
      expect((await sre(`show ${named}`)).out[0]).toContain(`${id}  processing  0 % done  cart`)
    const listed = (await sre('sessions --service cart')).out.find((line) => line.startsWith(id.slice(-6)))
    expect(listed).toMatch(/^[0-9a-f]{6} {2}\d\d-\d\d \d\d:\d\d {2}processing .*cart/)
    expect((await sre('sessions --service cart --wide')).out.join('\n')).toContain(id)
    const asked = (await person.platform.published('DiagnosisRequested')).find(
      ({ value }) => value.session_id === id,
    )?.value
    expect((asked?.window_end ?? 0) - (asked?.window_start ?? 0)).toBe(1_800_000)
  })
  test('about a deployment, as JSON', async () => {
    const { out } = await sre('diagnose --service cart --deployment d-1 --alert a-1 --no-wait --json')
    const task = JSON.parse(out[0] ?? '')
    expect(task).toMatchObject({ status: 'accepted' })
    const asked = (await person.platform.published('DiagnosisRequested')).find(
      ({ value }) => value.session_id === task.session_id,
    )?.value
    const named = { kind: 'deployment', service: 'cart', deployment_id: 'd-1', alert_ids: ['a-1'] }
    expect(asked).toMatchObject({ ...named, incident_ids: [] })
  })
  test.each([
    ['diagnose', 'name a target'],
    ['diagnose --service cart --no-wait --watch', 'leave out --no-wait'],
    ['diagnose --service cart --no-wait --fail-on incident', 'leave out --no-wait'],
    ['diagnose --deployment d-1', '--service'],
    ['diagnose --service cart --since soon', '90s, 30m, 2h or 1d'],
    ['diagnose --service cart --severity P9', 'Allowed choices'],
    [`show ${uuid()}`, 'no such session'],
    ['show seven', 'sre sessions lists the ids'],
    ['sessions --status odd', 'Allowed choices are processing'],
    ['sessions --page 0', 'a number from 1'],
  ])('%s is a usage error', async (line, message) => {
    await expect(sre(line)).rejects.toThrow(message)
  })
  test('with --watch prints events until the session ends', async () => {
    const session = uuid()
    await person.platform.tell(requested(session))
    const terminal = emptyTerminal()
    const watching = sre(`show ${session} --watch`, {}, terminal)
    await person.platform.tell(progressed(session, 40), evidence(session, { status: 'failed', error: 'loki: 502' }))
    await person.platform.tell(completed(session))
    await watching
    const text = terminal.out.join('\n')
    expect(text).toMatch(/failed prometheus golden-signals .* loki: 502/)
    expect(text).toContain('40 percent: 1 failed')
    expect(text).toContain('1. cart: deployed just before [evidence e-1]')
  })
  test('with --watch says that it waits for a decision, and only while it does', async () => {
    const [session, approval] = [uuid(), uuid()]
    const terminal = emptyTerminal()
    const [closed, acted] = closedLoop(session, approval).slice(-2)
    await person.platform.tell(...closedLoop(session, approval).slice(0, -2))
    const watching = sre(`show ${session} --watch`, {}, terminal)
    await expect.poll(() => terminal.notes.join(), { timeout: 60_000 }).toContain('waiting for a decision (Ctrl-C')
    await person.platform.tell(closed!, acted!)
    await watching
    expect((await sre(`show ${session} --watch`)).notes.join()).not.toContain('waiting for a decision')
  })
  test('with --watch fails with the reason of a failed session', async () => {
    const session = uuid()
    await person.platform.tell(
      requested(session),
      completed(session, { status: 'failed', reason: 'source_failed: no source answered' }),
    )
    await expect(sre(`show ${session} --watch --json`)).rejects.toThrow('no source answered')
  })
  test('with --watch exits with its own code for an unknown service, and does not mention others', async () => {
    const session = uuid()
    const summary = { en: 'No diagnosis: unknown service crat; did you mean cart?' }
    await person.platform.tell(
      requested(session),
      completed(session, { ...{ status: 'failed', reason: 'unknown_service: crat', summary }, verdict: null, root_causes: [], findings: [] }), // prettier-ignore
    )
    const terminal = emptyTerminal()
    const told = await sre(`show ${session} --watch`, {}, terminal).catch((error: unknown) => error)
    expect(told).toMatchObject({ exitCode: 4, code: 'UNKNOWN_SERVICE', message: 'the session ended as failed: unknown service: crat' }) // prettier-ignore
    expect(terminal.out.join('\n')).toContain(summary.en)
    expect(terminal.out.join('\n')).not.toMatch(/confidence|Root causes/)
    const { out } = await sre(`show ${session} --json`)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ status: 'failed', error_code: 'unknown_service' })
  })
  test('answers in the requested language', async () => {
    const session = uuid()
    await person.platform.tell(...closedLoop(session, uuid()))
    const { out } = await sre(`show ${session} --language zh-TW`)
    expect(out.join('\n')).toContain('cart 的版本有問題')
    expect(out.join('\n')).toContain('根因')
    expect(out.join('\n')).toContain('有事故')
    expect(out.join('\n')).toContain('已核准  對 cart 執行 rollback，參數 to = v1（風險：中）')
    expect(out.join('\n')).toContain('成功，有改善：rolled back')
    const watched = (await sre(`show ${session} --watch --language zh-TW`)).out.join('\n')
    for (const line of [...out, ...watched.split('\n')]) expect(halfWidthIn(line), line).toEqual([])
    expect(watched).toContain('［嚴重］cart：錯誤增加')
    expect(watched).toContain('已執行，成功，有改善：rolled back')
  })
  test('can be cancelled', async () => {
    const { out } = await sre('diagnose --service cart --no-wait')
    expect((await sre(`cancel ${out[0]}`)).out).toEqual(['it will stop at its next step'])
  })
  const sessionAbout = async (service: string): Promise<string> => {
    const asked = async () =>
      (await person.platform.published('DiagnosisRequested')).find(({ value }) => value.service === service)?.value
    await expect.poll(asked, { timeout: 60_000 }).toBeDefined()
    return (await asked())?.session_id ?? ''
  }
  test('waits for the diagnosis, but for nobody to decide on its actions', async () => {
    const waiting = sre('diagnose --service waited')
    const session = await sessionAbout('waited')
    await person.platform.tell(progressed(session, 20), approvalRequested(session, uuid()), completed(session))
    const { out, notes } = await waiting
    expect(out.join('\n')).toContain('1. cart: deployed just before [evidence e-1]')
    expect(notes.at(-1)).toBe(`npx sre show ${session}`)
  })
  test('fails with a code of its own for an unknown service; as JSON it prints one session', async () => {
    const terminal = emptyTerminal()
    const waiting = sre('diagnose --service crat --json', {}, terminal).catch((error: unknown) => error)
    const session = await sessionAbout('crat')
    await person.platform.tell(completed(session, { status: 'failed', reason: 'unknown_service: crat', verdict: null }))
    expect(await waiting).toMatchObject({ exitCode: 4, code: 'UNKNOWN_SERVICE' })
    expect(terminal.out).toHaveLength(1)
    expect(JSON.parse(terminal.out[0] ?? '')).toMatchObject({ session_id: session, status: 'failed', error_code: 'unknown_service' }) // prettier-ignore
  })
  test('about alerts and incidents names them all', async () => {
    const { out } = await sre(
      'diagnose --alert a-1 --alert a-2 --incident i-1 --namespace shop --severity P0 --no-wait',
    )
    const asked = (await person.platform.published('DiagnosisRequested')).find(
      ({ value }) => value.session_id === out[0],
    )?.value
    expect(asked).toMatchObject({ alert_ids: ['a-1', 'a-2'], incident_ids: ['i-1'], namespace: 'shop', severity: 'P0' })
  })
  test('with --watch survives lost connections', async () => {
    const terminal = emptyTerminal()
    const other = await person.platform.another()
    // a port that stays free while it is closed
    const base = await other.listen({ host: '127.0.0.1', port: await freePort() })
    const watching = sre(`diagnose --service watched --watch --gateway ${base}`, {}, terminal)
    const asked = async () =>
      (await person.platform.published('DiagnosisRequested')).find(({ value }) => value.service === 'watched')?.value
        .session_id
    await expect.poll(asked, { timeout: 60_000 }).toBeDefined()
    const session = (await asked()) ?? ''
    await person.platform.tell(progressed(session, 20))
    await expect.poll(() => terminal.growing.join('\n'), { timeout: 60_000 }).toContain('20 percent …')
    await other.close()
    await person.platform.tell(progressed(session, 80))
    const again = await person.platform.another()
    await again.listen({ host: '127.0.0.1', port: Number(new URL(base).port) })
    await person.platform.tell(
      completed(session, { status: 'partial', reason: 'loki failed', missing: [{ en: 'logs of cart' }] }),
    )
    await watching
    await again.close()
    const text = terminal.out.join('\n')
    expect(text.match(/20 percent/g)).toHaveLength(1)
    expect(text).toContain('80 percent')
    expect(text).toContain('Data gaps:\n  - logs of cart')
  })
  test('shows findings, approvals and actions as they arrive', async () => {
    const session = uuid()
    const approval = uuid()
    for (const event of closedLoop(session, approval)) await person.platform.tell(event)
    const shown = (await sre(`show ${session}`)).out.join('\n')
    expect(shown).toContain(`${approval}  approved  Run rollback on cart with to = v1 (risk: medium)`)
    expect(shown).toContain('  alice: looks right')
    expect(shown).toContain('succeeded, helped: rolled back')
    expect(shown).toContain(
      'cart latency_p95: normally 26.8 ms, 838 ms during the incident, no data after the action (unknown: the source has no data)',
    )
    const text = (await sre(`show ${session} --watch`)).out.join('\n')
    expect(text).toContain(
      `rollback (risk: medium), note by the assistant: “Roll back cart”  to approve: npx sre approve ${approval}`,
    )
    expect(text).toContain('[critical] cart: errors rose')
    expect(text).toContain(`acted, succeeded, helped: rolled back (${approval})`)
  })
  test('shows the action of the joined approval, if it is visible to the user', async () => {
    const [first, second, theirs, own, hidden] = [uuid(), uuid(), uuid(), uuid(), uuid()]
    await person.platform.tell(...closedLoop(first, theirs))
    const joins = (approval: string, other: string) => [
      approvalRequested(second, approval),
      approvalClosed(second, approval, 'joined', other),
    ]
    await person.platform.tell(requested(second), completed(second), ...joins(own, theirs), ...joins(hidden, uuid()))
    const shown = (await sre(`show ${second}`)).out.join('\n')
    expect(shown).toContain(`${own}  joined  `)
    expect(shown).toContain(`${theirs}  approved  Run rollback on cart with to = v1 (risk: medium)`)
    expect(shown).toContain('succeeded, helped: rolled back')
  })
  test('no longer calls an incident ongoing once an action has helped', async () => {
    const [session, approval] = [uuid(), uuid()]
    const [request, ...rest] = closedLoop(session, approval)
    const acted = rest.findIndex(({ event }) => event === 'ActionCompleted')
    const ongoing = { onset: Date.UTC(2026, 0, 2), phase: 'going_on' }
    const before = rest.slice(0, acted).map((one) => (one.event === 'DiagnosisCompleted' ? completed(session, { ...one.value, ...ongoing }) : one)) // prettier-ignore
    await person.platform.tell(request!, ...before)
    expect((await sre(`show ${session}`)).out.join('\n')).toMatch(/^incident \(confidence .*, going on\)$/m)
    await person.platform.tell(rest[acted]!)
    const shown = (await sre(`show ${session}`)).out.join('\n')
    expect(shown).toMatch(/^incident \(confidence .*, mitigated by an action at \S+\)$/m)
    expect(shown).not.toMatch(/going on|ongoing/)
  })
  test('lists one line per session that fits the terminal, cut between words', async () => {
    const [session, service] = [uuid(), 'a-service-with-a-name-longer-than-most']
    const words = Array.from({ length: 90 }, (_, at) => `word${at}`)
    await person.platform.tell(
      requested(session, { service }),
      completed(session, { summary: { en: words.join(' ') } }),
    )
    const list = async (line: string) => (await sre(line, { columns: 80 })).out.slice(1)
    const [short = ''] = await list(`sessions --service ${service}`)
    expect(short.length).toBeLessThanOrEqual(80)
    expect(short).toMatch(/ word\d+ …$/)
    const [wide = ''] = await list(`sessions --service ${service} --wide`)
    for (const whole of [session, service, words.join(' ')]) expect(wide).toContain(whole)
  })
  test('lists by service and status, as JSON', async () => {
    const session = uuid()
    await person.platform.tell(requested(session, { service: 'listed' }), completed(session))
    const page = JSON.parse((await sre('sessions --service listed --status completed --json')).out[0] ?? '')
    expect(page.items).toMatchObject([{ session_id: session, verdict: 'incident' }])
    expect(JSON.parse((await sre(`show ${session} --json`)).out[0] ?? '')).toMatchObject({ status: 'completed' })
    expect((await sre('sessions --service listed --page 2')).notes).toEqual(['page 2 of 1, 1 in all'])
  })
  test('reports an answer that is not from a gateway', async () => {
    const server = createServer((_request, response) => response.writeHead(502).end('<html>bad gateway</html>'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(sre(`sessions --gateway ${url}`)).rejects.toThrow('the gateway answered 502: <html>')
    server.close()
  })
  test('names an invalid value by its option', async () => {
    const error = await sre(`sessions --service ${'x'.repeat(5000)}`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message: 'the gateway refuses these values:', details: [expect.stringMatching(/^ {2}- --service: /)] }) // prettier-ignore
    const asked = await sre(`diagnose --service ${'x'.repeat(5000)}`).catch((thrown: unknown) => thrown)
    expect(asked).toMatchObject({ details: [expect.stringMatching(/^ {2}- --service: /)] })
    expect(String(asked)).not.toMatch(/4\d\d|request|body|affected_services/)
  })
  test('names the URL of an unreachable gateway', async () => {
    await expect(sre('sessions --gateway http://127.0.0.1:9')).rejects.toThrow('http://127.0.0.1:9 cannot be reached')
  })
})
