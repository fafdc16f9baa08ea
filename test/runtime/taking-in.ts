/** What becomes of events on their way into the queue of an agent, on either bus. */
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { type DeadLetter, readDeadLetter, redriven } from '../../bus/dead-letter.ts'
import { type CountingBench, contract, until } from './counting.ts'

const TOPIC = contract.topicOf('DiagnosisRequested').name

export function takingIn(bench: () => CountingBench) {
  const lettersOf = async (key: string): Promise<DeadLetter[]> => {
    const found = await Array.fromAsync(bench().bus.browse(`${TOPIC}.assistant.dlq`))
    return found.filter((one) => one.key === key).map(readDeadLetter)
  }

  it('puts an event aside that its database cannot keep, and goes on with the partition', async () => {
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
    // one key, one partition
    await bus.publish(records.map((record) => ({ ...record, key: good.session_id })))
    expect(await ended(good.event_id)).toBe('completed')
    const letters = await lettersOf(good.session_id)
    expect(letters.map(({ headers }) => headers['ce_id'])).toEqual(odd.map(({ event }) => event.event_id))
    for (const letter of letters) expect(letter).toMatchObject({ code: 'cannot_be_accepted', consumer: 'assistant' })
    expect(letters.map(({ reason }) => reason)).not.toContain('')
    await agent.stop()
  })

  it('begins a dead letter that is redriven as a new attempt, whose result is the next revision', async () => {
    const { bus, request, publish, startAgent, ended, events } = bench()
    const agent = await startAgent({ steps: 1, fail: 'first attempt' })
    const asked = request()
    await publish(asked)
    expect(await ended(asked.event_id)).toBe('handler_failed')
    const [letter] = await until(10_000, 'it is dead-lettered', async () => {
      const found = await lettersOf(asked.session_id)
      return found.length > 0 && found
    })
    if (letter === undefined) throw new Error('there is a letter')
    // twice the same attempt
    await bus.publish([redriven(letter), redriven(letter)])
    expect(await ended(asked.event_id, 30_000, 1)).toBe('completed')
    const results = await until(10_000, 'both results are told', async () => {
      const found = events('DiagnosisCompleted', asked.session_id)
      return found.length > 1 && found
    })
    expect(results.map(({ status, revision, run_id }) => ({ status, revision, run_id }))).toEqual([
      { status: 'failed', revision: 1, run_id: `assistant/${asked.event_id}` },
      { status: 'completed', revision: 2, run_id: `assistant/${asked.event_id}/1` },
    ])
    await agent.stop()
  })
}
