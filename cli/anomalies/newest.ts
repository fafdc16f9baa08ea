import type { GatewayClient } from '../login/gateway-client.ts'

/** The ids of the newest anomalies, of which a person names the last characters. */
export const newest = (client: GatewayClient) => async (): Promise<string[]> => {
  const { items } = await client.ask('listAnomalies', { method: 'GET', path: '/anomalies?page_size=100' })
  return items.map(({ anomaly_id }) => anomaly_id)
}
