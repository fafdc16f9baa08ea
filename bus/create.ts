import type { Bus } from './bus.ts'
import { createKafkaBus, type KafkaBusOptions } from './kafka/kafka-bus.ts'
import { createPostgresBus, type PostgresBusOptions } from './postgres/postgres-bus.ts'

export { prepareKafkaBus } from './kafka/kafka-bus.ts'
export {
  type AclChange,
  type AclOptions,
  type AclRule,
  applyAcls,
  impliedAcls,
  NoAuthorizer,
  planAcls,
} from './kafka/acls.ts'
export { partsOf } from './kafka/grants.ts'
export { inWords } from './kafka/words.ts'
export { PROMPT } from './kafka/publish.ts'
export { incompatibleSchemas, registerSchemas, unregisteredSchemas } from './kafka/schema-store.ts'
export { type RegistryFault, registryFault } from './kafka/registry-fault.ts'
export {
  applyTopics,
  planTopics,
  type PlanOptions,
  type TopicChange,
  type Wanted as WantedTopic,
  wanted as wantedTopics,
  tooFewBrokers,
} from './kafka/topics.ts'
export { type Followed, lagOnKafka } from './kafka/lag.ts'
export { lagOf as lagOnPostgres } from './postgres/lag.ts'
export { openRecordLog } from './kafka/read-log.ts'
export { preparePostgresBus } from './postgres/postgres-bus.ts'

export type BusOptions = ({ kind: 'postgres' } & PostgresBusOptions) | ({ kind: 'kafka' } & KafkaBusOptions)

export const createBus = (options: BusOptions): Promise<Bus> =>
  options.kind === 'kafka' ? createKafkaBus(options) : createPostgresBus(options)
