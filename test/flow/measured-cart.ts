/** Metrics of a cart for Prometheus to scrape; they depend only on the running release. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, Histogram, Registry } from 'prom-client'
import type { ManagedServices } from '../../embedded/control-plane/managed-services.ts'
import { BAD } from '../events/requests.ts'
import { startPrometheus } from '../servers/prometheus.ts'

const ANSWERED_EVERY_MS = 50

export async function measuredCart(services: ManagedServices) {
  const registry = new Registry()
  const labelNames = ['status_code']
  const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames, registers: [registry] })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames,
    buckets: [0.01, 0.025, 0.05, 0.1, 0.5, 1, 2.5],
    registers: [registry],
  })
  let answered = 0
  const customers = setInterval(() => {
    answered += 1
    const isBad = services.services().some(({ imageTag }) => imageTag === BAD) && answered % 2 === 0
    const labels = { status_code: isBad ? '500' : '200' }
    requests.inc(labels)
    duration.observe(labels, isBad ? 0.9 : 0.02)
  }, ANSWERED_EVERY_MS)
  const server = createServer((_request, response) => {
    void registry.metrics().then((text) => response.setHeader('content-type', registry.contentType).end(text))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const prometheus = await startPrometheus({
    config: `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: cart
    static_configs: [{ targets: ['${target}'], labels: { service: cart, namespace: shop } }]`,
  })
  return {
    url: prometheus.url,
    async stop() {
      clearInterval(customers)
      await prometheus.stop()
      server.closeAllConnections()
      server.close()
    },
  }
}
