import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import type { Tools } from '../../agents/tools/tools.ts'
import { unpack } from '../../bus/postgres/packed.ts'
import { findEvidence } from '../../gateway/views/evidence.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import { openInvestigations, requestAt } from './investigating.ts'

const RECORDING = join(import.meta.dirname, '../scenarios/shop-01')
const source = finishedRecording(RECORDING)
const SECRETS = { line: 'hunter2-of-a-line', label: 'hunter2-of-a-label', warning: 'hunter2-of-a-warning', error: 'hunter2-of-an-error' } // prettier-ignore

/** Sources that return secrets in every possible place. */
const plain = { metrics: recordedMetrics(source), logs: recordedLogs(source), controlPlane: recordedControlPlane(source) } // prettier-ignore
const telling: Tools = {
  metrics: {
    async goldenSignals(query, context) {
      const answer = await plain.metrics.goldenSignals(query, context)
      const warnings = [`cut at https://u:${SECRETS.warning}@store`]
      if (query.service === 'payment')
        return { ...answer, status: 'failed', summary: '401', error: `401: authorization: Bearer ${SECRETS.error}-1`, data: null } // prettier-ignore
      return { ...answer, warnings }
    },
  },
  logs: {
    async logs(query, context) {
      const answer = await plain.logs.logs(query, context)
      if (answer.status !== 'ok') return answer
      const lines = answer.data.lines.map((line) => ({ ...line, message: `${line.message} password=${SECRETS.line}` }))
      const templates = answer.data.templates.map((one) => ({ ...one, template: `${one.template} password=${SECRETS.line}` })) // prettier-ignore
      return { ...answer, data: { ...answer.data, lines, templates } }
    },
  },
  controlPlane: {
    ...plain.controlPlane,
    async alerts(query, context) {
      const answer = await plain.controlPlane.alerts(query, context)
      if (answer.status !== 'ok') return answer
      const labels = { api_key: SECRETS.label }
      return { ...answer, data: answer.data.map((alert) => ({ ...alert, labels: { ...alert.labels, ...labels } })) }
    },
  },
}

describe("a secret in a source's answer", () => {
  let investigations: Awaited<ReturnType<typeof openInvestigations>>
  beforeAll(async () => {
    investigations = await openInvestigations('secrets')
  }, 180_000)
  afterAll(() => investigations?.close())

  it("reaches neither the store, nor any event, nor the gateway's responses", async () => {
    const { window } = await readIncident(RECORDING)
    const request = requestAt(parseInstant(window.end), { service: 'cart' })
    const { told, recorded } = await investigations.ask(request, telling)
    const { rows } = await investigations.pool.query<{ packed: Buffer; row: string }>(
      'SELECT packed, items::text AS row FROM evidence.items JOIN evidence.recorded USING (evidence_id)',
    )
    expect(rows.length).toBe(recorded.length)
    const stored = await Promise.all(rows.map(async ({ packed, row }) => `${row} ${await unpack(packed)}`))
    const answers = await Promise.all(
      recorded.map(({ session_id, evidence_id }) =>
        findEvidence(investigations.pool, { tenant: 'default', session_id, evidence_id }),
      ),
    )
    expect(answers).not.toContain(null)
    for (const said of [JSON.stringify(told), JSON.stringify(answers), ...stored]) expect(said).not.toContain('hunter2')
    const kept = stored.join()
    for (const left of [
      'password=[REDACTED]',
      '"api_key":"[REDACTED]"',
      'https://u:[REDACTED]@store',
      'Bearer [REDACTED]',
    ])
      expect(kept.replaceAll('\\"', '"').replaceAll('""', '"')).toContain(left)
    expect(recorded.some(({ redactions }) => redactions > 0)).toBe(true)
  })
})
