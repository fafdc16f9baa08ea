/** Forged statements in the executor's name. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { Pool } from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSeal } from '../../agents/executor/statements.ts'
import type { EncodedRecord } from '../../bus/bus.ts'
import { readDeadLetter } from '../../bus/dead-letter.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import type { ViewEvent } from '../../gateway/views/fold.ts'
import { signClaim } from '../../schemas/signed.ts'
import { signStatement, statementHeader } from '../../schemas/statement.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { actionCompleted, approvalClosed, approvalRequested, completed, recommended, requested } from './records.ts'

let platform: Platform
let pool: Pool
let session: string
let approval: string

beforeAll(async () => {
  platform = await startPlatform({ limits: { read: 100_000 } })
  pool = openPool({ connectionString: platform.databaseUrl, max: 2 })
})
afterAll(async () => {
  await pool.end()
  await platform.close()
})
beforeEach(async () => {
  session = uuid()
  approval = uuid()
  await platform.tell(
    requested(session),
    completed(session, { recommended_actions: recommended(approval) }),
    approvalRequested(session, approval),
  )
})

const encoded = ({ event, value }: ViewEvent): Promise<EncodedRecord> => platform.bus.encode(event, value)
const sealed = async (event: ViewEvent) => createSeal(pool)(event.event, await encoded(event))
const shown = async () => (await platform.ask('alice', 'GET', `/api/v1/approvals/${approval}`)).body
const status = async () => (await platform.ask('alice', 'GET', `/api/v1/diagnostics/${session}/status`)).body['status']
const letters = async (topic: string) => {
  const found = []
  for await (const letter of platform.bus.browse(`${topic}.gateway.dlq`)) found.push(readDeadLetter(letter))
  return found
}

/** Publishes a record and waits until it is a dead letter of the gateway. */
async function putAside(record: EncodedRecord, code: string): Promise<void> {
  await platform.bus.publish([record])
  const letter = () => letters(record.topic).then((all) => all.find(({ value }) => value.equals(record.value)))
  await expect.poll(letter, { timeout: 60_000, interval: 20 }).toMatchObject({ code })
}

describe('a statement of the executor', () => {
  test('closes the approval and ends the session', async () => {
    await platform.tell(approvalClosed(session, approval), actionCompleted(session, approval))
    expect(await shown()).toMatchObject({
      status: 'approved',
      outcome: { outcome: 'succeeded' },
      ignored_statement: false,
    })
    expect(await status()).toBe('completed')
  })
  test('is accepted from every executor process that ever signed, including a new one', async () => {
    await platform.bus.publish([await sealed(approvalClosed(session, approval, 'rejected'))])
    await expect.poll(async () => (await shown())['status']).toBe('rejected')
  })
  test('is accepted if it comes before the request', async () => {
    const later = uuid()
    await platform.tell(approvalClosed(session, later, 'expired'))
    await platform.tell(approvalRequested(session, later))
    approval = later
    expect(await shown()).toMatchObject({ status: 'expired' })
  })
  test('can be verified by others with the public keys', async () => {
    await platform.tell(approvalClosed(session, approval))
    const { body, text } = await platform.ask(null, 'GET', '/.well-known/statement-keys.json')
    expect(body['keys']).toContainEqual(expect.objectContaining({ kty: 'OKP', alg: 'EdDSA', use: 'sig' }))
    expect(text).not.toContain('"d"')
  })
})

describe('a forged statement changes nothing, becomes a dead letter with its reason, and is reported', () => {
  const stranger = async () => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA')
    const kid = await calculateJwkThumbprint(await exportJWK(publicKey))
    return { privateKey, kid, alg: 'EdDSA' as const }
  }
  const withSignature = (record: EncodedRecord, jws: string) => ({
    ...record,
    headers: { ...record.headers, [statementHeader]: jws },
  })
  const statementIn = (record: EncodedRecord) => record.headers[statementHeader] ?? ''
  const unchanged = async () => {
    expect(await shown()).toMatchObject({ status: 'pending', closed: null, outcome: null, ignored_statement: true })
    expect(await status()).toBe('awaiting_approval')
    const { rows } = await pool.query(
      `SELECT event FROM gateway.session_events WHERE session_id = $1 AND event IN ('ApprovalClosed', 'ActionCompleted')`,
      [session],
    )
    expect(rows).toEqual([])
  }

  test.each([
    ['a closing', () => approvalClosed(session, approval)],
    ['an outcome', () => actionCompleted(session, approval)],
  ])('%s without a signature', async (_what, event) => {
    await putAside(await encoded(event()), 'statement_unsigned')
    await unchanged()
  })
  test('signed with an unknown key', async () => {
    const record = await encoded(approvalClosed(session, approval))
    const jws = await signStatement(await stranger(), 'ApprovalClosed', record.value)
    await putAside(withSignature(record, jws), 'statement_unknown_key')
    await unchanged()
  })
  test("that names an executor's key but is signed with another", async () => {
    const genuine = await sealed(approvalClosed(session, approval))
    const [head = ''] = statementIn(genuine).split('.')
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }
    const record = await encoded(approvalClosed(session, approval))
    const jws = await signStatement({ ...(await stranger()), kid }, 'ApprovalClosed', record.value)
    await putAside(withSignature(record, jws), 'statement_bad_signature')
    await unchanged()
  })
  test("with the signature for another approval's closing", async () => {
    const other = await sealed(approvalClosed(session, uuid()))
    const record = await encoded(approvalClosed(session, approval))
    await putAside(withSignature(record, statementIn(other)), 'statement_other_content')
    await unchanged()
  })
  test('with the signature for the same closing of another tenant, or with another outcome', async () => {
    const rejected = approvalClosed(session, approval, 'rejected')
    const genuine = await sealed(rejected)
    for (const change of [{ tenant: 'other' }, { outcome: 'approved' }]) {
      const altered = { ...rejected, value: { ...rejected.value, ...change } } as ViewEvent
      await putAside(withSignature(await encoded(altered), statementIn(genuine)), 'statement_other_content')
    }
    await unchanged()
  })
  test('of another kind, though signed by the gateway itself', async () => {
    const record = await encoded(approvalClosed(session, approval))
    const jws = await signClaim(await platform.keys.signer(), 'sre-decision+jwt', { event: 'ApprovalClosed' })
    await putAside(withSignature(record, jws), 'statement_wrong_type')
    await unchanged()
  })
  test('without any signature', async () => {
    const record = await encoded(approvalClosed(session, approval))
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const jws = `${part({ alg: 'none', typ: 'sre-statement+jwt', kid: 'k' })}.${part({ event: 'ApprovalClosed' })}.`
    await putAside(withSignature(record, jws), 'statement_bad_algorithm')
    await putAside(withSignature(await encoded(approvalClosed(session, approval)), 'x'), 'statement_malformed')
    await unchanged()
  })
  test('does not block the real one', async () => {
    await putAside(await encoded(approvalClosed(session, approval)), 'statement_unsigned')
    await platform.tell(approvalClosed(session, approval, 'rejected'))
    expect(await shown()).toMatchObject({ status: 'rejected', ignored_statement: true })
  })
  test('adds no row for an unknown approval', async () => {
    const unknown = uuid()
    await putAside(await encoded(approvalClosed(uuid(), unknown)), 'statement_unsigned')
    const { rowCount } = await pool.query(`SELECT FROM gateway.approvals WHERE approval_id = $1`, [unknown])
    expect(rowCount).toBe(0)
  })
  test('is not reported to other tenants', async () => {
    const closed = approvalClosed(session, approval)
    await putAside(await encoded({ ...closed, value: { ...closed.value, tenant: 'other' } }), 'statement_unsigned')
    expect(await shown()).toMatchObject({ status: 'pending', ignored_statement: false })
  })
  test('is counted', async () => {
    const { text } = await platform.ask(null, 'GET', '/api/v1/metrics')
    expect(text).toMatch(
      /sre_gateway_ignored_statements_total\{event="ApprovalClosed",code="statement_unsigned"\} [1-9]/,
    )
  })
})
