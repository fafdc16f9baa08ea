/** A report as sections of paragraphs, lists and tables in one language: what Markdown and HTML both print. */
import { type RevisionSeen, reportWith } from '../edits.ts'
import type { PostmortemRevised } from '../../schemas/events.generated.ts'
import type { Chart, Language, Report, Source, Statement, Text } from '../report.ts'
import { count, inZone, joinedTexts, level, percent, span, utc } from '../words.ts'
import { labels, phrases } from './labels.ts'

export type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'table'; head: readonly string[]; rows: readonly (readonly string[])[] }
  /** what led to what */
  | { kind: 'chain'; nodes: readonly string[] }
  /** `place`: among the charts, from 1 */
  | { kind: 'chart'; title: string; chart: Chart; marks: readonly Mark[]; place: number }

/** An instant that is marked in charts. */
export interface Mark {
  at: number
  label: string
}

export interface Section {
  heading: string
  blocks: readonly Block[]
}

export interface Document {
  title: string
  sections: readonly Section[]
}

export interface RenderOptions {
  language: Language
  /** IANA name of the reader's zone; absent: UTC only */
  zone?: string
  /** absent: only the report is shown */
  people?: People
}

/** What people made of the report. */
export interface People {
  revision: number
  state: string
  latest: Pick<PostmortemRevised, 'summary' | 'notes' | 'impact_notes' | 'action_items'> | null
  revisions: readonly RevisionSeen[]
}

export function documentOf(computed: Report, { language, zone, people }: RenderOptions): Document {
  const report = reportWith(computed, people?.latest ?? null)
  const say = (text: Text): string => text[language]
  const label = (name: keyof typeof labels): string => labels[name][language]
  const { cited, listed } = createCitations(language)
  const at = (instant: number): string =>
    zone === undefined || zone === 'UTC' ? utc(instant) : `${utc(instant)} · ${inZone(instant, zone)}`
  const claim = ({ text, sources }: Statement): string => `${say(text)}${cited(sources)}`
  const listOf = (heading: string, statements: readonly Statement[]): Section => ({
    heading,
    blocks: [
      statements.length === 0
        ? { kind: 'paragraph', text: label('none') }
        : { kind: 'list', items: statements.map(claim) },
    ],
  })

  const { head, impact, cause } = report
  const sections: Section[] = [
    {
      heading: label('summary'),
      blocks: [...summary(), ...facts()],
    },
    { heading: label('times'), blocks: [times(), intervals()] },
    { heading: label('impact'), blocks: [...impacts(), ...written(people?.latest?.impact_notes ?? null), ...charts()] },
    { heading: label('timeline'), blocks: timeline() },
    { heading: label('cause'), blocks: causes() },
    ...(cause.contributing.length === 0 ? [] : [listOf(label('contributing'), cause.contributing)]),
    ...(cause.ruled_out.length === 0 ? [] : [listOf(label('ruledOut'), cause.ruled_out)]),
    listOf(label('open'), cause.open),
    listOf(label('wentWell'), report.went_well),
    listOf(label('wentBadly'), report.went_badly),
    listOf(label('luck'), report.luck),
    { heading: label('items'), blocks: items() },
    ...notes(),
    { heading: label('missing'), blocks: missing() },
    ...revisions(),
  ]
  return {
    title: say(head.title),
    sections: [...sections, { heading: label('sources'), blocks: [{ kind: 'list', items: listed() }] }],
  }

  /** People's summary replaces the computed one in the language it is written in. */
  function summary(): Block[] {
    const own = written(people?.latest?.summary[language] ?? null)
    return own.length > 0 ? own : [{ kind: 'paragraph', text: report.summary.map(claim).join(' ') }]
  }

  function written(given: string | null): Block[] {
    const lines = (given ?? '').split(/\n+/).filter((line) => line.trim() !== '')
    return lines.map((line) => ({ kind: 'paragraph', text: line }))
  }

  function notes(): Section[] {
    const blocks = written(people?.latest?.notes ?? null)
    return blocks.length === 0 ? [] : [{ heading: label('notes'), blocks }]
  }

  function revisions(): Section[] {
    if (people === undefined || people.revisions.length === 0) return []
    const rows = people.revisions.map((one) => [
      String(one.revision),
      at(one.at),
      worded(`role_${one.role}`, one.role),
      one.changed.map((name) => worded(`changed_${name}`, name)).join(label('comma')),
      one.counts ? worded(`document_${one.state}`, one.state) : label('overtaken'),
    ])
    const head = [label('revision'), label('time'), label('role'), label('changed'), label('document')]
    return [{ heading: label('revisions'), blocks: [{ kind: 'table', head, rows }] }]
  }

  // roles and states are open
  function worded(name: string, otherwise: string): string {
    return Object.hasOwn(labels, name) ? labels[name as keyof typeof labels][language] : otherwise
  }

  function facts(): Block[] {
    const rows = [
      ...(people === undefined
        ? []
        : [
            [
              label('document'),
              phrases.document(people.revision, worded(`document_${people.state}`, people.state))[language],
            ],
          ]),
      [label('status'), labels[`status_${head.status}`][language]],
      [label('severity'), head.severity ?? label('unknown')],
      [label('services'), head.services.join(', ') || label('unknown')],
      [label('incidents'), head.incident_ids.join(', ') || label('none')],
      [label('sessions'), head.session_ids.join(', ') || label('none')],
    ]
    return [{ kind: 'table', head: ['', ''], rows }]
  }

  function times(): Block {
    const rows = Object.entries(head.times).map(([name, { at: instant, precision, basis, sources }]) => [
      labels[name as keyof typeof head.times][language],
      instant === null ? label('unknown') : `${precision === 'at_latest' ? `${label('atLatest')} ` : ''}${at(instant)}`,
      `${say(basis)}${cited(sources)}`,
    ])
    return { kind: 'table', head: [label('moment'), label('time'), label('basis')], rows }
  }

  // the schema lets an interval name anything
  function momentOf(name: string): string {
    return Object.hasOwn(head.times, name) ? labels[name as keyof typeof head.times][language] : name
  }

  function intervals(): Block {
    const rows = head.intervals.map(({ name, ms, precision, from, to }) => [
      name,
      ms === null ? label('unknown') : `${precision === 'at_latest' ? `${label('atMost')} ` : ''}${say(span(ms))}`,
      `${momentOf(from)} → ${momentOf(to)}`,
    ])
    return { kind: 'table', head: [label('interval'), label('length'), ''], rows }
  }

  function impacts(): Block[] {
    const unknown = label('unknown')
    const rows = impact.services.map((one) => [
      `${one.service === impact.entry ? phrases.entry(one.service)[language] : one.service}${cited(one.sources)}`,
      one.requests === null ? unknown : count(one.requests),
      one.failed_requests === null ? unknown : count(one.failed_requests),
      one.error_ratio.total === null ? unknown : percent(one.error_ratio.total),
      one.error_ratio.peak === null
        ? unknown
        : `${percent(one.error_ratio.peak.value)} · ${at(one.error_ratio.peak.at)}`,
      one.latency === null ? unknown : latency(one.latency),
      one.measured === null ? unknown : `${at(one.measured.from)} – ${at(one.measured.to)}`,
    ])
    const periods = (impact.periods ?? []).map(({ from, to }) => `${at(from)} – ${to === null ? unknown : at(to)}`)
    const titles = [label('service'), label('requests'), label('failed'), label('share'), label('peak'), label('latency'), label('measured')] // prettier-ignore
    const budgets = impact.budgets.map(
      ({ service, objective, period_days, burnt, sources }) =>
        `${phrases.budget(service, percent(burnt), period_days, percent(1 - objective))[language]}${cited(sources)}`,
    )
    return [
      {
        kind: 'paragraph',
        text: phrases.lasted(impact.duration_ms === null ? null : span(impact.duration_ms), periods)[language],
      },
      ...(rows.length === 0 ? [] : [{ kind: 'table' as const, head: titles, rows }]),
      ...(budgets.length === 0 ? [] : [{ kind: 'list' as const, items: budgets }]),
      { kind: 'paragraph', text: label('notKnown') },
      { kind: 'list', items: impact.unknown.map(say) },
    ]
  }

  function latency({
    indicator,
    unit,
    before,
    worst,
    after,
  }: NonNullable<Report['impact']['services'][number]['latency']>): string {
    const of = (value: number | null) => (value === null ? label('unknown') : level(value, unit))
    return `${indicator}: ${of(before)} → ${of(worst?.value ?? null)} → ${of(after)}`
  }

  function charts(): Block[] {
    const marks = (['began', 'mitigated', 'resolved'] as const).flatMap((name) => {
      const instant = head.times[name].at
      return instant === null ? [] : [{ at: instant, label: labels[name][language] }]
    })
    return report.charts.map((chart, place) => ({ kind: 'chart', place: place + 1, title: `${chart.service}: ${chart.indicator}${cited(chart.sources)}`, chart, marks })) // prettier-ignore
  }

  function timeline(): Block[] {
    const rows = report.timeline.map(({ at: instant, text, count: times, sources }) => [
      at(instant),
      `${say(text)}${times === 1 ? '' : ` (×${times})`}${cited(sources)}`,
    ])
    const left = report.timeline_left_out
    return [
      rows.length === 0
        ? { kind: 'paragraph', text: label('none') }
        : { kind: 'table', head: [label('time'), label('event')], rows },
      ...(left === 0 ? [] : [{ kind: 'paragraph' as const, text: phrases.leftOut(left)[language] }]),
    ]
  }

  function causes(): Block[] {
    const { first, chain } = cause
    if (first === null) return [{ kind: 'paragraph', text: label('noCause') }]
    const text = joinedTexts([phrases.first(first.service, percent(first.probability)), first.text], ' ', '')
    return [
      { kind: 'paragraph', text: `${say(text)}${cited(first.sources)}` },
      ...(chain.length < 2 ? [] : [{ kind: 'chain' as const, nodes: chain.map(({ text: one }) => say(one)) }]),
      { kind: 'list', items: chain.map(claim) },
    ]
  }

  function items(): Block[] {
    if (report.action_items.length === 0) return [{ kind: 'paragraph', text: label('none') }]
    const rows = report.action_items.map(({ id, type, text, priority, owner, state, reason }) => [
      id,
      labels[type][language],
      say(text),
      labels[priority][language],
      owner ?? label('toBeNamed'),
      labels[`item_${state}`][language],
      reason === '' ? label('added') : reason,
    ])
    return [{ kind: 'table', head: ['', label('type'), label('item'), label('priority'), label('owner'), label('state'), label('reason')], rows }] // prettier-ignore
  }

  function missing(): Block[] {
    const { missing: gaps, wording } = report
    const reworded = wording.reduce((sum, one) => sum + one.count, 0)
    return [
      gaps.length === 0 ? { kind: 'paragraph', text: label('none') } : { kind: 'list', items: gaps.map(say) },
      ...(reworded === 0 ? [] : [{ kind: 'paragraph' as const, text: phrases.reworded(reworded)[language] }]),
    ]
  }
}

/** Sources by number: `[3]`, in the order in which they are first cited. */
function createCitations(language: Language) {
  const numbers = new Map<string, number>()
  const numberOf = ({ kind, id }: Source): number => {
    const key = `${kind} ${id}`
    const known = numbers.get(key) ?? numbers.size + 1
    numbers.set(key, known)
    return known
  }
  return {
    cited: (sources: readonly Source[]): string => {
      const told = [...new Set(sources.map(numberOf))]
      return told.length === 0
        ? ''
        : ` [${told.slice(0, MOST_CITED).join(', ')}${told.length > MOST_CITED ? ', …' : ''}]`
    },
    listed: (): string[] => [...numbers].map(([key, number]) => {
      const [kind = '', ...id] = key.split(' ')
      return `[${number}] ${labels[`source_${kind as Source['kind']}`][language]} ${id.join(' ')}`
    }), // prettier-ignore
  }
}

const MOST_CITED = 6
