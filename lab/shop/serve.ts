/** One process of the shop: `serve.ts <service> <image tag> <its settings> <folder of its volume>`. The supervisor sends it news and stops it. */
import { isService, kinds, releases } from '../releases.ts'
import { createCall } from './dependencies.ts'
import { MEMORY_LIMIT, realHost } from './host.ts'
import { createService, createShopLog } from './service.ts'
import { createSettings } from './settings.ts'
import { machine } from './surroundings.ts'
import { endWithParent, receive, receiveEndpoints } from './supervised.ts'

const [service = '', imageTag = '', settingsText = '{}', volumeDir = ''] = process.argv.slice(2)
const load = releases[imageTag]
if (!isService(service) || load === undefined) throw new Error(`no release ${imageTag} of ${service}`)

const endpoints = receiveEndpoints()
const settings = createSettings(JSON.parse(settingsText))
const log = createShopLog(service, machine)
const { release } = await load()
const { volume, ...kind } = kinds[service]
const app = createService({
  context: { log, call: createCall(endpoints), surroundings: machine, setting: settings.get },
  ...{ service, release, ...kind },
  host: realHost(volume ? volumeDir : null),
  onSpan: (span) => process.connected && process.send?.({ type: 'span', span }),
})
receive({ settings: settings.replace, disturb: app.disturb })
// what the kernel does at the limit of a container
const limiting = setInterval(() => {
  if (process.memoryUsage.rss() > MEMORY_LIMIT) process.kill(process.pid, 'SIGKILL')
}, 250)
endWithParent(async () => {
  // close connections that become idle during the shutdown, which would be waited for otherwise
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
  await app.close()
  clearInterval(sweep)
  clearInterval(limiting)
})
const address = await app.listen({ host: '127.0.0.1', port: 0 })
log.info({ attributes: { image: imageTag } }, `listening`)
process.send?.({ type: 'listening', address })
