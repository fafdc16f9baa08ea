/** What the tools of MCP are: few, cheap to read, and without a way to decide. */
import { expect, test } from 'vitest'
import { readDocument } from '../../gateway/document.ts'
import { REACHABLE } from '../../gateway/mcp/operations.ts'
import { INSTRUCTIONS } from '../../gateway/mcp/texts.ts'
import { countTokens } from '../../gateway/mcp/tokens.ts'
import { countsAs, DEFINITIONS } from '../../gateway/mcp/tools.ts'

const { operations } = readDocument()

test('the definitions are at most eight, and with the instructions below 2,000 tokens', () => {
  expect(DEFINITIONS.length).toBeLessThanOrEqual(8)
  expect(countTokens(JSON.stringify(DEFINITIONS) + INSTRUCTIONS)).toBeLessThan(2000)
})

test('no tool can reach a decision: every operation behind them reads, or asks for a diagnosis, a proposal or a report', () => {
  const scopes = REACHABLE.flatMap((id) => operations.get(id)?.scopes ?? ['?'])
  expect(new Set(scopes)).toEqual(new Set(['sre-platform:read', 'sre-platform:diagnose']))
})

test.each(DEFINITIONS.map(({ name, annotations }) => [name, annotations?.readOnlyHint] as const))(
  '%s says whether it starts anything, and counts as an operation that does so',
  (name, readOnly) => {
    const counted = countsAs({ method: 'tools/call', params: { name, arguments: {} } })
    expect(operations.get(counted ?? '')?.method).toBe(readOnly ? 'GET' : 'POST')
  },
)
