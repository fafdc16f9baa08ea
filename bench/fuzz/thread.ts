/** The thread of `fuzz.ts`: it shares the number of the current input, so that one that crashes or hangs is known. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Amount, fuzz, type Target } from './runner.ts'

export interface Work {
  target: string
  amount: Amount
  /** number of the current input, plus one */
  inHand: Int32Array
}

const { target: name, amount, inHand } = workerData as Work
const { open } = (await import(`./targets/${name}.ts`)) as { open(): Promise<Target> }
const target = await open()
const report = await fuzz(target, amount, (number) => Atomics.store(inHand, 0, number + 1))
await target.close?.()
parentPort?.postMessage(report)
