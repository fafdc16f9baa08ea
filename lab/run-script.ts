/** Maintenance scripts of the shop. What concerns the services' data runs as a process of its own; the settings are the supervisor's. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LabError } from './lab-error.ts'
import { initialSettings, type ServiceName } from './releases.ts'
import type { Supervisor } from './supervisor.ts'

export interface ShopScript {
  /** the service it maintains */
  service: ServiceName
  /** its parameters; each is a whole number within these bounds */
  parameters: Readonly<Record<string, { min: number; max: number }>>
}

export const shopScripts: Readonly<Record<string, ShopScript>> = {
  clear_carts: { service: 'cart', parameters: { limit: { min: 1, max: 400 } } },
  prune_journal: { service: 'payment', parameters: { limit: { min: 1, max: 400 } } },
  /** back to the initial settings */
  restore_settings: { service: 'checkout', parameters: {} },
}

const LIMIT_MS = 60_000

/** What it printed. Throws `LabError` `no_script`, or `script_failed` with its last output. */
export async function runShopScript(
  name: string,
  parameters: Readonly<Record<string, string>>,
  supervisor: Supervisor,
): Promise<string> {
  const script = shopScripts[name]
  if (script === undefined) throw new LabError('no_script', `no script ${name}`)
  if (name === 'restore_settings') return restoreSettings(script.service, supervisor)
  const addresses = supervisor
    .replicas()
    .filter((one) => one.name === script.service)
    .map(({ address }) => address)
  const values = Object.keys(script.parameters).map((parameter) => parameters[parameter] ?? '')
  const entry = join(import.meta.dirname, 'scripts', `${name.replaceAll('_', '-')}.ts`)
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [entry, ...values, addresses.join(',')], {
      ...{ env: {}, timeout: LIMIT_MS },
    })
    return stdout.trim()
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    throw new LabError('script_failed', `${name} failed: ${stderr.trim().split('\n').slice(-5).join('\n')}`, {
      cause: error,
    })
  }
}

async function restoreSettings(service: ServiceName, supervisor: Supervisor): Promise<string> {
  const before = supervisor.settings(service)
  await supervisor.configure(service, initialSettings[service])
  const told = Object.entries(initialSettings[service]).map(([name, value]) => `${name} = ${value} (previously ${before[name]})`) // prettier-ignore
  return `restored the settings of ${service}: ${told.join(', ')}`
}
