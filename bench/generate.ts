/** `npm run generate -- --write DIR`: writes generated incidents as recordings, one folder each, with the answer in `truth.json`. */
import { count, readArguments, refuse } from './arguments.ts'
import { incidentOf } from './generated/incident.ts'
import { writeIncident } from './generated/write.ts'

const USAGE = `usage: npm run generate -- --write DIR [--side SIDE] [--count N] [--first SEED]

  --write DIR   where to write the recordings
  --side SIDE   looked_at (default) or left_out: which families of systems
  --count N     incidents (default: 8)
  --first SEED  seed of the first (default: 0)`
const { values } = readArguments(USAGE, {
  options: {
    write: { type: 'string' },
    side: { type: 'string', default: 'looked_at' },
    count: { type: 'string', default: '8' },
    first: { type: 'string', default: '0' },
  },
})
const dir = values.write ?? refuse(USAGE, '--write is required')
const { side } = values
if (side !== 'looked_at' && side !== 'left_out') refuse(USAGE, `--side is looked_at or left_out, not '${side}'`)
const first = count(USAGE, '--first', values.first, 0)
for (let seed = first; seed < first + count(USAGE, '--count', values.count); seed++)
  console.log(writeIncident(dir, incidentOf(side, seed)))
