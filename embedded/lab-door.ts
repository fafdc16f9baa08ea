/** Where the lab of a running platform accepts changes: a loopback port, whose token only the owner of the data folder can read. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const door = z.object({ url: z.url(), token: z.string(), controlPlane: z.url() })
export type LabDoor = z.infer<typeof door>

const fileOf = (dataDir: string): string => join(dataDir, 'lab.json')

export function noteDoor(dataDir: string, found: LabDoor): void {
  forgetDoor(dataDir)
  writeFileSync(fileOf(dataDir), `${JSON.stringify(found)}\n`, { mode: 0o600 })
}

export const forgetDoor = (dataDir: string): void => rmSync(fileOf(dataDir), { force: true })

/** Null: no platform with a lab was started in this folder, or it was stopped. */
export function doorOf(dataDir: string): LabDoor | null {
  const file = fileOf(dataDir)
  return existsSync(file) ? door.parse(JSON.parse(readFileSync(file, 'utf8'))) : null
}
