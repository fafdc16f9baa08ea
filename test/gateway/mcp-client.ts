/** Clients of MCP that nobody here wrote: the official ones, over both transports. */
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client'
import { expect } from 'vitest'

export type Era = '2026-07-28' | 'legacy'

export interface Assistant {
  client: Client
  /** the text of a tool's answer */
  call(name: string, args?: Record<string, unknown>): Promise<string>
  /** the error of a tool's answer */
  fail(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>
}

export async function connectTo(transport: Transport, era: Era = '2026-07-28'): Promise<Assistant> {
  const mode = era === 'legacy' ? era : { pin: era }
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(transport)
  const text = async (name: string, args: Record<string, unknown>, isError: boolean) => {
    const answer = await client.callTool({ name, arguments: args })
    const [block] = answer.content
    expect(answer.content, name).toHaveLength(1)
    if (block?.type !== 'text') throw new Error(`${name} answered ${block?.type}`)
    expect(answer.isError ?? false, block.text).toBe(isError)
    return block.text
  }
  return {
    client,
    call: (name, args = {}) => text(name, args, false),
    fail: async (name, args = {}) => JSON.parse(await text(name, args, true)) as Record<string, unknown>,
  }
}

export const overHttp = (url: string, token: () => Promise<string>, headers: Record<string, string> = {}): Transport =>
  new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider: { token }, requestInit: { headers } })

const DELIMITED = /<(data-[0-9a-f]{16})>\n([^]*)\n<\/\1>$/

/** What an answer has between its delimiters. */
export function dataOf(answer: string): string {
  const [, , data] = DELIMITED.exec(answer) ?? []
  if (data === undefined) throw new Error(`no data in ${answer}`)
  return data
}

/** The tool and the arguments that an answer names for its next page; null: it was the last one. */
export function nextOf(answer: string): [string, Record<string, unknown>] | null {
  const [, tool, args] = /^There is more\. Next page: (\w+) (\{.*\})$/m.exec(answer) ?? []
  return tool === undefined ? null : [tool, JSON.parse(args ?? '') as Record<string, unknown>]
}

/** All pages of an answer, from its first. */
export async function pagesOf({ call }: Assistant, first: string): Promise<string[]> {
  const pages = [first]
  for (let next = nextOf(first); next !== null; next = nextOf(pages.at(-1)!)) pages.push(await call(...next))
  return pages
}
