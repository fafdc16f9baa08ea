/** The tools: what an assistant wants done, not one per operation of the API. */
import type { Tool as Definition } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { visible } from '../../schemas/visible.ts'
import { repeated, shortened } from '../details.ts'
import { ApiError } from '../errors.ts'
import { both, refusals } from '../present/texts.ts'
import type { Inside, Reachable } from './operations.ts'
import { pageOf } from './pages.ts'
import { mcp as texts } from './texts.ts'
import type { Tool } from './tool.ts'
import { openApprovals } from './tools/approvals.ts'
import { diagnose, getDiagnosis } from './tools/diagnosis.ts'
import { readEvidence } from './tools/evidence.ts'
import { serviceHealth } from './tools/health.ts'
import { postmortem } from './tools/postmortem.ts'
import { proposeAction } from './tools/propose.ts'
import { similarIncidents } from './tools/similar.ts'

export const TOOLS: readonly Tool[] = [
  ...[diagnose, getDiagnosis, readEvidence, similarIncidents, serviceHealth, openApprovals, proposeAction, postmortem],
]

const byName = new Map(TOOLS.map((one) => [one.name, one]))

/** Without what costs tokens and tells a model nothing. */
const lean = ({ jsonSchema }: { jsonSchema: { propertyNames?: unknown } }): void => void delete jsonSchema.propertyNames

/** As a client lists them; unknown arguments are refused when a tool is called. */
export const DEFINITIONS = TOOLS.map(({ name, description, input, readOnly }): Definition => {
  const { $schema: _, additionalProperties: __, ...inputSchema } = z.toJSONSchema(input, { override: lean })
  const annotations = readOnly ? { readOnlyHint: true } : { destructiveHint: false }
  return { name, description, annotations, inputSchema: inputSchema as Definition['inputSchema'] }
})

/** The operation whose rate limit a message counts against; null: of none in particular. */
export function countsAs(message: unknown): Reachable | null {
  const { method, params } = message as { method?: unknown; params?: { name?: unknown; arguments?: unknown } }
  if (method !== 'tools/call') return null
  const args = params?.arguments
  const called = byName.get(String(params?.name))
  return called?.countsAs(typeof args === 'object' && args !== null ? (args as Record<string, unknown>) : {}) ?? null
}

/** Null: there is no such tool. Throws `ApiError`. */
export async function callTool(inside: Inside, name: string, given: unknown): Promise<string | null> {
  const called = byName.get(name)
  if (called === undefined) return null
  const args = readArguments(called, given)
  const { cursor } = args as { cursor?: string }
  const { note, data, again } = await called.run(inside, args as never)
  const page = pageOf(data, cursor)
  const more = page.next === null ? [] : [nextPage(again, page.next)]
  return [note, ...more].map((one) => one[inside.asked.language]).join('\n') + (data === '' ? '' : `\n${page.text}`)
}

const nextPage = ({ tool, arguments: args }: { tool: string; arguments: object }, cursor: string) =>
  texts.more(`${tool} ${visible(JSON.stringify({ ...args, cursor }))}`)

const inChinese = z.locales.zhTW().localeError

/** Only what the operation behind the tool does not check itself: names and types of the arguments. */
function readArguments({ input }: Tool, given: unknown): Record<string, unknown> {
  const read = input.safeParse(given)
  if (read.success) return read.data
  const chinese = input.safeParse(given, { error: inChinese }).error?.issues ?? []
  const wrong = read.error.issues.map(({ path, message }, at) => ({
    field: repeated(path.map(String).join('.')),
    message: both(repeated(message), repeated(chinese[at]?.message ?? message)),
  }))
  throw new ApiError('VALIDATION_ERROR', refusals.notDescribed('body'), { details: shortened(wrong, (one) => one) })
}

export const toolNames = TOOLS.map(({ name }) => name)
