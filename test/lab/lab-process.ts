/** A lab as a separate process that a test may kill. It prints the processes it started. */
import { startLab } from '../../lab/lab.ts'

const lab = await startLab({ dataDir: process.argv[2] ?? '' })
process.send?.({ pids: lab.services().map(({ pid }) => pid) })
