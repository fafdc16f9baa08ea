/** Protocol versions that the client and today's brokers still share: before they run out, the client must be replaced. */
import { createRequire } from 'node:module'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { kafka } from '../servers/kafka.ts'

const load = createRequire(import.meta.url)
const apiKeys = load('kafkajs/src/protocol/requests/apiKeys.js') as Record<string, number>
const versionsOf = (folder: string): number[] =>
  (load(`kafkajs/src/protocol/requests/${folder}/index.js`) as { versions: string[] }).versions.map(Number)

/** Every request the bus makes, as the client calls it, and the folder it keeps its versions in. */
const USED: Readonly<Record<string, string>> = {
  Produce: 'produce',
  Fetch: 'fetch',
  ListOffsets: 'listOffsets',
  Metadata: 'metadata',
  OffsetCommit: 'offsetCommit',
  OffsetFetch: 'offsetFetch',
  GroupCoordinator: 'findCoordinator',
  JoinGroup: 'joinGroup',
  Heartbeat: 'heartbeat',
  LeaveGroup: 'leaveGroup',
  SyncGroup: 'syncGroup',
  DeleteGroups: 'deleteGroups',
  ApiVersions: 'apiVersions',
  SaslHandshake: 'saslHandshake',
  SaslAuthenticate: 'saslAuthenticate',
  InitProducerId: 'initProducerId',
  CreateTopics: 'createTopics',
  CreatePartitions: 'createPartitions',
  DeleteTopics: 'deleteTopics',
  DescribeConfigs: 'describeConfigs',
  AlterConfigs: 'alterConfigs',
  DescribeAcls: 'describeAcls',
  CreateAcls: 'createAcls',
  DeleteAcls: 'deleteAcls',
}

/** Asks in the one version of this request that every broker answers: 0. */
async function offeredBy(broker: string): Promise<Map<number, [least: number, most: number]>> {
  const [host = '', port = ''] = broker.split(':')
  const socket = connect(Number(port), host)
  await once(socket, 'connect')
  // length, API key 18, version 0, correlation id 1, client id absent
  socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]))
  let answer = Buffer.alloc(0)
  while (answer.length < 4 || answer.length < answer.readInt32BE(0) + 4) {
    const [part] = (await once(socket, 'data')) as [Buffer]
    answer = Buffer.concat([answer, part])
  }
  socket.destroy()
  // length, correlation id, error code, then the keys
  const entries = Array.from({ length: answer.readInt32BE(10) }, (_, index) => {
    const at = 14 + index * 6
    return [answer.readInt16BE(at), [answer.readInt16BE(at + 2), answer.readInt16BE(at + 4)]] as const
  })
  return new Map(entries.map(([key, [least, most]]) => [key, [least ?? 0, most ?? 0]]))
}

it('has a version left of every request it makes', async () => {
  const { brokers } = await kafka()
  const offered = await offeredBy(brokers[0] ?? '')
  const margins = Object.entries(USED).map(([request, folder]) => {
    const [least, most] = offered.get(apiKeys[request] ?? -1) ?? [1, 0]
    const ours = versionsOf(folder)
    return { request, ours: `${Math.min(...ours)}-${Math.max(...ours)}`, broker: `${least}-${most}`, left: ours.filter((one) => one >= least && one <= most).length } // prettier-ignore
  })
  console.table(margins)
  expect(margins.filter(({ left }) => left === 0)).toEqual([])
})
