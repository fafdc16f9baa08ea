/** A finding from traces as a sentence. */
import type { Text } from '../verdict.ts'
import type { TraceFinding } from './compare.ts'

export function traceText({ kind, service, peer = '', operation, before, during, count }: TraceFinding): Text {
  const [was, is] = [before, during].map(milliseconds)
  const [shareBefore, shareDuring] = [before, during].map(percent)
  switch (kind) {
    case 'slow':
      return {
        en: `${service}: ${operation} takes ${is} of its own time instead of ${was}`,
        zh: `${service}：${operation} 自身耗時從 ${was} 增為 ${is}`,
      }
    case 'slow_network':
      return {
        en: `calls from ${peer} to ${service} spend ${is} on the way instead of ${was}`,
        zh: `${peer} 呼叫 ${service} 的傳輸耗時從 ${was} 增為 ${is}`,
      }
    case 'errors':
      return {
        en: `${service}: errors begin in ${operation}, in ${count} spans (${shareDuring} instead of ${shareBefore})`,
        zh: `${service}：錯誤始於 ${operation}，共 ${count} 個 span（${shareBefore} 增為 ${shareDuring}）`,
      }
    case 'missing_calls':
      return {
        en: `${peer}: ${operation} calls ${service} in ${shareDuring} of its runs instead of ${shareBefore}`,
        zh: `${peer}：${operation} 呼叫 ${service} 的比例從 ${shareBefore} 降為 ${shareDuring}`,
      }
    case 'missing_spans':
      return {
        en: `${service}: ${shareDuring} of its spans lack their parent, instead of ${shareBefore}`,
        zh: `${service}：缺少上層 span 的比例從 ${shareBefore} 增為 ${shareDuring}`,
      }
  }
}

const milliseconds = (value: number): string => `${Number(value.toPrecision(3))} ms`
const percent = (share: number): string => `${Math.round(share * 100)} %`
