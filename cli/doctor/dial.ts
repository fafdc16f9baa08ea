/** Whether anything listens at the brokers' addresses: the Kafka client only says that it got no answer. */
import { connect } from 'node:net'
import { both, type Texts } from '../../gateway/present/texts.ts'

const LIMIT_MS = 3000

const WHY: Readonly<Record<string, Texts>> = {
  ECONNREFUSED: both('nothing listens there', '沒有程式在該連接埠接聽'),
  ENOTFOUND: both('unknown host name', '主機名稱不存在'),
  EAI_AGAIN: both('the host name cannot be resolved', '無法解析主機名稱'),
  EHOSTUNREACH: both('no route to the host', '沒有通往該主機的路由'),
  ENETUNREACH: both('no route to the network', '沒有通往該網路的路由'),
}
const SILENT = both('no answer', '沒有回應')

/** Why none of the addresses takes a connection, each with its reason; null: at least one does. */
export async function unreachable(addresses: readonly string[]): Promise<Texts | null> {
  const reasons = await Promise.all(addresses.map(dial))
  if (reasons.includes(null)) return null
  const told = (language: keyof Texts) => addresses.map((one, at) => [one, reasons[at]?.[language] ?? ''] as const)
  return both(
    told('en').map(([address, why]) => `${address} (${why})`).join(', '), // prettier-ignore
    told('zh-TW').map(([address, why]) => `${address}（${why}）`).join('、'), // prettier-ignore
  )
}

function dial(address: string): Promise<Texts | null> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? []
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port), timeout: LIMIT_MS })
    const end = (why: Texts | null) => {
      socket.destroy()
      resolve(why)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end(SILENT))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const [first] = error instanceof AggregateError ? error.errors : [error]
      end(WHY[String(Object(first).code)] ?? both(error.message, error.message))
    })
  })
}
