/** The output language. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { capacityReport } from '../../cli/capacity/capacity-command.ts'
import { shown } from '../../cli/terminal/line.ts'
import { localeOf } from '../../cli/language.ts'
import { usageLines } from '../../cli/usage-errors.ts'
import { runHere } from './run-sre.ts'

test.each([
  [{}, 'en'],
  [{ LANG: 'C.UTF-8' }, 'en'],
  [{ LANG: 'zh_TW.UTF-8' }, 'zh-TW'],
  [{ LANG: 'zh_CN.UTF-8' }, 'zh-TW'],
  [{ LANG: 'zha_XX' }, 'en'],
  [{ LANG: 'de_DE', LC_MESSAGES: 'zh_TW' }, 'zh-TW'],
  [{ LANG: 'zh_TW', LC_ALL: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'zh_TW', LC_ALL: '' }, 'zh-TW'],
])('%j is read as %s', (environment, language) => {
  expect(localeOf(environment)).toBe(language)
})

test.each([
  [
    "error: unknown command 'diagnos'\n(Did you mean diagnose?)",
    null,
    '錯誤：沒有指令「diagnos」\n（您是指 diagnose 嗎？）',
  ],
  ["error: unknown command 'a. b'", null, '錯誤：沒有指令「a. b」'],
  [
    "error: too many arguments for 'show'. Expected 1 argument but got 2: a, b.",
    'error: too many arguments (2, at most 1): a, b',
    '錯誤：引數過多：最多 1 個，收到 2 個：a, b',
  ],
  [
    "error: option '--severity <level>' argument 'P9. x' is invalid. Allowed choices are P0, P1.",
    "error: invalid value 'P9. x' for --severity <level>: choose from P0, P1",
    '錯誤：--severity <level> 的值「P9. x」無效：可選 P0, P1',
  ],
  [
    "error: option '--since <time>' argument 'a is invalid. b' is invalid. expected a duration such as 90s, 30m, 2h or 1d",
    "error: invalid value 'a is invalid. b' for --since <time>: expected a duration such as 90s, 30m, 2h or 1d",
    '錯誤：--since <time> 的值「a is invalid. b」無效：請輸入時間長度，例如 90s、30m、2h 或 1d',
  ],
  [
    "error: option '--namespace <name>' argument 'A' is invalid. expected a Kubernetes name: a-z, 0-9, . and -, at most 63 characters",
    "error: invalid value 'A' for --namespace <name>: expected a Kubernetes name: a-z, 0-9, . and -, at most 63 characters",
    '錯誤：--namespace <name> 的值「A」無效：請輸入 Kubernetes 的名稱：a-z、0-9、. 與 -，最多 63 個字元',
  ],
  [
    "error: command-argument value 'abc' is invalid for argument 'approval'. sre approvals lists the ids; the last six characters are enough",
    "error: invalid <approval> 'abc': sre approvals lists the ids; the last six characters are enough",
    '錯誤：<approval>「abc」無效：sre approvals 會列出所有編號；輸入末六碼即可',
  ],
  ["error: missing required argument 'dir'", 'error: <dir> is required', '錯誤：必須指定 <dir>'],
  ["error: required option '--horizon <steps>' not specified", 'error: --horizon <steps> is required', '錯誤：必須指定 --horizon <steps>'], // prettier-ignore
  ["error: option '--since <time>' argument missing", 'error: --since <time> needs a value', '錯誤：--since <time> 缺少值'], // prettier-ignore
])('usage error %j is put into words, in both languages', (written, english, chinese) => {
  expect(usageLines(written, 'en').join('\n')).toBe(english ?? written)
  expect(usageLines(written, 'zh-TW').join('\n')).toBe(chinese)
})

describe('errors are in the language of the terminal', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'sre-language-'))
  })
  afterEach(() => rmSync(dataDir, { recursive: true }))

  test('unless --language is given, before or after the command', { timeout: 180_000 }, async () => {
    const environment = { LANG: 'zh_TW.UTF-8', DATA_DIR: dataDir }
    const [chinese, before, after, asking, help] = await Promise.all([
      runHere(['sessions'], environment),
      runHere(['--language', 'en', 'sessions'], environment),
      runHere(['sessions', '--language', 'en'], environment),
      runHere(['diagnose'], environment),
      runHere(['dlq', 'list', '--help']),
    ])
    // a missing argument is reported before any lookup
    expect(asking).toMatchObject({ code: 1, err: expect.stringContaining('請指定對象') as string })
    expect(chinese).toMatchObject({ code: 1, err: expect.stringContaining('沒有執行中的平台') as string })
    for (const english of [before, after])
      expect(english).toMatchObject({ code: 1, err: expect.stringContaining('no platform is running') as string })
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('--language <tag>') as string })
  })

  test('also for a corrupt file of ours or an invalid URL', { timeout: 180_000 }, async () => {
    writeFileSync(join(dataDir, 'endpoints.json'), '{"gateway":')
    const [broken, noUrl] = await Promise.all([
      runHere(['sessions'], { DATA_DIR: dataDir }),
      runHere(['login', '--issuer', 'localhost', '--language', 'zh-TW'], { DATA_DIR: dataDir }),
    ])
    expect(broken).toMatchObject({ code: 1, err: expect.stringContaining('endpoints.json cannot be read') as string })
    expect(noUrl).toMatchObject({ code: 1, err: '--issuer 必須是 http(s) URL，而不是 localhost\n' })
  })
})

test('capacity output is in the requested language, including headings', () => {
  const one = {
    ...{ resource: 'cart', indicator: 'memory_ratio', unit: 'ratio', evidence: ['e'] },
    current_usage: { average: 0.5, peak: 0.6, percentile_95: 0.55 },
    forecast: {
      ...{
        trend: 'increasing' as const,
        days_to_capacity: 41.2,
        growth_rate: 3,
        history_days: 60,
        capacity_alerts: [],
      },
      days_to_capacity_interval: { earliest: 30.4, latest: null },
    },
    recommendations: [
      {
        ...{ type: 'scale_up' as const, resource: 'cart', priority: 'medium' as const, reasoning: '41 天後用盡' },
        ...{ current_allocation: 1, recommended_allocation: 1.5 },
      },
    ],
    chart_data: [{ date: '2026-01-01T00:00:00Z', historical: 0.5, predicted: null, lower: null, upper: null }],
  }
  const answer = { ...one, session_id: 's', summary: 'cart 將用盡', missing: [], resources: [one] }
  const text = capacityReport(answer, 'zh-TW', 120).map(shown).join('\n')
  expect(text).toMatch(/資源 +指標 +平均 +p95 +最高 +趨勢 +達到上限的天數/)
  expect(text).toContain('41（30 到 超出預測範圍）')
  expect(text).toContain('擴充至 1.5 倍（中）：41 天後用盡')
  expect(text).not.toMatch(/history|increasing|scale/)
})
