/**
 * Capacity advice with its numbers, in both languages: a high percentile of current or forecast usage plus headroom, as the recommender of
 * the Kubernetes Vertical Pod Autoscaler sets requests; the thresholds are our own.
 */
import type { Capacity } from './capacity.ts'
import type { Text } from '../verdict.ts'

export interface Advice {
  type: 'scale_up' | 'scale_down'
  priority: 'immediate' | 'high' | 'medium' | 'low'
  /** a multiple of the current allocation */
  recommended: number
  reasoning: Text
}

/** Target utilization after scaling; the rest is headroom. */
const AFTER = 0.7
/** A resource is over-provisioned if its peak and its forecast stay below this utilization. */
const IDLE = 0.3
const FULL = 0.9
/** Displayed as 100 %, and as more than 100 %. */
const AT_LIMIT = 0.995
const BEYOND_LIMIT = 1.005

/** null: the allocation fits, or the limit is unknown. Without a trend, the advice does not rest on a forecast. */
export function adviceOn(capacity: Capacity, forecastDays: number): Advice | null {
  const { expected, demand, percentile95, peak, days, trend, tooShort } = capacity
  const fullWithin = capacity.crossings.find(({ threshold }) => threshold === FULL)?.days ?? null
  if (fullWithin !== null || percentile95 >= FULL) {
    const soon = days ?? fullWithin
    return {
      type: 'scale_up',
      priority:
        percentile95 >= FULL || (soon ?? Infinity) <= 3 ? 'immediate' : (soon ?? Infinity) <= 14 ? 'high' : 'medium',
      recommended: rounded(Math.max(tooShort ? percentile95 : demand, percentile95) / AFTER),
      reasoning: tooShort ? fullText(capacity) : upText(capacity, forecastDays),
    }
  }
  if (!tooShort && peak < IDLE && expected.upper < IDLE && trend !== 'increasing') {
    return { type: 'scale_down', priority: 'low', recommended: rounded(Math.max(peak, expected.upper) / AFTER), reasoning: downText(capacity) } // prettier-ignore
  }
  return null
}

/** Rounds up to a multiple of 0.05, at least 0.05. */
const rounded = (factor: number): number => Math.max(0.05, Math.ceil(factor * 20 - 1e-9) / 20)

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
const dayCount = (days: number): string => (days < 10 ? days.toFixed(1) : days.toFixed(0))

/** A span of time in its usual unit. */
function span(days: number): Text {
  if (days >= 1) return { en: `${dayCount(days)} days`, zh: `${dayCount(days)} 天` }
  const minutes = Math.max(1, Math.round(days * 24 * 60))
  if (minutes < 120) return { en: `${minutes} minute${minutes === 1 ? '' : 's'}`, zh: `${minutes} 分鐘` }
  const hours = (minutes / 60).toFixed(0)
  return { en: `${hours} hours`, zh: `${hours} 小時` }
}

const fullText = ({ percentile95, peak }: Capacity): Text => ({
  en: `p95 ${percent(percentile95)}, peak ${percent(peak)}; too little history for a forecast. The recommended allocation keeps p95 at or below ${percent(AFTER)}.`,
  zh: `第 95 百分位 ${percent(percentile95)}，尖峰 ${percent(peak)}；歷史資料太少，無法預測。第 95 百分位不超過建議配置的 ${percent(AFTER)}。`,
})

const upText = ({ percentile95, peak, expected, demand }: Capacity, days: number): Text => ({
  en: `p95 ${percent(percentile95)}, peak ${percent(peak)}; ${percent(expected.mean)} forecast in ${days} days (${percent(expected.lower)} to ${percent(expected.upper)})${demand > expected.mean ? `, demand ${percent(demand)}` : ''}. The recommended allocation keeps the larger of p95 and ${demand > expected.mean ? 'demand' : 'forecast'} at or below ${percent(AFTER)}.`,
  zh: `第 95 百分位 ${percent(percentile95)}，尖峰 ${percent(peak)}；${days} 天後預估 ${percent(expected.mean)}（${percent(expected.lower)} 至 ${percent(expected.upper)}）${demand > expected.mean ? `，需求 ${percent(demand)}` : ''}。百分位與${demand > expected.mean ? '需求' : '預估'}中較大者不超過建議配置的 ${percent(AFTER)}。`,
})

const downText = ({ peak, expected }: Capacity): Text => ({
  en: `Usage never exceeded ${percent(peak)} of the limit; the forecast stays below ${percent(expected.upper)}.`,
  zh: `用量從未超過上限的 ${percent(peak)}，預估最多 ${percent(expected.upper)}。`,
})

/** The summary of one resource. */
export function capacityText(resource: string, indicator: string, capacity: Capacity, limited: boolean): Text {
  const said = changedText(usedText(resource, indicator, capacity, limited), capacity)
  if (!(capacity.silentDays > 1)) return said
  const silent = dayCount(capacity.silentDays)
  return { en: `${said.en} No data for the last ${silent} days.`, zh: `${said.zh}最近 ${silent} 天沒有資料。` }
}

/** Flat usage: a trend or a date would mean nothing. */
export const standingText = (resource: string, indicator: string, { present, historyDays }: Capacity): Text => ({
  en: `${resource}: ${indicator} is flat at ${percent(present)}, unchanged for ${span(historyDays).en}.`,
  zh: `${resource}：${indicator} 維持在 ${percent(present)}，${span(historyDays).zh}未變。`,
})

function changedText({ en, zh }: Text, { changed }: Capacity): Text {
  if (changed === null) return { en, zh }
  const age = span(changed.days)
  if (changed.kind === 'bent')
    return { en: `${en} This trend is only ${age.en} old; earlier data is left out.`, zh: `${zh}這樣的走勢僅持續 ${age.zh}，之前的資料不列入。` } // prettier-ignore
  return {
    en: `${en} Usage stepped to a new level ${age.en} ago (a resize or a clean-up, for instance); earlier data is left out.`,
    zh: `${zh}${age.zh}前用量比例一次性改變（例如調整容量或清理），之前的資料不列入。`,
  }
}

function usedText(resource: string, indicator: string, capacity: Capacity, limited: boolean): Text {
  if (limited && capacity.present >= AT_LIMIT) return limitText(resource, indicator, capacity)
  if (capacity.tooShort && capacity.days === null) return tooShortText(resource, indicator, capacity, limited)
  const { days, earliestDays, latestDays, historyDays, percentile95 } = capacity
  const history = dayCount(historyDays)
  const trends = trendText(capacity)
  if (!limited)
    return {
      en: `${resource}: ${indicator} is ${trends.en} over ${history} days; its limit is unknown, so there is no date.`,
      zh: `${resource}：${indicator} 在 ${history} 天內${trends.zh}；不知道上限，無法推估日期。`,
    }
  const used = percent(percentile95)
  const limit = percentile95 >= AT_LIMIT ? { en: 'it reaches its limit at times', zh: '有時已達上限' } : { en: 'its limit is not in sight', zh: '近期不會達到上限' } // prettier-ignore
  if (days === null)
    return {
      en: `${resource}: ${indicator} is ${trends.en} at ${used} (p95) over ${history} days of history; ${limit.en}.`,
      zh: `${resource}：${indicator} ${trends.zh}，第 95 百分位 ${used}（依 ${history} 天歷史）；${limit.zh}。`,
    }
  const between = {
    en: `${earliestDays === null ? 'unknown' : dayCount(earliestDays)} to ${latestDays === null ? 'beyond the forecast' : dayCount(latestDays)}`,
    zh: `${earliestDays === null ? '未知' : dayCount(earliestDays)} 至 ${latestDays === null ? '超出預測範圍' : dayCount(latestDays)}`,
  }
  return {
    en: `${resource}: ${indicator} is ${trends.en} and reaches its limit in ${dayCount(days)} days (${between.en}), based on ${history} days of history.`,
    zh: `${resource}：${indicator} ${trends.zh}，將於 ${dayCount(days)} 天後達到上限（${between.zh}），依 ${history} 天歷史推估。`,
  }
}

function trendText({ trend, growthPerMonth }: Capacity): Text {
  const growth = growthPerMonth === null ? '' : `${growthPerMonth >= 0 ? '+' : ''}${growthPerMonth.toFixed(1)} %`
  return {
    increasing: { en: `increasing (${growth} a month)`, zh: `上升中（每月 ${growth}）` },
    decreasing: { en: `decreasing (${growth} a month)`, zh: `下降中（每月 ${growth}）` },
    stable: { en: 'stable', zh: '持平' },
  }[trend]
}

function limitText(resource: string, indicator: string, capacity: Capacity): Text {
  const where = capacity.present >= BEYOND_LIMIT ? { en: 'over', zh: '超過' } : { en: 'at', zh: '達到' }
  const trends = capacity.tooShort ? { en: 'too short for a trend', zh: '不足以判斷趨勢' } : trendText(capacity)
  const [used, history] = [percent(capacity.present), span(capacity.historyDays)]
  return {
    en: `${resource}: ${indicator} is ${where.en} its limit at ${used} (${history.en} of history: ${trends.en}).`,
    zh: `${resource}：${indicator} 已${where.zh}上限，用量 ${used}（依 ${history.zh}歷史：${trends.zh}）。`,
  }
}

function tooShortText(resource: string, indicator: string, capacity: Capacity, limited: boolean): Text {
  const history = span(capacity.historyDays)
  const used = percent(capacity.percentile95)
  return {
    en: `${resource}: ${indicator} has only ${history.en} of history, too short to tell a trend from a daily pattern${limited ? `; p95 is ${used}` : ''}.`,
    zh: `${resource}：${indicator} 僅有 ${history.zh}歷史，不足以區分趨勢與每日規律${limited ? `；目前用量 ${used}（第 95 百分位）` : ''}。`,
  }
}
