/** What must be concluded from each fault of the lab, and what must not. */
import { FAULT_NAMES, type FaultName, faults } from '../../lab/faults.ts'
import type { Expected } from '../rankings/cases.ts'
import type { Truth } from '../sets/scenarios.ts'

/** Names that say nothing, after those of the recordings of the real shop. */
export const idOf = (name: FaultName): string => `shop-${String(FAULT_NAMES.indexOf(name) + 3).padStart(2, '0')}`

interface Conclusion extends Expected {
  /** kind of the cause; null: nothing is wrong */
  kind: string | null
}

const incident = (kind: string, happened: string, innocent: readonly string[] = []): Conclusion => ({
  ...{ kind, happened, innocent },
  verdicts: ['incident'],
})

const CONCLUSIONS: Readonly<Record<FaultName, Conclusion>> = {
  'bad-release': incident('deployment', 'a bad release of cart', ['catalog', 'frontend']),
  'memory-leak': incident('memory_leak', 'the memory of catalog grows and nobody notices yet', ['frontend', 'cart']),
  'cpu-burn': incident('cpu', 'cart computes for nothing', ['catalog', 'frontend']),
  'slow-dependency': incident('latency', 'the data store of catalog is slow', ['cart', 'frontend']),
  'error-burst': incident('errors', 'the data store of catalog fails often', ['cart', 'frontend']),
  'bad-configuration': incident('configuration', 'checkout got a much too short timeout for payment', ['payment']),
  'dependency-down': incident('down', 'payment is down', ['checkout', 'frontend']),
  'pool-exhausted': incident('pool', 'cart runs out of connections to its data store', ['catalog', 'frontend']),
  'disk-filling': incident('disk', 'the disk of payment fills and nobody notices yet', ['frontend', 'checkout']),
  'traffic-surge': {
    ...{ kind: null, happened: 'many more customers, and the shop copes' },
    ...{
      verdicts: ['nothing_wrong', 'inconclusive'],
      innocent: ['frontend', 'catalog', 'cart', 'checkout', 'payment'],
    },
  },
  'innocent-deployment': incident('errors', 'the data store of payment fails; catalog was deployed at the same time', ['catalog']), // prettier-ignore
  nothing: {
    ...{ kind: null, happened: 'nothing' },
    ...{ verdicts: ['nothing_wrong'], innocent: ['frontend', 'catalog', 'cart', 'checkout', 'payment'] },
  },
}

export function truthOf(name: FaultName): Truth {
  const { kind, ...expected } = CONCLUSIONS[name]
  const { service } = faults[name]
  return { root_causes: service === null || kind === null ? [] : [{ service, kind }], expected }
}
