/** Maintenance scripts of the shop, each run as its own process. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LabError } from './lab-error.ts'
import type { RunningService } from './supervisor.ts'

export interface ShopScript {
  /** the service it maintains */
  service: string
  /** its parameters; each is a whole number within these bounds */
  parameters: Readonly<Record<string, { min: number; max: number }>>
}

export const shopScripts: Readonly<Record<string, ShopScript>> = {
  clear_carts: { service: 'cart', parameters: { limit: { min: 1, max: 400 } } },
}

const LIMIT_MS = 60_000

/** What it printed. Throws `LabError` `no_script`, or `script_failed` with its last output. */
export async function runShopScript(
  name: string,
  parameters: Readonly<Record<string, string>>,
  replicas: readonly RunningService[],
): Promise<string> {
  const script = shopScripts[name]
  if (script === undefined) throw new LabError('no_script', `no script ${name}`)
  const addresses = replicas.filter((one) => one.name === script.service).map(({ address }) => address)
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
