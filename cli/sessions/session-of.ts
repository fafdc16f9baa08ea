import type { GatewayClient } from '../login/gateway-client.ts'
import { findId, wholeId } from '../login/ids.ts'

/** The full session id for an id or its last characters. Throws `CommandError` if there is none or more than one. */
export const sessionOf = (client: GatewayClient, asked: string): Promise<string> => wholeId(asked, newest(client))

/** The same; null: there is none. */
export const findSession = (client: GatewayClient, asked: string): Promise<string | null> =>
  findId(asked, newest(client))

const newest = (client: GatewayClient) => async (): Promise<string[]> => {
  const { items } = await client.ask('listSessions', { method: 'GET', path: '/diagnostics/history?page_size=100' })
  return items.map(({ session_id }) => session_id)
}
