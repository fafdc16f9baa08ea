import { prepareKafkaBus } from '../../bus/create.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { contract } from './counting.ts'

/** A broker for this suite only, with the contract's topics: consumer groups have fixed names, so suites cannot share one. */
export async function kafkaOfItsOwn() {
  const [{ registryUrl }, broker] = await Promise.all([kafka(), startPrivateKafka()])
  const options = { kind: 'kafka' as const, brokers: broker.brokers, registryUrl, sessionMs: 3000 }
  await prepareKafkaBus({ ...options, contract }, { replicas: 1 })
  return { options, broker }
}
