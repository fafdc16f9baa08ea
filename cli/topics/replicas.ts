import { InvalidArgumentError } from 'commander'

export function parseReplicas(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('expected a number from 1')
  return Number(text)
}
