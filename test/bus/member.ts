/** A process that reports when it has received a key and then never returns from the handler; the tests kill it. */
import { createBus, type BusOptions } from '../../bus/create.ts'
import { loadContract } from '../../schemas/contract.ts'

const { options, group, key } = JSON.parse(process.env.MEMBER ?? '{}')
const contract = loadContract()
const bus = await createBus({ ...options, contract } as BusOptions)
await bus.subscribe({
  group,
  consumer: 'assistant',
  topics: [contract.topicOf('DiagnosisCancelRequested').name],
  handle(records) {
    if (!records.some((one) => one.delivery.key === key)) return Promise.resolve([])
    process.stdout.write('in hand\n')
    return new Promise(() => undefined)
  },
})
