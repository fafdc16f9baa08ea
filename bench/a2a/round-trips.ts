/** Calls over topics, one after the other: the round trip of one that takes the called agent no work, beside a bare request and reply. */
import { randomUUID } from 'node:crypto'
import { ClientFactory } from '@a2a-js/sdk/client'
import { Kafka, logLevel } from 'kafkajs'
import { Client } from 'pg'
import { openTopics } from '../../agents/a2a/transport.ts'
import { postmortemCard } from '../../agents/postmortem/card.ts'
import { createTopics } from '../../bus/kafka/topics.ts'
import type { KafkaAddress } from '../sessions/platform.ts'
import { openSetting, type Setting } from './setting.ts'

export interface RoundTrips {
  /** ms, ascending */
  calls: number[]
  /** ms of a bare request and reply over the same server, ascending */
  bare: number[]
}

const WARM_UP = 20

export async function measureRoundTrips(kafka: KafkaAddress | null, count: number): Promise<RoundTrips> {
  const setting = await openSetting(kafka)
  try {
    await setting.start('postmortem')
    const bare = kafka === null ? await bareNotify(setting) : await bareKafka(kafka)
    const agent = await calls(setting)
    const measured = { bare: await timed(bare.ask, count), calls: await timed(agent.ask, count) }
    await Promise.all([bare.close(), agent.close()])
    return measured
  } finally {
    await setting.close()
  }
}

interface Asked {
  ask(): Promise<unknown>
  close(): Promise<unknown>
}

async function timed(ask: () => Promise<unknown>, count: number): Promise<number[]> {
  const ms: number[] = []
  for (let index = 0; index < count + WARM_UP; index++) {
    const began = performance.now()
    await ask()
    if (index >= WARM_UP) ms.push(performance.now() - began)
  }
  return ms.sort((a, b) => a - b)
}

async function calls({ bus }: Setting): Promise<Asked> {
  const topics = await openTopics({ bus, caller: 'assistant', tenant: 'default', group: `bench-${randomUUID()}` })
  const client = await new ClientFactory({ transports: [topics.factory] }).createFromAgentCard(postmortemCard('1'))
  return { ask: () => client.getAgentCard(), close: () => topics.close() }
}

/** Two connections that notify each other: nothing is stored. */
async function bareNotify({ databaseUrl }: Setting): Promise<Asked> {
  const [asking, answering] = [databaseUrl, databaseUrl].map((connectionString) => new Client({ connectionString }))
  await Promise.all([asking!.connect(), answering!.connect()])
  await Promise.all([asking!.query('LISTEN bench_reply'), answering!.query('LISTEN bench_request')])
  answering!.on('notification', () => void answering!.query('NOTIFY bench_reply'))
  return {
    async ask() {
      const replied = new Promise((resolve) => asking!.once('notification', resolve))
      await asking!.query('NOTIFY bench_request')
      return replied
    },
    close: () => Promise.all([asking!.end(), answering!.end()]),
  }
}

/** Two topics of one partition, one kafkajs client each side, every record acknowledged. */
async function bareKafka({ brokers }: KafkaAddress): Promise<Asked> {
  const kafka = new Kafka({ brokers, clientId: 'bench', logLevel: logLevel.NOTHING })
  const names = { request: `bench.request.${randomUUID()}`, reply: `bench.reply.${randomUUID()}` }
  const admin = kafka.admin()
  await admin.connect()
  await createTopics(admin, Object.values(names).map((topic) => ({ topic, numPartitions: 1 }))) // prettier-ignore
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  const send = (topic: string) => producer.send({ topic, acks: -1, messages: [{ value: 'x' }] })
  let reply: (value: unknown) => void = () => undefined
  const consume = async (topic: string, handle: () => unknown) => {
    const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}` })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ eachMessage: async () => void (await handle()) })
    return consumer
  }
  const consumers = [await consume(names.request, () => send(names.reply)), await consume(names.reply, () => reply(null))] // prettier-ignore
  return {
    async ask() {
      const replied = new Promise((resolve) => (reply = resolve))
      await send(names.request)
      return replied
    },
    close: () => Promise.all([...consumers, producer].map((one) => one.disconnect())),
  }
}
