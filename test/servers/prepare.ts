// Fetches and builds every server that the tests need and that no URL gives; what this machine lacks is named at once.
import { pullImage } from './docker/container.ts'
import { kinds } from './kinds.ts'
import { hasDocker, missing, missingMessage } from './provide.ts'

const wanted = Object.values(kinds).filter((server) => !server.given?.(process.env))
const docker = await hasDocker()
const lacks = docker ? [] : await missing(process.env)
if (lacks.length > 0) {
  console.error(missingMessage(lacks))
  process.exit(1)
}
for (const { title, image, local } of wanted) {
  if (!docker && (await local.prepared())) continue
  const started = Date.now()
  console.log(`${title}: ${docker ? `pulling ${image}` : 'fetching and building, once'} …`)
  await (docker ? pullImage(image) : local.prepare())
  console.log(`${title}: ready after ${Math.round((Date.now() - started) / 1000)} s`)
}
