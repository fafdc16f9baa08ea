/** The structure of a postmortem, in both languages. Published as docs/reference/postmortem.schema.json. Times are ms since the epoch, UTC. */
import { z } from 'zod'

export const LANGUAGES = ['en', 'zh-TW'] as const
export type Language = (typeof LANGUAGES)[number]

const text = z.strictObject({ en: z.string(), 'zh-TW': z.string() }).describe('one text per language')
const instant = z.int()

const source = z.strictObject({
  kind: z
    .enum(['event', 'evidence', 'change', 'alert', 'incident'])
    .describe('event: event_id; evidence: evidence_id; the others: id at the control-plane'),
  id: z.string(),
})
const sources = z.array(source).describe('what the statement rests on')

const statement = z.strictObject({
  code: z.string().describe('stable name of the rule behind the statement'),
  text,
  sources: sources.min(1),
})

const moment = z
  .strictObject({
    at: instant.nullable().describe('null: unknown'),
    precision: z.enum(['exact', 'at_latest', 'unknown']),
    basis: text.describe('how it is known, or why it is not'),
    sources,
  })
  .describe('one of the times of an incident')

const interval = z.strictObject({
  name: z.enum(['TTD', 'TTA', 'TTM', 'TTR']),
  from: z.string(),
  to: z.string(),
  ms: z.int().min(0).nullable().describe('null: its start or its end is unknown, or the end is before the start'),
  precision: z.enum(['exact', 'at_latest', 'unknown']),
})

const peak = z.strictObject({ value: z.number(), at: instant })

const serviceImpact = z
  .strictObject({
    service: z.string(),
    measured: z
      .strictObject({ from: instant, to: instant })
      .nullable()
      .describe('the part of the incident with samples'),
    requests: z.number().nullable().describe('integral of the request rate'),
    failed_requests: z.number().nullable().describe('integral of the rate of failed requests'),
    error_ratio: z.strictObject({
      before: z.number().nullable().describe('median before the incident'),
      peak: peak.nullable(),
      total: z.number().nullable().describe('failed requests divided by requests'),
    }),
    latency: z
      .strictObject({
        indicator: z.string(),
        unit: z.string().nullable(),
        before: z.number().nullable().describe('median before the incident'),
        worst: peak.nullable(),
        after: z.number().nullable().describe('median after the mitigation'),
      })
      .nullable(),
    sources,
  })
  .describe('null: not measured')

const budget = z.strictObject({
  service: z.string(),
  objective: z.number().describe('largest share of failed requests'),
  period_days: z.int(),
  burnt: z.number().describe('share of the budget of the period, at the request rate before the incident'),
  sources,
})

const entry = z.strictObject({
  at: instant,
  kind: z.enum(['change', 'alert', 'onset', 'request', 'finding', 'diagnosis', 'approval', 'decision', 'action', 'effect', 'recovery', 'incident', 'feedback']), // prettier-ignore
  text,
  count: z.int().min(1).describe('how many entries were folded into this one'),
  sources: sources.min(1),
})

export const actionItemSchema = z.strictObject({
  id: z.string(),
  type: z.enum(['prevent', 'mitigate', 'detect', 'respond', 'learn']),
  text,
  reason: z.string().describe('JSON pointer to the part of this report that is the reason; empty: people added it'),
  priority: z.enum(['high', 'medium', 'low']),
  owner: z.string().nullable().describe('null: to be named'),
  state: z.enum(['open', 'done', 'dropped']),
})

const chart = z.strictObject({
  service: z.string(),
  indicator: z.string(),
  unit: z.string().nullable(),
  points: z.array(z.tuple([instant, z.number()])),
  sources: sources.min(1),
})

export const reportSchema = z
  .strictObject({
    version: z.literal(1),
    postmortem_id: z.string(),
    written_at: instant,
    head: z.strictObject({
      title: text,
      incident_ids: z.array(z.string()),
      session_ids: z.array(z.string()),
      severity: z.string().nullable(),
      status: z.enum(['open', 'mitigated', 'resolved', 'no_incident', 'unknown']),
      services: z.array(z.string()),
      times: z.strictObject({
        began: moment,
        detected: moment,
        acknowledged: moment,
        diagnosed: moment,
        decided: moment,
        acted: moment,
        mitigated: moment,
        resolved: moment,
      }),
      intervals: z.array(interval),
    }),
    summary: z.array(statement).length(3),
    impact: z.strictObject({
      duration_ms: z.int().min(0).nullable(),
      periods: z
        .array(
          z.strictObject({ from: instant, to: instant.nullable().describe('null: it has not ended, as far as known') }),
        )
        .optional()
        .describe(
          'when the incidents went on, if there were times in between in which nothing was wrong; these are not counted',
        ),
      entry: z
        .string()
        .nullable()
        .describe('the service closest to the users; services are not added up, as one request passes through several'),
      services: z.array(serviceImpact),
      budgets: z.array(budget),
      unknown: z.array(text),
    }),
    timeline: z.array(entry),
    timeline_left_out: z.int().min(0).describe('entries beyond the limit'),
    cause: z.strictObject({
      first: z
        .strictObject({
          service: z.string(),
          indicator: z.string().nullable(),
          change_id: z.string().nullable(),
          text,
          probability: z.number().min(0).max(1),
          sources: sources.min(1),
        })
        .nullable(),
      chain: z.array(statement).describe('from the trigger to the symptom, along the calls'),
      contributing: z.array(statement),
      ruled_out: z.array(statement),
      open: z.array(statement),
    }),
    went_well: z.array(statement),
    went_badly: z.array(statement),
    luck: z.array(statement),
    action_items: z.array(actionItemSchema),
    missing: z.array(text).describe('what the report could not read'),
    wording: z
      .array(z.strictObject({ rule: z.enum(['person', 'blame']), words: z.string().nullable(), count: z.int().min(1) }))
      .describe('what was reworded so that no person is named or blamed; names themselves are left out'),
    charts: z.array(chart),
  })
  .meta({ title: 'Postmortem' })

export type Report = z.infer<typeof reportSchema>
export type Text = z.infer<typeof text>
export type Source = z.infer<typeof source>
export type Statement = z.infer<typeof statement>
export type Moment = z.infer<typeof moment>
export type Interval = z.infer<typeof interval>
export type ServiceImpact = z.infer<typeof serviceImpact>
export type Budget = z.infer<typeof budget>
export type TimelineEntry = z.infer<typeof entry>
export type ActionItem = z.infer<typeof actionItemSchema>
export type Chart = z.infer<typeof chart>
export type Times = Report['head']['times']

/** The JSON Schema that is published. */
export const reportJsonSchema = (): object => z.toJSONSchema(reportSchema, { target: 'draft-2020-12' })
