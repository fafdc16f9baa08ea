import type { GatewayClient } from '../login/gateway-client.ts'
import { wholeId } from '../login/ids.ts'

/** The full session id for an id or its last characters. Throws `CommandError` if there is none or more than one. */
export const sessionOf = (client: GatewayClient, asked: string): Promise<string> =>
  wholeId(asked, async () => {
    const { items } = await client.ask('listSessions', { method: 'GET', path: '/diagnostics/history?page_size=100' })
    return items.map(({ session_id }) => session_id)
  })
