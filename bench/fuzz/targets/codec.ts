/** The reader of records: whatever the bytes, it decodes them or says why they cannot be. */
import { BusError, type Delivery } from '../../../bus/bus.ts'
import { createCodec } from '../../../bus/codec.ts'
import { loadContract } from '../../../schemas/contract.ts'
import type { Target } from '../runner.ts'

export function open(): Promise<Target<Delivery>> {
  const contract = loadContract()
  const codec = createCodec(contract, {
    idOf: () => Promise.resolve(1),
    schemaOf: (id) => Promise.resolve(contract.topics[id]?.schema ?? null),
  })
  return Promise.resolve({
    make(chance) {
      const id = chance.below(contract.topics.length)
      const value = Buffer.concat([Buffer.from([0, 0, 0, 0, id]), chance.bytes(chance.below(400))])
      const origin = { topic: contract.topics[id]!.name, partition: 0, offset: '0', timestamp: 0 }
      return { origin, key: null, value, headers: {} }
    },
    async attempt(delivery) {
      try {
        await codec.decode(delivery)
        return 'decoded'
      } catch (error) {
        if (error instanceof BusError) return error.code
        throw error
      }
    },
    show: ({ origin, value }) => `${origin.topic} ${value?.toString('hex')}`,
  })
}
