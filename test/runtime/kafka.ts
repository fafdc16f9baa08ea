import { prepareKafkaBus } from '../../bus/create.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { contract } from './counting.ts'

/** A broker of the suite's own, with the topics of the contract: consumer groups have fixed names, which suites must not share. */
export async function kafkaOfItsOwn() {
  const [{ registryUrl }, broker] = await Promise.all([kafka(), startPrivateKafka()])
  const options = { kind: 'kafka' as const, brokers: broker.brokers, registryUrl, sessionMs: 3000 }
  await prepareKafkaBus({ ...options, contract }, { replicas: 1 })
  return { options, broker }
}
