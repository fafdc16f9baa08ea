/** The text of a trace finding. */
import type { Text } from '../verdict.ts'
import type { TraceFinding } from './compare.ts'

export function traceText({ kind, service, peer = '', operation, before, during, count }: TraceFinding): Text {
  const [was, is] = [before, during].map(milliseconds)
  const [shareBefore, shareDuring] = [before, during].map(percent)
  switch (kind) {
    case 'slow':
      return {
        en: `${service}: self time of ${operation} went from ${was} to ${is}`,
        zh: `${service}：${operation} 自身耗時從 ${was} 增為 ${is}`,
      }
    case 'slow_network':
      return {
        en: `network time of calls from ${peer} to ${service} went from ${was} to ${is}`,
        zh: `${peer} 呼叫 ${service} 的傳輸耗時從 ${was} 增為 ${is}`,
      }
    case 'errors':
      return {
        en: `${service}: errors originate in ${operation}: ${count} spans (${shareDuring}, was ${shareBefore})`,
        zh: `${service}：錯誤始於 ${operation}，共 ${count} 個 span（${shareBefore} 增為 ${shareDuring}）`,
      }
    case 'unanswered':
      return {
        en: `calls from ${peer} to ${service} fail without an answer: ${count} (${shareDuring}, was ${shareBefore})`,
        zh: `${peer} 呼叫 ${service} 失敗且未獲回應，共 ${count} 次（${shareBefore} 增為 ${shareDuring}）`,
      }
    case 'missing_calls':
      return {
        en: `${peer}: ${operation} calls ${service} in ${shareDuring} of its runs, was ${shareBefore}`,
        zh: `${peer}：${operation} 呼叫 ${service} 的比例從 ${shareBefore} 降為 ${shareDuring}`,
      }
    case 'missing_spans':
      return {
        en: `${service}: ${shareDuring} of its spans have no parent, was ${shareBefore}`,
        zh: `${service}：缺少上層 span 的比例從 ${shareBefore} 增為 ${shareDuring}`,
      }
  }
}

const milliseconds = (value: number): string => `${Number(value.toPrecision(3))} ms`
const percent = (share: number): string => `${Math.round(share * 100)} %`
