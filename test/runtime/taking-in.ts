/** Intake of events into an agent's queue, on either bus. */
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { type DeadLetter, readDeadLetter, redriven } from '../../bus/dead-letter.ts'
import { type CountingBench, until } from './counting.ts'

/** Largest batch a bus delivers from one partition; the test publishes more. */
const BATCH = 200
const PUBLISHED = 300

export function takingIn(bench: () => CountingBench) {
  const lettersOf = async (key: string): Promise<DeadLetter[]> => (await bench().letters(key)).map(readDeadLetter)

  it('sends an event its database cannot store to dead letters, and continues with the partition', async () => {
    const { bus, request, startAgent, ended } = bench()
    const agent = await startAgent({ steps: 1, later: true })
    const good = request()
    const odd = [
      { event: request(), headers: { sre_attempt: 'x' } },
      { event: { ...request(), tenant: 'a\u0000b' }, headers: {} },
      { event: { ...request(), event_id: randomBytes(5000).toString('hex') }, headers: {} },
      { event: { ...request(), context: { due: '-9e15' } }, headers: {} },
    ]
    const records = await Promise.all(
      [...odd, { event: good, headers: {} }].map(({ event, headers }) =>
        bus.encode('DiagnosisRequested', event, headers),
      ),
    )
    // one key, so one partition
    await bus.publish(records.map((record) => ({ ...record, key: good.session_id })))
    expect(await ended(good.event_id)).toBe('completed')
    const letters = await lettersOf(good.session_id)
    expect(letters.map(({ headers }) => headers['ce_id'])).toEqual(odd.map(({ event }) => event.event_id))
    for (const letter of letters) expect(letter).toMatchObject({ code: 'cannot_be_accepted', consumer: 'assistant' })
    expect(letters.map(({ reason }) => reason)).not.toContain('')
    await agent.stop()
  })

  it('starts a run for each of two tenants whose events have the same id, whatever the other did', async () => {
    const { pool, request, publish, startAgent, events } = bench()
    const agent = await startAgent({ steps: 1 })
    const theirs = { ...request(), tenant: 'other' }
    const mine = { ...request(), event_id: theirs.event_id }
    for (const one of [theirs, mine]) {
      await publish(one)
      await until(60_000, 'its run has ended', async () => {
        const { rows } = await pool.query(`SELECT outcome FROM runtime.runs WHERE session_id = $1 AND tenant = $2`, [one.session_id, one.tenant]) // prettier-ignore
        return rows[0]?.outcome === 'completed'
      })
      expect(await events('DiagnosisCompleted', one.session_id)).toMatchObject([{ tenant: one.tenant, status: 'completed' }]) // prettier-ignore
    }
    await agent.stop()
  })

  it('starts a redriven dead letter as a new attempt, whose result is the next revision', async () => {
    const { bus, request, publish, startAgent, ended, events } = bench()
    const agent = await startAgent({ steps: 1, fail: 'first attempt' })
    const asked = request()
    await publish(asked)
    expect(await ended(asked.event_id)).toBe('handler_failed')
    const [letter] = await lettersOf(asked.session_id)
    if (letter === undefined) throw new Error('there is a letter')
    // the same attempt twice
    await bus.publish([redriven(letter), redriven(letter)])
    expect(await ended(asked.event_id, 1)).toBe('completed')
    const results = await events('DiagnosisCompleted', asked.session_id)
    expect(results.map(({ status, revision, run_id }) => ({ status, revision, run_id }))).toEqual([
      { status: 'failed', revision: 1, run_id: `assistant/${asked.event_id}` },
      { status: 'completed', revision: 2, run_id: `assistant/${asked.event_id}/1` },
    ])
    await agent.stop()
  })

  it('takes in at most one batch while its queue is full, and loses nothing that waits', async () => {
    const { bus, pool, request, startAgent, ended } = bench()
    const limits = { concurrency: 1, queued: 3 }
    const slow = await startAgent({ steps: 1, stepMs: 60_000, limits })
    const requests = Array.from({ length: PUBLISHED }, () => request())
    const key = requests[0]?.session_id ?? ''
    const records = await Promise.all(requests.map((one) => bus.encode('DiagnosisRequested', one)))
    await bus.publish(records.map((record) => ({ ...record, key })))
    const taken = async () => (await pool.query(`SELECT FROM runtime.runs WHERE key = $1`, [key])).rowCount ?? 0
    let before = 0
    await until(60_000, 'nothing more is taken in', async () => {
      await new Promise((resolve) => setTimeout(resolve, 2000))
      const now = await taken()
      const settled = now > limits.queued && now === before
      before = now
      return settled
    })
    expect(before).toBeLessThan(BATCH + 20)
    slow.child.kill('SIGKILL')
    await slow.died
    const quick = await startAgent({ steps: 1, limits: { concurrency: 20, queued: 1000 } })
    for (const { event_id } of requests) expect(await ended(event_id)).toBe('completed')
    await quick.stop()
  })

  it('processes a cancellation while its queue is full', async () => {
    const { pool, request, publish, cancel, startLimited, effects, ended } = bench()
    const agent = await startLimited({ steps: 600, stepMs: 200, limits: { concurrency: 1, queued: 1 } })
    const [running, ...waiting] = Array.from({ length: 4 }, () => request())
    if (running === undefined) throw new Error('there is a first')
    await publish(running)
    await until(60_000, 'the first runs', async () => (await effects(`assistant/${running.event_id}`)).length > 0)
    await publish(...waiting)
    const queued = `SELECT FROM runtime.runs WHERE status = 'queued' AND session_id = ANY($1)`
    const sessions = waiting.map(({ session_id }) => session_id)
    await until(60_000, 'others wait', async () => ((await pool.query(queued, [sessions])).rowCount ?? 0) > 0)
    for (const { session_id } of [running, ...waiting]) await cancel(session_id)
    for (const { event_id } of [running, ...waiting]) expect(await ended(event_id)).toBe('cancelled')
    await agent.stop()
  })
}
