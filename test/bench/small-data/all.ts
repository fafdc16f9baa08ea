/** Small versions of all data sets that `npm run eval` measures. */
import { join } from 'node:path'
import { writePetshop, writeSockShop } from './incidents.ts'
import { writeRootCauseBench } from './changes.ts'
import { writeOnlineBoutique, writeTrainTicket } from './nezha.ts'
import { writeLoghub, writeM4, writeM4Hourly, writeNab, writeWsd } from './series.ts'

const WRITERS: Readonly<Record<string, (root: string) => void>> = {
  'rca/sock-shop': writeSockShop,
  'rca/petshop/low_traffic': writePetshop,
  'rca/nezha-online-boutique': writeOnlineBoutique,
  'rca/nezha-train-ticket': writeTrainTicket,
  'rca/root-cause-bench': writeRootCauseBench,
  'anomaly/nab': writeNab,
  'anomaly/wsd': writeWsd,
  'forecast/m4-weekly': writeM4,
  'forecast/m4-hourly': writeM4Hourly,
  'logs/loghub': writeLoghub,
}

export function writeAll(root: string): void {
  for (const [folder, write] of Object.entries(WRITERS)) write(join(root, folder))
}
