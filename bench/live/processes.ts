/** CPU time and memory of other processes, from /proc (Linux). */
import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

interface Stat {
  pid: number
  parent: number
  /** s of CPU time, with that of its children that have ended */
  seconds: number
}

function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the name may hold spaces and parentheses
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return {
      pid,
      parent: Number(fields[1]),
      seconds: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND,
    }
  } catch {
    return null // it has ended
  }
}

/** s of CPU time of each process and its descendants. */
export function cpuOf(pids: ReadonlyMap<string, number>): Map<string, number> {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []))
  const within = (pid: number): number =>
    all.reduce((sum, one) => sum + (one.pid === pid ? one.seconds : one.parent === pid ? within(one.pid) : 0), 0)
  return new Map([...pids].map(([name, pid]) => [name, within(pid)]))
}

/** s of CPU time of the whole machine since it started: all cores, and of that what was not idle. */
export function machineCpu(): { busy: number; all: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = readFileSync(
    '/proc/stat',
    'utf8',
  )
    .split('\n', 1)[0]!
    .split(/ +/)
    .slice(1)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND)
  const busy = user + nice + system + irq + softirq + steal
  return { busy, all: busy + idle + wait }
}

/** Resident memory now, bytes; null: the process has ended. */
export function memoryOf(pid: number): number | null {
  try {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return null
  }
}

/** The largest memory until it is stopped or the process ends. */
export function watchMemory(pid: number): { peak(): number; stop(): void } {
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, memoryOf(pid) ?? 0)
  }, 200)
  return { peak: () => most, stop: () => clearInterval(timer) }
}
