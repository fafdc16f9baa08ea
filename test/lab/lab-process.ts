/** A lab in a process of its own, to be killed: it says which processes it started. */
import { startLab } from '../../lab/lab.ts'

const lab = await startLab({ dataDir: process.argv[2] ?? '' })
process.send?.({ pids: lab.services().map(({ pid }) => pid) })
