/** One process of the shop: `serve.ts <service> <image tag>`. The supervisor sends it the others' addresses and stops it. */
import { isService, releases, workersOf } from '../releases.ts'
import { createCall } from './dependencies.ts'
import { createService, createShopLog } from './service.ts'
import { machine } from './surroundings.ts'
import { receiveEndpoints, endWithParent } from './supervised.ts'

const [service = '', imageTag = ''] = process.argv.slice(2)
const load = releases[imageTag]
if (!isService(service) || load === undefined) throw new Error(`no release ${imageTag} of ${service}`)

const endpoints = receiveEndpoints()
const log = createShopLog(service, machine)
const { release } = await load()
const app = createService({
  context: { log, call: createCall(endpoints), surroundings: machine },
  release,
  ...workersOf[service],
  onSpan: (span) => process.connected && process.send?.({ type: 'span', span }),
})
endWithParent(async () => {
  // close connections that become idle during the shutdown, which would be waited for otherwise
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
  await app.close()
  clearInterval(sweep)
})
const address = await app.listen({ host: '127.0.0.1', port: 0 })
log.info({ attributes: { image: imageTag } }, `listening`)
process.send?.({ type: 'listening', address })
