import type { GatewayClient } from '../login/gateway-client.ts'
import { wholeId } from '../login/ids.ts'

/** The whole id of a session, of the end of it too. Throws `CommandError` where there is none such, or more than one. */
export const sessionOf = (client: GatewayClient, asked: string): Promise<string> =>
  wholeId(asked, async () => {
    const { items } = await client.ask('listSessions', { method: 'GET', path: '/diagnostics/history?page_size=100' })
    return items.map(({ session_id }) => session_id)
  })
