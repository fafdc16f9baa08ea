/** What becomes of events on their way into the queue of an agent, on either bus. */
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { type DeadLetter, readDeadLetter } from '../../bus/dead-letter.ts'
import { type CountingBench, contract } from './counting.ts'

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
}
