/** Measures which planted secrets are found and which look-alikes are masked. */
import { redactText, redactValue } from '../../agents/runtime/redaction.ts'
import type { Planted } from './planted.ts'

export interface Found {
  planted: number
  kinds: number
  missed: readonly Planted[]
}

export function findPlanted(all: readonly Planted[]): Found {
  const missed = all.filter(({ given, secrets }) => {
    const left = typeof given === 'string' ? redactText(given).text : JSON.stringify(redactValue(given).value)
    return secrets.some((secret) => left.includes(secret) || left.includes(JSON.stringify(secret).slice(1, -1)))
  })
  return { planted: all.length, kinds: new Set(all.map(({ kind }) => kind)).size, missed }
}

export const touched = (lines: readonly string[]): string[] => lines.filter((line) => redactText(line).text !== line)
