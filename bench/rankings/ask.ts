/** Runs the questions of a set, or every n-th of them, in a thread: reading and diagnosing take minutes on one core. */
import { join } from 'node:path'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { EvaluationSet } from './cases.ts'
import { answer, type Answer } from './evaluate.ts'
import { onlineBoutique, trainTicket } from '../sets/nezha.ts'
import { petshop } from '../sets/petshop.ts'
import { scenarios } from '../sets/scenarios.ts'
import { sockShop } from '../sets/sock-shop.ts'

export const OWN = 'own recordings'

export const sets: Readonly<Record<string, (root: string) => EvaluationSet>> = {
  'sock-shop': sockShop,
  petshop: (root) => petshop(join(root, 'low_traffic')),
  'nezha-online-boutique': onlineBoutique,
  'nezha-train-ticket': trainTicket,
}

/** Number of parts a set is split into. */
export const PARTS: Readonly<Record<string, number>> = { 'sock-shop': 2, 'nezha-train-ticket': 4 }

export interface Part {
  name: string
  root: string
  part: number
  of: number
}

export interface Answered {
  index: number
  answer: Answer
}

async function ask({ name, root, part, of }: Part): Promise<Answered[]> {
  const { cases } = await (sets[name] ?? scenarios)(root)
  return cases.flatMap((one, index) =>
    index % of === part ? [{ index, answer: answer(one, index, name === OWN ? [] : cases) }] : [],
  )
}

if (!isMainThread) parentPort?.postMessage(await ask(workerData as Part))
