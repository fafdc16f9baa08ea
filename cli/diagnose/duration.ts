import { InvalidArgumentError } from 'commander'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `90s`, `30m`, `2h` or `1d`. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  const factor = units[unit ?? '']
  if (amount === undefined || factor === undefined || Number(amount) === 0)
    throw new InvalidArgumentError('expected a duration such as 90s, 30m, 2h or 1d')
  return Number(amount) * factor
}
