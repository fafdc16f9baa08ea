/** The id of a postmortem that agents ask for, from what it is about: whoever asks again, and whenever, asks for the same one. */
import { v5 as uuidv5 } from 'uuid'

/** Namespace of ids derived from an incident's, so that a repeat is recognised. */
const INCIDENT_IDS = '0f6d2c0e-0b0f-4c3e-8f0b-6a4b7f1d9c52'

export interface About {
  incident_ids: readonly string[]
  session_ids: readonly string[]
}

/** In any order, and with repeats, the same ids are the same postmortem. */
export function postmortemIdOf(tenant: string, { incident_ids, session_ids }: About): string {
  const incidents = sorted(incident_ids)
  const sessions = sorted(session_ids.map((id) => id.toLowerCase()))
  const [incident] = incidents
  return sessions.length === 0 && incidents.length === 1
    ? ofIncident('postmortem', tenant, incident!)
    : uuidv5(JSON.stringify(['postmortem', tenant, incidents, sessions]), INCIDENT_IDS)
}

/** The event by which the control-plane asks for an incident's postmortem. */
export const requestIdOf = (tenant: string, incident: string): string => ofIncident('event', tenant, incident)

const ofIncident = (what: string, tenant: string, incident: string): string => uuidv5(JSON.stringify([what, tenant, incident]), INCIDENT_IDS) // prettier-ignore

const sorted = (ids: readonly string[]): string[] => [...new Set(ids)].sort()
