// Downloads and builds every server the tests need that is not given by URL; lists at once what this machine lacks.
import { pullImage } from './docker/container.ts'
import { kinds } from './kinds.ts'
import { a2aClient } from './local/a2a-client.ts'
import { avroClient } from './local/avro-client.ts'
import { kubernetesValidate } from './local/kubernetes-validate.ts'
import { schemathesis } from './local/schemathesis.ts'
import { hasDocker, missing, missingMessage } from './provide.ts'

async function report(title: string, what: string, work: () => Promise<void>): Promise<void> {
  const started = Date.now()
  console.log(`${title}: ${what} …`)
  await work()
  console.log(`${title}: ready after ${Math.round((Date.now() - started) / 1000)} s`)
}

const wanted = Object.values(kinds).filter((server) => !server.given?.(process.env))
const docker = await hasDocker()
const lacks = await missing(process.env, docker)
if (lacks.length > 0) {
  console.error(missingMessage(lacks))
  process.exit(1)
}
for (const { title, image, local } of wanted) {
  if (docker) await report(title, `pulling ${image}`, () => pullImage(image))
  else if (!(await local.prepared())) await report(title, 'fetching and building, once', local.prepare)
}
if (!(await avroClient.prepared())) await report('the independent Avro client', 'fetching, once', avroClient.prepare)
if (!(await kubernetesValidate.prepared()))
  await report('the schemas of Kubernetes', 'fetching, once', kubernetesValidate.prepare)
if (!(await schemathesis.prepared())) await report('Schemathesis', 'fetching, once', schemathesis.prepare)
if (!(await a2aClient.prepared())) await report('the A2A client for Python', 'fetching, once', a2aClient.prepare)
