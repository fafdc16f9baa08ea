import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import avsc from 'avsc'
import type { ForSchemaOptions, Schema, Type } from 'avsc'
import pRetry from 'p-retry'
import { problemsOf } from '../../schemas/compatibility.ts'
import type { Contract } from '../../schemas/contract.ts'
import { BusError, messageOf } from '../bus.ts'
import type { SchemaStore } from '../codec.ts'
import { shapeOf } from '../writer-schema.ts'
import { boundedAgent, TOO_LARGE } from './bounded-agent.ts'

export interface RegistryConnection {
  registryUrl: string
  registryAuth?: { username: string; password: string } | { token: string }
  /** PEM of the registry's certificate authority; absent: the system's authorities */
  registryCa?: string
  /** timeout without traffic, in ms; default: `SILENT_MS` */
  silentMs?: number
}

const registryOf = ({
  registryUrl,
  registryAuth: auth,
  registryCa: ca,
  silentMs,
}: RegistryConnection): SchemaRegistry =>
  new SchemaRegistry(
    {
      host: registryUrl,
      agent: boundedAgent(registryUrl, {
        ...(ca === undefined ? {} : { ca }),
        ...(silentMs === undefined ? {} : { silentMs }),
      }),
      ...(auth === undefined ? {} : 'token' in auth ? { middlewares: [bearer(auth.token)] } : { auth }),
      retry: { retries: 3 },
    },
    { [SchemaType.AVRO]: { typeHook } },
  )

type Middleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number]

/** The client itself supports only basic authentication. */
const bearer =
  (token: string): Middleware =>
  () => ({
    prepareRequest: async (next) => (await next()).enhance({ headers: { authorization: `Bearer ${token}` } }),
  })

/** The client builds a type from every schema it receives, which anyone may have registered: keep only its structure. */
const typeHook = (schema: Schema, options: ForSchemaOptions): Type | undefined =>
  typeof schema === 'string' ? undefined : avsc.Type.forSchema(shapeOf(schema), { registry: options.registry })

const confluent = (schema: Schema) => ({ type: SchemaType.AVRO as const, schema: JSON.stringify(schema) })

/** Looks up ids only; schemas are registered by `sre schemas register`. */
export function createRegistryStore(connection: RegistryConnection): SchemaStore {
  const registry = registryOf(connection)
  return {
    async idOf(subject, schema) {
      try {
        return numbered(await registry.getRegistryIdBySchema(subject, confluent(schema)))
      } catch (error) {
        if (error instanceof BusError) throw error
        if (isNotRegistered(error))
          throw new BusError('unknown_schema', `the schema of ${subject} is not registered: run sre schemas register`, {
            cause: error,
          })
        throw isTooLarge(error) ? noRegistry(error) : unavailable(error)
      }
    },
    async schemaOf(id) {
      try {
        // a new client for each call, because a client caches every schema forever; the codec has its own bounded cache
        const known = (await registryOf(connection).getSchema(id)) as unknown as {
          schema(options: { exportAttrs: boolean }): Schema
        }
        return known.schema({ exportAttrs: true })
      } catch (error) {
        if (isNotFound(error)) return null
        if (isTooLarge(error)) throw new BusError('undecodable', `schema ${id}: ${TOO_LARGE}`, { cause: error }) // prettier-ignore
        if (!isAnswer(error)) throw new BusError('undecodable', `schema ${id} is not Avro this version can read: ${String(error)}`, { cause: error }) // prettier-ignore
        throw unavailable(error)
      }
    },
  }
}

/** Guards against a server that answers 200 but is not a registry. */
function numbered(id: unknown): number {
  if (Number.isSafeInteger(id)) return id as number
  throw noRegistry()
}

const noRegistry = (cause?: unknown): BusError =>
  new BusError('not_prepared', 'the schema registry: the server at its address is not a schema registry', { cause })

/** Registers every schema of the contract under `<topic>-value` with its compatibility. Returns ids by subject; throws what the registry answered. */
export async function registerSchemas(
  connection: RegistryConnection,
  contract: Contract,
): Promise<Map<string, number>> {
  const registry = registryOf(connection)
  const ids = new Map<string, number>()
  for (const { subject, schema, compatibility } of contract.topics) {
    const register = () =>
      registry.register(confluent(schema), { subject, compatibility: COMPATIBILITY[compatibility] })
    const { id } = await repeated(register).catch((error: unknown) => {
      throw new BusError('not_prepared', `${subject}: ${answerOf(error)}`, { cause: error })
    })
    ids.set(subject, numbered(id))
  }
  return ids
}

/** Again after a conflict: somebody else may be registering the same subject, and sets its compatibility only after its schema. */
const repeated = <T>(register: () => Promise<T>): Promise<T> =>
  pRetry(register, {
    ...{ retries: 3, minTimeout: 200, factor: 3 },
    shouldRetry: ({ error }) => (error as { status?: number }).status === 409 || isAnotherCompatibility(error),
  })

const isAnotherCompatibility = ({ message }: Error) => message.startsWith('Compatibility does not match')

/** Subjects whose schema of this contract the registry does not have. */
export async function unregisteredSchemas(connection: RegistryConnection, contract: Contract): Promise<string[]> {
  const store = createRegistryStore(connection)
  const known = await Promise.all(
    contract.topics.map(({ subject, schema }) =>
      store.idOf(subject, schema).then(
        () => true,
        (error: unknown) => {
          if (error instanceof BusError && error.code === 'unknown_schema') return false
          throw error
        },
      ),
    ),
  )
  return contract.topics.filter((_, index) => !known[index]).map(({ subject }) => subject)
}

/** Subjects whose newest registered schema is incompatible with this contract's, by the topic's compatibility setting. */
export async function incompatibleSchemas(connection: RegistryConnection, contract: Contract): Promise<string[]> {
  const registry = registryOf(connection)
  const store = createRegistryStore(connection)
  const told = await Promise.all(
    contract.topics.map(async ({ subject, schema, compatibility }) => {
      const id = await registry.getLatestSchemaId(subject).catch((error: unknown) => {
        if (isNotRegistered(error)) return null
        throw unavailable(error)
      })
      const newest = id === null ? null : await store.schemaOf(id)
      const problems = newest === null ? [] : problemsOf(schema, compatibility, [newest])
      return problems.map((one) => `${subject}: ${one.replaceAll('release 1', 'the registered one')}`)
    }),
  )
  return told.flat()
}

/** An HTTP error from the registry or a proxy; any other error concerns the schema itself. */
const isAnswer = (error: unknown): boolean => (error as { status?: number }).status !== undefined
const isTooLarge = (error: unknown): boolean => messageOf(error).endsWith(TOO_LARGE)
const isNotFound = (error: unknown): boolean => (error as { status?: number }).status === 404
/** The client drops the HTTP status from this error. */
const isNotRegistered = (error: unknown): boolean =>
  isNotFound(error) || (error instanceof Error && error.name === 'ConfluentSchemaRegistryError' && !isAnswer(error))

const unavailable = (error: unknown): BusError =>
  new BusError('unavailable', `the schema registry: ${answerOf(error)}`, { cause: error })

/** The client shows a JSON error that is not in the registry's format as `[object Object]`. */
function answerOf(error: unknown): string {
  const { status } = error as { status?: number }
  return messageOf(error).replace(/(?:Error, status \d+: )?\[object Object\]$/, `it answered ${status}`)
}
