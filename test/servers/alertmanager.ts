import { askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'

/** A private Alertmanager with this `alertmanager.yml`. */
export const startAlertmanager = (config: string): Promise<PrivateServer<{ url: string }>> =>
  askPrivate('alertmanager', { config })
