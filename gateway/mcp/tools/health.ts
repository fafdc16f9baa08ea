import { z } from 'zod'
import { mcp as texts } from '../texts.ts'
import { tool } from '../tool.ts'

export const serviceHealth = tool({
  name: 'service_health',
  description: 'Latest diagnoses of a service, and actions on it that wait for a person. Measures nothing.',
  input: z.strictObject({ service: z.string(), cursor: z.string().optional() }),
  readOnly: true,
  countsAs: () => 'listSessions',
  async run(inside, { service }) {
    const { items, pagination } = await inside.run('listSessions', { querystring: { service, page_size: '10' } })
    const open = await inside.run('listApprovals', { querystring: { service, status: 'pending', page_size: '100' } })
    const waiting = open.items.map(({ approval_id, session_id, title, risk, expires_at }) => ({
      ...{ approval_id, session_id, title, risk, expires_at },
    }))
    const data = JSON.stringify({
      ...{ service, diagnoses: items, all_diagnoses: pagination.total },
      ...{ open_approvals: waiting, all_open_approvals: open.pagination.total },
    })
    return { note: texts.health, data, again: { tool: 'service_health', arguments: { service } } }
  },
})
