/** Behaviour for scripts: exit codes, errors as JSON, no questions without a terminal. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CommandError } from '../../cli/login/context.ts'
import { approvalRequested, completed, progressed, requested } from '../gateway/records.ts'
import { emptyTerminal, type Person, startPerson } from './person.ts'
import { runHere } from './run-sre.ts'

describe('the command line itself', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-script-'))
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))
  const sre = (...words: string[]) => runHere(words, { DATA_DIR: dataDir })

  test('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string
    }
    expect(await sre('--version')).toMatchObject({ code: 0, out: `${version}\n` })
  })

  test.each([
    ['of usage', ['show', 'x', '--json'], 2, 'USAGE', /invalid.*session/],
    ['of what a command found', ['sessions', '--json'], 1, 'COMMAND_FAILED', /no platform is running/],
  ])('errors %s are one line of JSON with --json', async (_what, words, code, error, message) => {
    const said = await sre(...words)
    expect(said).toMatchObject({ code, out: '' })
    expect(JSON.parse(said.err)).toEqual({ error, message: expect.stringMatching(message), details: [] })
  })
})

describe('with a running platform', () => {
  let person: Person
  beforeAll(async () => {
    person = await startPerson()
  })
  afterAll(() => person.platform.close())
  beforeEach(async () => {
    person.sitDown()
    await person.login('alice')
  })

  test('an error of the gateway keeps its code', async () => {
    const refused = person.sre(`show ${uuid()} --json`)
    await expect(refused).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND', exitCode: 1 })
  })

  test('a verdict of --fail-on exits with 3, any other with 0', async () => {
    const sessionAbout = async (service: string) => {
      const asked = () =>
        person.platform
          .published('DiagnosisRequested')
          .then((all) => all.find(({ value }) => value.service === service))
      await expect.poll(asked, { timeout: 60_000 }).toBeDefined()
      return (await asked())!.value.session_id
    }
    for (const [failOn, ends] of [
      ['incident', 3],
      ['incident --watch', 3],
      ['inconclusive', 0],
    ] as const) {
      const service = `cart-${failOn.replace(' --', '-')}`
      const watching = person
        .sre(`diagnose --service ${service} --fail-on ${failOn}`)
        .then(() => 0)
        .catch((error: unknown) => (error instanceof CommandError ? error.exitCode : -1))
      const session = await sessionAbout(service)
      const approval = approvalRequested(session, uuid())
      await person.platform.tell(progressed(session, 20), completed(session, { verdict: 'incident' }), approval)
      expect(await watching, 'without waiting for a person').toBe(ends)
    }
  })

  test('a decision needs a confirmation on a terminal, but not in a script', async () => {
    const [session, approval] = [uuid(), uuid()]
    await person.platform.tell(requested(session), approvalRequested(session, approval))
    const terminal = emptyTerminal()
    const questions: string[] = []
    const answer = (yes: boolean) => ({
      askYes: (question: string) => {
        questions.push(`${terminal.notes.join('\n')}\n${question}`)
        return Promise.resolve(yes)
      },
    })
    const approve = `approve ${approval} --reason "looks right"`
    await expect(person.sre(approve, answer(false), terminal)).rejects.toThrow('no decision was made')
    expect(questions).toEqual([expect.stringMatching(/rollback cart; parameters: to = v1[^]*Approve this action\?$/)])
    expect((await person.sre('approvals')).out.join('\n')).toContain(`${approval}  pending`)
    const { out } = await person.sre(`${approve} --yes`, answer(false))
    expect(out.join()).toContain('approved')
    expect(questions).toHaveLength(1)
  })
})
