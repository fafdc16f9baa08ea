import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findChromium } from '../chromium.ts'

const run = promisify(execFile)

/** Major version of the Java at this path; 0 if it does not run. */
async function javaVersion(java: string, env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const { stderr } = await run(java, ['-version'], { env })
    return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0)
  } catch {
    return 0
  }
}

const oldestJava = 21

/** A Java new enough for the registry: from JAVA_HOME, the PATH, or the usual Linux folders. */
export async function findJava(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const homes = environment.JAVA_HOME ? [join(environment.JAVA_HOME, 'bin', 'java')] : []
  const jvm = '/usr/lib/jvm'
  const installed = (await readdir(jvm).catch(() => [])).map((name) => join(jvm, name, 'bin', 'java'))
  for (const java of [...homes, 'java', ...installed])
    if ((await javaVersion(java, environment)) >= oldestJava) return java
  return undefined
}

const runs = (program: string, args: string[], env: NodeJS.ProcessEnv) =>
  run(program, args, { env }).then(
    () => true,
    () => false,
  )

/** What this machine lacks, each worded as what to install. */
export async function lacking(
  environment: NodeJS.ProcessEnv,
  ...needs: ('java' | 'maven' | 'go' | 'python' | 'chromium')[]
): Promise<string[]> {
  const checks = {
    java: async () =>
      (await findJava(environment))
        ? undefined
        : `Java ${oldestJava} or newer (set JAVA_HOME where it is not on the PATH)`,
    maven: async () => ((await runs('mvn', ['-v'], environment)) ? undefined : 'Maven (mvn)'),
    go: async () => ((await runs('go', ['version'], environment)) ? undefined : 'Go 1.26 or newer (go)'),
    python: async () =>
      (await runs('python3', ['-c', 'import ensurepip, venv'], environment))
        ? undefined
        : 'Python 3 with venv (python3-venv)',
    chromium: async () =>
      findChromium(environment) === undefined
        ? 'Chromium (chromium; set CHROMIUM_PATH where it is not on the PATH)'
        : undefined,
  }
  const found = await Promise.all(needs.map((need) => checks[need]()))
  return found.filter((what) => what !== undefined)
}
