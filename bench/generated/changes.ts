/** Deployments, settings and commits: mostly innocent, some of them next to the onset, and one that did it where a change did. */
import type { Change } from '../../analysis/observations.ts'
import type { Chance } from './chance.ts'
import type { Fault } from './faults.ts'
import type { Node, System } from './system.ts'

/** How the changes next to the onset lie. */
export type Scene = 'no changes' | 'innocent only' | 'guilty' | 'guilty and an innocent one elsewhere' | 'two of the guilty service' | 'innocent of the faulty service' // prettier-ignore

export interface Changed {
  changes: Change[]
  /** null: no change did it */
  guilty: string | null
  scene: Scene
}

interface Around {
  system: System
  fault: Fault | null
  /** ms: when the simulation began, the onset of the fault or any other instant of interest, and the end */
  began: number
  onset: number
  end: number
  chance: Chance
}

const TYPES = ['DEPLOYMENT', 'DEPLOYMENT', 'DEPLOYMENT', 'CONFIG_UPDATE', 'CONFIG_UPDATE', 'SCALE', 'FEATURE_FLAG', 'COMMIT'] // prettier-ignore
const SAID = ['bump dependencies', 'tidy logging', 'new field in the response', 'raise the limit', 'switch the flag on', 'refactor the handler', 'adjust the time-out', 'update the base image', 'cache the lookup', 'fix the typo in the dashboard'] // prettier-ignore
const MINUTE = 60_000
const DAY = 1440 * MINUTE

export function drawChanges({ system, fault, began, onset, end, chance }: Around): Changed {
  const able = system.nodes.filter(({ role }) => role !== 'external')
  const changes: Change[] = []
  const add = (node: Node, timestamp: number, type = chance.pick(TYPES)): Change => {
    const change = { id: '', timestamp: Math.round(timestamp), type, service: node.name, author: `author-${chance.whole(1, 9)}`, summary: chance.pick(SAID) } // prettier-ignore
    changes.push(change)
    return change
  }
  const scene = drawScene(chance, fault)
  if (scene === 'no changes') return { changes, guilty: null, scene }
  const usual = chance.count((chance.around(6, 1) * (end - began)) / DAY) + chance.whole(0, 4)
  for (let left = usual; left > 0; left--) add(chance.pick(able), chance.between(began, end))
  const faulty = fault === null ? null : system.nodes[fault.node]!
  // a release takes a moment to be everywhere, a leak a while to be felt
  const lead = chance.between(0.1, 4) * MINUTE
  const guilty = scene.includes('guilty') && faulty !== null ? add(faulty, onset - lead, fault!.kind.name === 'bad_configuration' ? 'CONFIG_UPDATE' : chance.pick(['DEPLOYMENT', 'DEPLOYMENT', 'CONFIG_UPDATE', 'FEATURE_FLAG'])) : null // prettier-ignore
  const beside = (): number => onset - chance.between(-1, 6) * MINUTE
  if (scene === 'innocent only' || scene === 'guilty and an innocent one elsewhere') add(chance.pick(able.filter((node) => node !== faulty)), beside()) // prettier-ignore
  if (scene === 'innocent of the faulty service' && faulty !== null) add(faulty, beside())
  if (scene === 'two of the guilty service') add(faulty!, onset - lead - chance.between(3, 40) * MINUTE)
  const sorted = changes.toSorted((a, b) => a.timestamp - b.timestamp)
  for (const [index, change] of sorted.entries()) change.id = `change-${index + 1}`
  return { changes: sorted.filter(({ timestamp }) => timestamp < end), guilty: guilty?.id ?? null, scene }
}

function drawScene(chance: Chance, fault: Fault | null): Scene {
  if (fault === null) return chance.pick<Scene>(['no changes', 'innocent only', 'innocent only'])
  if (chance.happens(fault.kind.byChange)) return chance.pick<Scene>(['guilty', 'guilty', 'guilty and an innocent one elsewhere', 'guilty and an innocent one elsewhere', 'two of the guilty service']) // prettier-ignore
  return chance.pick<Scene>(['no changes', 'innocent only', 'innocent only', 'innocent only', 'innocent only', 'innocent only', 'innocent only', 'innocent of the faulty service']) // prettier-ignore
}
