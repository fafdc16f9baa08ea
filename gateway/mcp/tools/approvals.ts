import { z } from 'zod'
import { mcp as texts } from '../texts.ts'
import { tool } from '../tool.ts'

export const openApprovals = tool({
  name: 'open_approvals',
  description: 'Actions that wait for a person: what exactly would run, why, its risk and evidence.',
  input: z.strictObject({ cursor: z.string().optional() }),
  readOnly: true,
  countsAs: () => 'listApprovals',
  async run(inside) {
    const { items, pagination } = await inside.run('listApprovals', {
      querystring: { status: 'pending', page_size: '100' },
    })
    const note = texts.approvals(items.length, pagination.total)
    return { note, data: JSON.stringify(items), again: { tool: 'open_approvals', arguments: {} } }
  },
})
