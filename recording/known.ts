/** Alerts and incidents in a recording's control-plane documents: those firing at its end, and those that were over by then. */
import { smallest } from '../analysis/extremes.ts'
import { alertText, disturbedBy, incidentText } from '../analysis/known-disturbances.ts'
import type { Text } from '../analysis/verdict.ts'
import type { Alert, Disturbed } from '../analysis/observations.ts'
import { alertOf, ENDED, FIRED, instantsIn } from './alert.ts'
import type { ControlPlaneDocument, ControlPlaneDocuments } from './documents.ts'

const OPENED = /^created(_?at)?$/i

/** Only those of `services`; `end` in ms since the epoch. */
export function knownIn({ alerts, incidents }: ControlPlaneDocuments, services: ReadonlySet<string>, end: number) {
  const own = (all: readonly ControlPlaneDocument[] | null) => (all ?? []).filter((one) => services.has(serviceOf(one)))
  const disturbed = (one: ControlPlaneDocument, source: Text): Disturbed[] => {
    const [began, over] = [startOf(one), instantsIn(one, ENDED)]
    return began === null || over.length === 0 || smallest(over) > end ? [] : [disturbedBy(source, serviceOf(one), began, smallest(over))] // prettier-ignore
  }
  return {
    firing: own(alerts).flatMap((one) => firingAt(end, one)),
    disturbed: [
      ...own(incidents).flatMap((one) => disturbed(one, incidentText(one.id))),
      ...own(alerts).flatMap((one) => disturbed(one, alertText(text(one['name']) ?? '', serviceOf(one)))),
    ],
  }
}

function firingAt(end: number, one: ControlPlaneDocument): Alert[] {
  const began = startOf(one)
  const alert = alertOf({ ...one, service: serviceOf(one), labels: labelsOf(one), annotations: {} }, end)
  return began === null || began >= end || alert.resolved === true ? [] : [{ ...alert, since: began }]
}

function startOf(one: ControlPlaneDocument): number | null {
  const fired = instantsIn(one, FIRED)
  const began = fired.length > 0 ? fired : instantsIn(one, OPENED)
  return began.length === 0 ? null : smallest(began)
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const serviceOf = (one: ControlPlaneDocument): string => text(one['service_name']) ?? labelsOf(one)['service'] ?? ''

function labelsOf({ labels }: ControlPlaneDocument): Record<string, string> {
  if (typeof labels !== 'object' || labels === null) return {}
  return Object.fromEntries(Object.entries(labels).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))) // prettier-ignore
}
