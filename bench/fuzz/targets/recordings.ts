/** `sre analyze` on mutated recordings, series and logs: it must answer with numbers, or with an error that names the file. */
import { analyzing, bytesOf, COMMANDS, type Input, single } from '../analyze.ts'
import type { Chance } from '../chance.ts'
import { mutate } from '../mutate.ts'
import { csvOf, filesOf, type PlainRecording, plainRecording } from '../recording.ts'
import type { Target } from '../runner.ts'

export const open = (): Promise<Target<Input>> =>
  analyzing((chance) => {
    const command = chance.one(0.6) ? 'rca' : chance.pick(COMMANDS)
    return command === 'rca' ? recordingFrom(chance) : fileFrom(command, chance)
  })

function recordingFrom(chance: Chance): Input {
  const root = { value: plainRecording() as unknown }
  mutate(root, chance, chance.pick([0, 1, 1, 2, 3, 6]))
  const changed = (typeof root.value === 'object' && root.value !== null ? root.value : {}) as Partial<PlainRecording>
  const parts = Object.entries(plainRecording()).map(([name, part]) => [name, name in changed ? changed[name as keyof PlainRecording] : part]) // prettier-ignore
  const texts = Object.entries(filesOf(Object.fromEntries(parts) as PlainRecording))
  return { command: 'rca', file: null, files: Object.fromEntries(texts.map(([name, text]) => bytesOf(name, text, chance))) } // prettier-ignore
}

function fileFrom(command: 'anomalies' | 'forecast' | 'logs', chance: Chance): Input {
  const { metrics, logs } = plainRecording()
  const rows = chance.one(0.5) ? metrics.map(([time, , , , , value]) => [time, value]) : metrics.map(([time, service, , , , value]) => [service, time, value]) // prettier-ignore
  const root = { value: (command === 'logs' ? logs : rows) as unknown }
  mutate(root, chance, chance.pick([0, 1, 1, 2, 3, 6]))
  const list = Array.isArray(root.value) ? (root.value as unknown[]) : [root.value]
  if (command !== 'logs') return single(command, bytesOf('one.csv', csvOf(list), chance))
  const text = list.map((one) => `${JSON.stringify(one)}\n`).join('')
  return single(command, bytesOf(chance.pick(['one.jsonl', 'one.log']), text, chance))
}
