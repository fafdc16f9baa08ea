import { expect, test } from 'vitest'
import { withAdmin } from '../../bus/kafka/admin.ts'
import { kafka } from '../servers/kafka.ts'

const sockets = () => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length

test('calls that go on when administration ends leave no connection, which would keep the process alive', async () => {
  const { brokers } = await kafka()
  let others: Promise<unknown> = Promise.resolve()
  const working = withAdmin({ brokers }, async (admin) => {
    // the client tries these again and again
    const retried = [1, 2, 3].map(() => admin.fetchOffsets({ groupId: 'nobody', topics: ['no-such-topic'] }))
    others = Promise.allSettled(retried)
    throw new Error('one part failed')
  })
  await expect(working).rejects.toThrow('one part failed')
  await others
  await expect.poll(sockets).toBe(0)
})
