/** The MCP server of one request. */
import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server'
import { codedOf, errorBody } from '../error-answer.ts'
import type { ApiError } from '../errors.ts'
import type { Inside } from './operations.ts'
import { listResources, readResource, TEMPLATES } from './resources.ts'
import { INSTRUCTIONS, mcp as texts, next } from './texts.ts'
import { callTool, DEFINITIONS, toolNames } from './tools.ts'

/** ms that a client may keep the lists, which change with the release only */
const LISTS = { ttlMs: 3_600_000, cacheScope: 'public' } as const

export function createServer(inside: Inside): Server {
  const server = new Server(
    { name: 'sre-platform', version: inside.gateway.version },
    {
      capabilities: { tools: {}, resources: {} },
      instructions: INSTRUCTIONS,
      cacheHints: { 'tools/list': LISTS, 'resources/templates/list': LISTS },
    },
  )
  server.setRequestHandler('tools/list', async () => ({ tools: DEFINITIONS }))
  server.setRequestHandler('tools/call', async ({ params }): Promise<CallToolResult> => {
    try {
      const text = await callTool(inside, params.name, params.arguments ?? {})
      if (text !== null) return { content: [{ type: 'text', text }] }
    } catch (error) {
      return { content: [{ type: 'text', text: JSON.stringify(told(inside, coded(inside, error))) }], isError: true }
    }
    throw invalid(texts.noTool(toolNames)[inside.asked.language])
  })
  server.setRequestHandler('resources/list', async () => ({
    resources: await orRefused(inside, listResources(inside)),
  }))
  server.setRequestHandler('resources/templates/list', async () => ({ resourceTemplates: TEMPLATES }))
  server.setRequestHandler('resources/read', async ({ params: { uri } }) => {
    const found = await orRefused(inside, readResource(inside, uri))
    if (found === null) throw invalid(texts.noResource[inside.asked.language])
    return { contents: [found] }
  })
  return server
}

const invalid = (message: string, data?: object): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, message, data)

/** Unexpected errors are logged in full, as for any other request, and not revealed. */
function coded({ asked: { request } }: Inside, error: unknown): ApiError {
  const found = codedOf(error, request)
  if (found.status >= 500) request.log.error({ err: error, request: request.id }, found.message)
  return found
}

/** The error body of the API, and what to do about it. */
const told = ({ asked: { request, language } }: Inside, error: ApiError) => ({
  ...errorBody(error, request.id, language),
  next: next[error.code][language],
})

async function orRefused<T>(inside: Inside, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const refusal = coded(inside, error)
    if (refusal.status >= 500)
      throw new ProtocolError(
        ProtocolErrorCode.InternalError,
        refusal.texts[inside.asked.language],
        told(inside, refusal),
      )
    throw invalid(refusal.texts[inside.asked.language], told(inside, refusal))
  }
}
