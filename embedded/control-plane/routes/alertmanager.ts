/** Alertmanager's webhook (version 4). Alertmanager repeats alerts that still fire, so a repeat must change nothing. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isBearer } from '../../../schemas/same-secret.ts'
import { ApiError, read } from '../api-error.ts'
import type { House } from '../house.ts'
import type { Alert, Incidents } from '../incidents.ts'
import { text } from '../outside.ts'
import { refusals } from '../texts.ts'

const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(text, text),
  annotations: z.record(text, text).default({}),
  startsAt: z.iso.datetime({ offset: true }),
})
const notification = z.object({ version: z.literal('4'), alerts: z.array(alert).max(1_000) })
const BODY_BYTES = 1_048_576
/** From the usual values of the label `severity`; others are P3. */
const SEVERITIES: Readonly<Record<string, string>> = { critical: 'P1', error: 'P1', warning: 'P2' }

interface AlertmanagerOptions {
  house: House
  incidents: Incidents
  /** bearer token of the webhook */
  token: string
}

export function alertmanagerRoutes(app: FastifyInstance, { house, incidents, token }: AlertmanagerOptions): void {
  /** notifications are handled one after the other: two at once could open two incidents for one service */
  let working: Promise<unknown> = Promise.resolve()

  const demandToken = async ({ headers }: FastifyRequest) => {
    if (!isBearer(headers.authorization, token)) throw new ApiError('AUTHENTICATION_FAILED', refusals.alertsToken)
  }
  const options = { bodyLimit: BODY_BYTES, onRequest: demandToken }
  app.post('/webhooks/alertmanager', options, async (request, reply) => {
    const { alerts } = read(notification, request.body)
    const services = new Set(house.managed.services().map(({ name }) => name))
    const known = alerts.filter(({ labels }) => services.has(labels['service'] ?? '') && labels['alertname'])
    const taken = working.then(async () => {
      for (const { status, ...one } of known) await incidents[status](alertOf(one), house.clock())
    })
    working = taken.catch(() => undefined)
    await taken
    return reply.code(202).send({ taken: known.length, ignored: alerts.length - known.length })
  })
}

function alertOf({ labels, annotations, startsAt }: Omit<z.infer<typeof alert>, 'status'>): Alert {
  const { alertname: name = '', service = '', severity = '' } = labels
  const summary = annotations['summary'] ?? annotations['description'] ?? `${name} of ${service}`
  return { name, service, summary, labels, severity: SEVERITIES[severity] ?? 'P3', since: Date.parse(startsAt) }
}
