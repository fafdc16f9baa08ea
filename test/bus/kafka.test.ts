import { prepareKafkaBus } from '../../bus/create.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'
import { contract } from './bench.ts'
import { busContract } from './contract.ts'

busContract('Kafka', async () => {
  const [{ registryUrl }, broker] = await Promise.all([kafka(), startPrivateKafka()])
  const options = { kind: 'kafka' as const, brokers: broker.brokers, registryUrl, sessionMs: 6000 }
  await prepareKafkaBus({ ...options, contract }, { replicas: 1 })
  return { options, away: broker.kill, back: broker.start, tearDown: broker.stop }
})
