/** The demo: a recorded public incident, then a bad deployment in the shop, with events shown live. */
import { randomUUID } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { v7 as uuidv7 } from 'uuid'
import type { Bus, Consumption, Received } from '../../bus/bus.ts'
import type { Platform } from '../../embedded/platform.ts'
import { audiences } from '../../embedded/issuer/access.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import { badDeployment } from '../../lab/scenario.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { DiagnosisRequested, EventName, Events } from '../../schemas/events.generated.ts'
import { CommandError } from '../login/context.ts'
import { failures } from './texts.ts'

const WATCHED: readonly EventName[] = [
  'DiagnosisRequested',
  'DiagnosisProgressed',
  'EvidenceRecorded',
  'DiagnosisCompleted',
  'ActionDeclined',
  'ApprovalRequested',
  'ApprovalCounted',
  'ApprovalClosed',
  'ActionCompleted',
  'ChangeRecorded',
  'PostmortemCompleted',
  'AnomalyDetected',
]

export interface Watch {
  /** The first matching event, recent or future, once it was passed to `onEvent`. Throws a `CommandError` if none arrives in time. */
  until<E extends EventName>(event: E, fits: (value: Events[E]) => boolean, limitMs: number): Promise<Events[E]>
  stop(): Promise<void>
}

/** ms by which events are delayed to sort them: a session's events come from several topics, and order is kept only within one. */
const LATE_MS = 300

/** Number of recent events kept for `until`: those of a few sessions. */
const REMEMBERED = 2000

/** Follows the topics in its own consumer group, like a dashboard. */
export async function watchBus(bus: Bus, onEvent: (received: Received) => void): Promise<Watch> {
  const contract = loadContract()
  const seen = new LRUCache<string, Received>({ max: REMEMBERED })
  const waiting = new Set<() => void>()
  let untold: Received[] = []
  let telling: NodeJS.Timeout | undefined
  const tell = () => {
    clearTimeout(telling)
    telling = undefined
    const told = untold.sort((a, b) => a.value.occurred_at - b.value.occurred_at || a.value.sequence - b.value.sequence)
    untold = []
    told.forEach(onEvent)
    for (const wake of waiting) wake()
  }
  const consumption: Consumption = await bus.subscribe({
    group: `terminal-${randomUUID()}`,
    consumer: 'gateway',
    from: 'latest',
    topics: WATCHED.map((event) => contract.topicOf(event).name),
    async handle(records) {
      for (const received of records) {
        if (seen.has(received.value.event_id)) continue
        seen.set(received.value.event_id, received)
        untold.push(received)
      }
      telling ??= setTimeout(tell, LATE_MS)
      return []
    },
  })
  return {
    async until<E extends EventName>(event: E, fits: (value: Events[E]) => boolean, limitMs: number) {
      const values = () =>
        [...seen.rvalues()]
          .filter((one) => one?.event === event && !untold.includes(one))
          .map((one) => one?.value as Events[E])
      const deadline = Date.now() + limitMs
      for (;;) {
        const found = values().find(fits)
        if (found !== undefined) return found
        const leftMs = deadline - Date.now()
        if (leftMs <= 0) throw new CommandError(failures.neverCame(event, Math.round(limitMs / 1000)))
        await new Promise<void>((resolve) => {
          const wake = () => {
            clearTimeout(timer)
            waiting.delete(wake)
            resolve()
          }
          const timer = setTimeout(wake, leftMs)
          waiting.add(wake)
        })
      }
    },
    async stop() {
      await consumption.stop()
      tell()
    },
  }
}

/** Publishes the recording's original diagnosis request. Returns the session id, which `onSession` gets before the first event. */
export async function askAboutRecording(
  bus: Bus,
  dir: string,
  onSession: (sessionId: string) => void,
): Promise<string> {
  const incident = await readIncident(dir)
  const question = incident.request?.['query']
  const request: DiagnosisRequested = {
    event_id: randomUUID(),
    session_id: uuidv7(),
    sequence: 0,
    tenant: 'default',
    occurred_at: Date.now(),
    kind: typeof question === 'string' ? 'question' : 'alert',
    service: incident.alert?.service ?? null,
    namespace: null,
    severity: incident.alert?.severity ?? null,
    incident_ids: [],
    alert_ids: [],
    deployment_id: null,
    affected_services: [],
    window_start: Math.round(parseInstant(incident.window.start)),
    window_end: Math.round(parseInstant(incident.window.end)),
    question: typeof question === 'string' ? question : (incident.title ?? null),
    max_execution_ms: null,
    requested_by: 'recording|recording',
    context: { recording: incident.id },
  }
  onSession(request.session_id)
  await bus.publish([await bus.encode('DiagnosisRequested', request)])
  return request.session_id
}

/** A platform with the demo shop. */
export type Staged = Platform & { shop: NonNullable<Platform['shop']> }
export const isStaged = (platform: Platform): platform is Staged => platform.shop !== null

/** Deploys the bad release through the control-plane, as a user with the required role. */
export async function deployBadRelease({ issuer, shop }: Staged): Promise<void> {
  const person = issuer.people.find((one) => one.roles.includes('super_admin'))
  if (person === undefined) throw new CommandError(failures.nobodyMay('deploy'))
  const { accessToken } = await signIn({
    issuer: issuer.url,
    username: person.username,
    password: person.password,
    resource: audiences['control-plane'],
  })
  const response = await fetch(new URL('/api/v1/deployments', shop.controlPlaneUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ service_name: badDeployment.service, image_tag: badDeployment.imageTag }),
  })
  if (!response.ok) throw new CommandError(failures.notDeployed(response.status, await response.text()))
}

/** Whether the bad release is still deployed from an earlier demo without a decision. */
export const isDeployed = ({ shop }: Staged): boolean =>
  shop.lab
    .services()
    .some(({ name, imageTag }) => name === badDeployment.service && imageTag === badDeployment.imageTag)
