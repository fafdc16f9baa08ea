import { z } from 'zod'
import { mcp as texts } from '../texts.ts'
import { tool } from '../tool.ts'
import { isKey } from './key.ts'

export const proposeAction = tool({
  name: 'propose_action',
  description: 'Propose a rollback, restart or other action. Runs nothing: people read your reason and decide.',
  input: z.strictObject({
    session_id: z.string(),
    action: z.string(),
    parameters: z.record(z.string(), z.string()).optional(),
    service: z.string().optional().describe('default: first cause'),
    reason: z.string(),
    key: z.string().refine(isKey).optional().describe('idempotency'),
  }),
  readOnly: false,
  countsAs: () => 'proposeAction',
  async run(inside, { key, session_id, ...body }) {
    const answer = await inside.run('proposeAction', {
      params: { session_id },
      body,
      ...(key === undefined ? {} : { once: { key, said: body } }),
    })
    const again = { tool: 'open_approvals', arguments: {} }
    if (!('action_hash' in answer)) return { note: texts.examining(answer.session_id), data: '', again }
    const other = answer.closed?.joined_approval ?? null
    const note = other === null ? texts.proposed(answer.approval_id) : texts.joined(answer.approval_id, other)
    return { note, data: JSON.stringify(answer), again }
  },
})
