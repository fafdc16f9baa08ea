/**
 * `node bench/codec.ts [--runs N]`: compares the cost of walking a record (`bus/walk.ts`) with avsc's decoding, on the same records in the same run.
 * The ratio is independent of the machine's speed.
 */
import avsc from 'avsc'
import { checkOf } from '../bus/walk.ts'
import { shapeOf } from '../bus/writer-schema.ts'
import { loadContract } from '../schemas/contract.ts'
import { count, readArguments } from './arguments.ts'

/** Generated records per event, and rounds over all of them. */
const RECORDS = 200
const ROUNDS = 15

const USAGE = `usage: node bench/codec.ts [--runs N]

  --runs N  passes over the records in a round (default: 20)`
const { values } = readArguments(USAGE, { options: { runs: { type: 'string', default: '20' } } })
const runs = count(USAGE, '--runs', values.runs)

console.log(
  `walk and decode, µs a record, median of ${ROUNDS} rounds of ${runs} × ${RECORDS} made records; ratio: walk to decode`,
)
for (const { event, schema } of loadContract().topics) {
  const type = avsc.Type.forSchema(structuredClone(schema))
  const check = checkOf(avsc.Type.forSchema(shapeOf(schema)))
  const records = Array.from({ length: RECORDS }, () => type.toBuffer(type.random()))
  const bytes = records.reduce((sum, record) => sum + record.length, 0) / RECORDS
  const rounds = Array.from({ length: ROUNDS }, () => ({
    walk: timed(records, check),
    decode: timed(records, (record) => type.fromBuffer(record)),
  }))
  const [walk, decode] = [median(rounds.map((one) => one.walk)), median(rounds.map((one) => one.decode))]
  const ratio = median(rounds.map((one) => one.walk / one.decode))
  console.log(`${event.padEnd(24)} ${`${Math.round(bytes)} bytes`.padStart(12)} ${walk.toFixed(2).padStart(8)} ${decode.toFixed(2).padStart(8)} ${ratio.toFixed(2).padStart(6)}`) // prettier-ignore
}

/** µs of CPU time per record. */
function timed(records: readonly Buffer[], read: (record: Buffer) => unknown): number {
  const began = process.cpuUsage()
  for (let run = 0; run < runs; run += 1) for (const record of records) read(record)
  const { user, system } = process.cpuUsage(began)
  return (user + system) / (runs * records.length)
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}
