/** Whether a tool answers, for the status that agents report. */
import type { ToolCheck } from '../runtime/status.ts'
import { wordsOf } from './answer.ts'
import type { RecordingSource } from './recording/source.ts'
import type { ControlPlaneTool } from './tools.ts'

const HOUR_MS = 3_600_000

/** Asks for the alerts of the last hour, which needs the agent's access. */
export const controlPlaneCheck = (endpoint: string, tool: ControlPlaneTool): ToolCheck => ({
  tool: 'control-plane',
  endpoint: withoutCredentials(endpoint),
  capabilities: ['alerts', 'audit-logs', 'deployments', 'incidents', 'resources'],
  async look(signal) {
    const end = Date.now()
    const { status, summary } = await tool.alerts({ range: { start: end - HOUR_MS, end } }, { signal })
    if (status === 'failed') throw new Error(summary)
  },
})

export const recordingCheck = (source: RecordingSource): ToolCheck => ({
  tool: 'recording',
  endpoint: null,
  capabilities: ['golden-signals', 'logs'],
  look: () => source.read(),
})

/** A check over HTTP; the error names its cause. */
export const httpCheck = (
  { tool, endpoint, capabilities }: Omit<ToolCheck, 'look' | 'endpoint'> & { endpoint: string },
  look: (signal: AbortSignal) => Promise<unknown>,
): ToolCheck => ({
  ...{ tool, capabilities, endpoint: withoutCredentials(endpoint) },
  look: (signal) =>
    look(signal).catch((error: unknown) => {
      throw new Error(wordsOf(error), { cause: error })
    }),
})

export const notConfigured = (tool: string, capabilities: readonly string[]): ToolCheck => ({
  ...{ tool, capabilities, endpoint: null, look: null },
})

/** The query string is removed too: some services take a key there. */
function withoutCredentials(address: string): string {
  const { origin, pathname } = new URL(address)
  return `${origin}${pathname}`
}
