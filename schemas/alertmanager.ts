/** Alertmanager's webhook (version 4), as both receivers read it: the gateway and the small control-plane. */
import { z } from 'zod'

const text = z.string().regex(/^[^\0\p{Cs}]*$/u)

export const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(text, text),
  annotations: z.record(text, text).default({}),
  startsAt: z.iso.datetime({ offset: true }),
})
export type AlertmanagerAlert = z.infer<typeof alert>

export const notification = z.object({ version: z.literal('4'), alerts: z.array(alert).max(1_000) })

/** limit of a notification in bytes */
export const NOTIFICATION_BYTES = 1_048_576

const SEVERITIES: Readonly<Record<string, string>> = { critical: 'P1', error: 'P1', warning: 'P2' }

/** From the usual values of the label `severity`; others are P3. */
export const severityOf = ({ labels }: AlertmanagerAlert): string => SEVERITIES[labels['severity'] ?? ''] ?? 'P3'

/** What the alert says, in one sentence. */
export function summaryOf({ labels, annotations }: AlertmanagerAlert): string {
  const { alertname: name = '', service = '' } = labels
  return annotations['summary'] ?? annotations['description'] ?? `${name} of ${service}`
}
