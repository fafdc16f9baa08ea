/** `prune-journal.ts <limit> <payment addresses, comma separated>`: deletes all but the newest entries of the journal, on every replica. */
import { z } from 'zod'

const [limit = '', addresses = ''] = process.argv.slice(2)
const answer = z.object({ deleted: z.number() })

let deleted = 0
for (const address of addresses.split(',')) {
  const response = await fetch(`${address}/journal?newest=${limit}`, {
    method: 'DELETE',
    signal: AbortSignal.timeout(5_000),
  })
  if (!response.ok) throw new Error(`journal: ${address} answered ${response.status}`)
  deleted += answer.parse(await response.json()).deleted
}
process.stdout.write(`deleted ${deleted} journal entries\n`)
