/** Messages of `sre forecasts`. */
import { both } from '../../gateway/present/texts.ts'

export const texts = {
  full: (at: string) => both(`full ${at}`, `${at} 用盡`),
  between: (earliest: string, latest: string | null, share: string) =>
    latest === null
      ? both(`${share}: ${earliest} at the earliest, or never`, `${share}：最早 ${earliest}，也可能不會用盡`)
      : both(`${share}: ${earliest} to ${latest}`, `${share}：${earliest} 至 ${latest}`),
  foretold: (at: string) => both(`was foretold for ${at}`, `原預測 ${at} 用盡`),
  reached: (value: string, limit: string) => both(`${value} of ${limit}`, `${value}，上限 ${limit}`),
  since: (time: string) => both(`rising since ${time}`, `自 ${time} 起持續逼近`),
  expected: (time: string, value: string, lower: string, upper: string) =>
    both(`${time}  ${value}, expected ${lower} to ${upper}`, `${time}  ${value}，預期 ${lower} 至 ${upper}`),
  diagnosis: (session: string) => both(`diagnosis: npx sre show ${session}`, `診斷：npx sre show ${session}`),
} as const
