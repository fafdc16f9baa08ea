/** Alertmanager's webhook (version 4). Alertmanager repeats alerts that still fire, so a repeat must change nothing. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type AlertmanagerAlert, NOTIFICATION_BYTES, notification, severityOf, summaryOf } from '../../../schemas/alertmanager.ts' // prettier-ignore
import { isBearer } from '../../../schemas/same-secret.ts'
import { ApiError, read } from '../api-error.ts'
import type { House } from '../house.ts'
import type { Alert, Incidents } from '../incidents.ts'
import { refusals } from '../texts.ts'

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
  const options = { bodyLimit: NOTIFICATION_BYTES, onRequest: demandToken }
  app.post('/webhooks/alertmanager', options, async (request, reply) => {
    const { alerts } = read(notification, request.body)
    const services = new Set(house.managed.services().map(({ name }) => name))
    const known = alerts.filter(({ labels }) => services.has(labels['service'] ?? '') && labels['alertname'])
    const taken = working.then(async () => {
      for (const one of known) await incidents[one.status](alertOf(one), house.clock())
    })
    working = taken.catch(() => undefined)
    await taken
    return reply.code(202).send({ taken: known.length, ignored: alerts.length - known.length })
  })
}

function alertOf(alert: AlertmanagerAlert): Alert {
  const { labels, startsAt } = alert
  const { alertname: name = '', service = '' } = labels
  return { name, service, summary: summaryOf(alert), labels, severity: severityOf(alert), since: Date.parse(startsAt) }
}
