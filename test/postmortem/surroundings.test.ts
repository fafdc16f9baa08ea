/** What the control-plane tells when the report is written: as little trusted as what the sessions saw. */
import { describe, expect, it } from 'vitest'
import { surroundings } from '../../agents/postmortem/surroundings.ts'
import { createAnswers } from '../../agents/postmortem/answers.ts'
import { answer } from '../../agents/tools/answer.ts'
import type { ControlPlaneTool, Deployment } from '../../agents/tools/tools.ts'
import { singleTenant } from '../../tenants/tenants.ts'
import { BEGAN, MINUTE } from './facts.ts'

const told = <T>(operation: string, data: T | null) => answer<T>({ tool: 'control-plane', operation, query: operation, range: null }, async () => ({ data, summary: '' })) // prettier-ignore
const secret = 'hunter2hunter'

const controlPlane: ControlPlaneTool = {
  auditLogs: () =>
    told('audit-logs', [
      {
        ...{ id: 'change-1', timestamp: BEGAN, event_type: 'CONFIG', author: null, service_name: 'cart' },
        ...{ summary: `cart: set DB_PASSWORD=${secret}`, changes: null },
      },
    ]),
  incident: (id) => told('incident', { id, title: `login failed user=bob password=${secret}`, service_name: 'cart', severity: 'P1', status: 'new', started_at: BEGAN }), // prettier-ignore
  resolvedIncidents: () => told('incidents', []),
  alerts: () => told('alerts', []),
  deployment: () => told<Deployment>('deployment', null),
  resources: () => told('resources', []),
}

describe('what the control-plane tells', () => {
  it('has no secrets left when it is written into a report', async () => {
    const { incidents, changes } = await surroundings({
      found: { sessionIds: [], incidentIds: ['INC-1'], unknownSessions: [], undiagnosed: ['INC-1'], leftOut: 0 },
      ...{ sessions: [], answers: createAnswers(), controlPlane, owned: singleTenant.of('default') },
      ...{ call: { signal: new AbortController().signal }, now: BEGAN + 60 * MINUTE },
    })
    expect(incidents).toMatchObject([{ id: 'INC-1', service_name: 'cart' }])
    expect(changes).toMatchObject([{ id: 'change-1' }])
    expect(JSON.stringify([incidents, changes])).not.toContain(secret)
    expect(JSON.stringify([incidents, changes])).toContain('[REDACTED]')
  })
})
