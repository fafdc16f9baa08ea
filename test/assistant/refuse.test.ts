import { describe, expect, it } from 'vitest'
import { refusalOf } from '../../agents/assistant/refuse.ts'
import { failed } from '../../agents/assistant/result.ts'
import type { Run } from '../../agents/runtime/agent.ts'
import { endingReason } from '../../gateway/present/reasons.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import { isVisible } from '../../schemas/visible.ts'
import { requestAt } from './investigating.ts'

const EVIL = 'cart\x1b[2J\u202e'

describe('a request from the bus', () => {
  it.each<Partial<DiagnosisRequested>>([
    { service: EVIL },
    { namespace: EVIL },
    { deployment_id: EVIL },
    { affected_services: ['cart', EVIL] },
    { incident_ids: [EVIL] },
    { alert_ids: [EVIL] },
    { kind: EVIL },
  ])('fails with its reason where a name holds what cannot be seen: %j', (change) => {
    const request = requestAt(1_700_000_000_000, change)
    const refusal = refusalOf(request)
    const { status, reason, summary } = failed(request, { id: 'r', startedAt: 0, activeMs: () => 0 } as Run, refusal!)
    expect(status).toBe('failed')
    expect(reason).toContain('cart\\u001b[2J\\u202e')
    for (const text of [reason, ...Object.values(summary), endingReason(reason, 'zh-TW') ?? ''])
      expect(isVisible(text)).toBe(true)
  })

  it('is accepted with any visible name', () => {
    expect(
      refusalOf(requestAt(0, { service: '結帳-v2', namespace: 'naïve', question: 'why?\nsince 10:00' })),
    ).toBeNull()
  })
})
