/** Two systems with obvious faults, except for one fault without effect. */
import { join } from 'node:path'
import { randomFrom } from '../../../bench/rankings/measures.ts'
import { csv, range, write } from './write.ts'

const STEP = 300
const random = randomFrom(1)
const around = (level: number): number => level * (1 + 0.1 * (random() - 0.5))

/** One row per second: the first half is normal, the second shows the fault in the service's latency and its CPU or memory. */
export function writeSockShop(root: string): void {
  const services = ['front-end', 'carts', 'payment']
  const levels = { cpu: 5, mem: 2e8, lod: 1, lat_50: 0.02, lat_90: 0.05 }
  const columns = services.flatMap((service) =>
    Object.entries(levels).map(([indicator, level]) => ({ service, indicator, level })),
  )
  const rows = (from: number, isFaulted: (service: string, indicator: string) => boolean) =>
    range(200).map((at) => [
      from + at,
      ...columns.map(({ service, indicator, level }) => around(isFaulted(service, indicator) ? 6 * level : level)),
      // a constant column is not a series
      1,
    ])
  const header = ['time', ...columns.map(({ service, indicator }) => `${service}_${indicator}`), 'payment_lod_most']
  const fault = (folder: string, onset: number, isFaulted: (service: string, indicator: string) => boolean): void => {
    write(
      join(root, folder, 'normal.csv'),
      csv(
        header,
        rows(1_652_573_700, () => false),
      ),
    )
    write(join(root, folder, 'anomalous.csv'), csv(header, rows(onset, isFaulted)))
  }
  const shows = (name: string, kind: string) => (service: string, indicator: string) =>
    service === name && (indicator === kind || indicator === 'lat_90')
  fault('carts-cpu/1', 1_652_573_900, shows('carts', 'cpu'))
  // measured before its normal rows
  fault('payment-mem/1', 1_652_573_000, shows('payment', 'mem'))
  fault('payment-mem/2', 1_652_573_900, () => false)
}

/** Three header rows; seventeen undisturbed hours, and five samples per issue. A node without requests has empty cells. */
export function writePetshop(root: string): void {
  const nodes = ['PetSite', 'PetSearch_AWS::ECS::Fargate', 'DynamoDB_AWS::DynamoDB', 'SSM_AWS::SSM']
  const levels = { latency: 0.05, availability: 99, requests: 300 }
  const statistics: Record<string, string> = { latency: 'Average', availability: 'Average', requests: 'Sum' }
  const columns = nodes.flatMap((node) => Object.entries(levels).map(([metric, level]) => ({ node, metric, level })))
  const metrics = (start: number, count: number, share: (node: string, metric: string) => number): string =>
    csv(
      ['microservice', ...columns.map(({ node }) => node)],
      [
        ['metric', ...columns.map(({ metric }) => metric)],
        ['statistic', ...columns.map(({ metric }) => statistics[metric]!)],
        ['unix_timestamp', ...columns.map(() => '')],
        ...range(count).map((at) => [
          `${start + at * STEP}.0`,
          ...columns.map(
            ({ node, metric, level }) =>
            node.startsWith('SSM') && at % 7 > 0 ? '' : Math.min(around(level * share(node, metric)), metric === 'availability' ? 100 : Infinity), // prettier-ignore
          ),
        ]),
      ],
    )
  write(
    join(root, 'graph.csv'),
    csv(
      ['', ...nodes],
      nodes.map((from, row) => [from, ...nodes.map((_, column) => (column === row + 1 ? '1.0' : '0.0'))]),
    ),
  )
  write(join(root, 'noissue', 'metrics.csv'), metrics(1_692_608_400, 200, () => 1)) // prettier-ignore
  const issue = (part: string, metric: string, factor: number): void => {
    const broken = nodes.slice(0, 2)
    const target = { node: 'PetSite', metric, agg: 'Average', timestamp: 1_692_700_300 }
    const share = (node: string, one: string) => (broken.includes(node) && one === metric ? factor : 1)
    write(join(root, part, 'target.json'), JSON.stringify({ target, root_cause: { node: broken[1], metric: null } }))
    write(join(root, part, 'metrics.csv'), metrics(1_692_699_900, 5, share))
  }
  issue('train/issue_1', 'latency', 12)
  issue('test/issue_1', 'availability', 0.2)
}
