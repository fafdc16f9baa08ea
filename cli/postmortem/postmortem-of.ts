import type { GatewayClient } from '../login/gateway-client.ts'
import { wholeId } from '../login/ids.ts'

/** The full id for the id of a postmortem or its last characters. Throws `CommandError` if there is none or more than one. */
export const postmortemOf = (client: GatewayClient, asked: string): Promise<string> =>
  wholeId(asked, async () => {
    const { items } = await client.ask('listPostmortems', { method: 'GET', path: '/postmortems?page_size=100' })
    return items.map(({ postmortem_id }) => postmortem_id)
  })
