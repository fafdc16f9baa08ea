/** Runs client commands against a running platform. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { CookieJar } from 'tough-cookie'
import { addAnomalyList } from '../../cli/anomalies/list.ts'
import { addForecasts } from '../../cli/forecasts/forecasts-command.ts'
import { addApprovals } from '../../cli/approvals/approvals-command.ts'
import { addCapacity } from '../../cli/capacity/capacity-command.ts'
import { addPostmortem } from '../../cli/postmortem/postmortem-command.ts'
import { addEvidence } from '../../cli/evidence/evidence-command.ts'
import { addDiagnose } from '../../cli/diagnose/diagnose-command.ts'
import { addLanguage } from '../../cli/language.ts'
import type { ClientContext } from '../../cli/login/context.ts'
import { writeEndpoints } from '../../cli/login/endpoints.ts'
import { addLogin } from '../../cli/login/login-command.ts'
import { shown } from '../../cli/terminal/line.ts'
import { addPropose } from '../../cli/propose/propose-command.ts'
import { addSessions } from '../../cli/sessions/sessions-command.ts'
import { startPlatform } from '../gateway/platform.ts'
import type { Platform } from '../gateway/platform.ts'

export interface Terminal {
  out: string[]
  notes: string[]
  /** the current growing lines */
  growing: string[]
}

export const emptyTerminal = (): Terminal => ({ out: [], notes: [], growing: [] })

export interface Person {
  platform: Platform
  gateway: string
  /** the data folder, new for every test */
  dataDir: string
  /** sets up a test; returns the tear-down function */
  sitDown(): () => void
  /** Runs one command line as the entry point does; throws the error that the entry point prints. */
  sre(line: string, over?: Partial<ClientContext>, terminal?: Terminal): Promise<Terminal>
  login(username: string): Promise<Terminal>
  passwordOf(username: string): string
}

export async function startPerson(): Promise<Person> {
  const platform = await startPlatform({
    limits: { read: 1000, write: 1000, diagnose: 1000 },
    capacityWaitMs: 120_000,
    incidentWaitMs: 60_000,
  })
  const gateway = await platform.app.listen({ host: '127.0.0.1', port: 0 })
  const person: Person = {
    platform,
    gateway,
    dataDir: '',
    sitDown() {
      const dataDir = mkdtempSync(join(tmpdir(), 'sre-'))
      person.dataDir = dataDir
      writeEndpoints(dataDir, { gateway, issuer: platform.issuer.url })
      return () => rmSync(dataDir, { recursive: true })
    },
    async sre(line, over = {}, terminal = emptyTerminal()) {
      const program = new Command('sre').exitOverride()
      const language = addLanguage(program, over.environment ?? {})
      const context: ClientContext = {
        environment: {},
        dataDir: person.dataDir,
        get language() {
          return language()
        },
        columns: 200,
        print: (text) => void terminal.out.push(shown(text)),
        grow: (lines) => void (terminal.growing = lines.map(shown)),
        note: (text) => void terminal.notes.push(shown(text)),
        readStdin: async () => '',
        askYes: null,
        now: Date.now,
      }
      Object.assign(context, over)
      for (const add of [
        addLogin,
        addDiagnose,
        addCapacity,
        addPostmortem,
        addSessions,
        addApprovals,
        addPropose,
        addEvidence,
        addAnomalyList,
        addForecasts,
      ])
        add(program, context)
      const write = { writeOut: (text: string) => void terminal.out.push(text), writeErr: () => undefined }
      for (const command of [program, ...program.commands]) command.exitOverride().configureOutput(write)
      const words = line.match(/"[^"]*"|\S+/g)?.map((part) => part.replaceAll('"', '')) ?? []
      await program.parseAsync(words, { from: 'user' })
      return terminal
    },
    passwordOf: (username) => platform.issuer.people.find((known) => known.username === username)?.password ?? '',
    login: (username) =>
      person.sre(`login --username ${username} --password-stdin`, {
        readStdin: async () => `${person.passwordOf(username)}\n`,
      }),
  }
  return person
}

/** What a browser does with the login form: follows redirects, keeps cookies, posts the form. */
export async function browse(start: string, username: string, password: string): Promise<string> {
  const jar = new CookieJar()
  let url = start
  let form: URLSearchParams | undefined
  for (;;) {
    const headers = { cookie: await jar.getCookieString(url) }
    const response = await fetch(url, { redirect: 'manual', headers, ...(form ? { method: 'POST', body: form } : {}) })
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url)
    const location = response.headers.get('location')
    const text = await response.text()
    const action = /action="([^"]+)"/.exec(text)?.[1]
    if (location === null && action === undefined) return text
    form = location === null ? new URLSearchParams({ username, password }) : undefined
    url = new URL(location ?? action ?? '', url).href
  }
}
