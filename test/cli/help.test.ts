/** The help of every command. */
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addAnalyze } from '../../cli/analyze/analyze-command.ts'
import { addApprovals } from '../../cli/approvals/approvals-command.ts'
import { addCapacity } from '../../cli/capacity/capacity-command.ts'
import { addConnect } from '../../cli/connect/connect-command.ts'
import { addDiagnose } from '../../cli/diagnose/diagnose-command.ts'
import { addDlq } from '../../cli/dlq/dlq-command.ts'
import { addDoctor } from '../../cli/doctor/doctor-command.ts'
import { addEvidence } from '../../cli/evidence/evidence-command.ts'
import { addFreeze } from '../../cli/freeze/freeze-command.ts'
import { chineseHelp } from '../../cli/help-texts.ts'
import { addKeys } from '../../cli/keys/keys-command.ts'
import type { ClientContext } from '../../cli/login/context.ts'
import { addLab } from '../../cli/lab/lab-command.ts'
import { addLanguage } from '../../cli/language.ts'
import { addLogin } from '../../cli/login/login-command.ts'
import { addMcp } from '../../cli/mcp/mcp-command.ts'
import { addMigrate } from '../../cli/migrate/migrate-command.ts'
import { addPostmortem } from '../../cli/postmortem/postmortem-command.ts'
import { addRecord } from '../../cli/record/record-command.ts'
import { addSchemas } from '../../cli/schemas/schemas-command.ts'
import { addServe } from '../../cli/serve/serve-command.ts'
import { addSessions } from '../../cli/sessions/sessions-command.ts'
import { addDemo, addStart } from '../../cli/start/start-command.ts'
import { addTools } from '../../cli/tools/tools-command.ts'
import { addTopics } from '../../cli/topics/topics-command.ts'
import { addWorkflows } from '../../cli/workflows/workflows-command.ts'

/** Commands without --json: long-running ones, logout and completion scripts. */
const WITHOUT_JSON = [
  'sre connect',
  'sre demo',
  'sre logout',
  'sre mcp',
  'sre serve',
  'sre start',
  'sre topics kafka-tools',
]

const program = new Command('sre')
addLanguage(program, { LANG: 'zh_TW.UTF-8' })
const context: ClientContext = {
  environment: {},
  dataDir: '',
  language: 'en',
  columns: 200,
  print: () => undefined,
  grow: () => undefined,
  note: () => undefined,
  readStdin: async () => '',
  askYes: null,
  now: Date.now,
}
for (const add of [addStart, addDemo, addServe, addConnect, addLab, addRecord, addLogin, addDiagnose, addCapacity, addPostmortem, addSessions, addApprovals, addWorkflows, addTools, addMcp, addFreeze, addDoctor, addMigrate, addTopics, addSchemas, addKeys, addEvidence]) add(program, context) // prettier-ignore
addDlq(program, context, async () => false)
addAnalyze(program, {} as Parameters<typeof addAnalyze>[1], () => undefined)

const all = leavesOf(program, '')

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)]

function leavesOf(command: Command, path: string): { name: string; command: Command }[] {
  const name = `${path} ${command.name()}`.trim()
  return command.commands.length === 0 ? [{ name, command }] : command.commands.flatMap((one) => leavesOf(one, name))
}

test('every command and option has a description', () => {
  for (const { name, command } of all) {
    expect(command.description(), name).not.toBe('')
    for (const option of command.options) expect(option.description, `${name} ${option.flags}`).not.toBe('')
    for (const argument of command.registeredArguments) expect(argument.description, `${name} ${argument.name()}`).not.toBe('') // prettier-ignore
  }
})

test('every command, option and argument is described in zh-TW too', () => {
  const described = everyCommand(program).flatMap((command) => [
    command.description(),
    ...command.options.map(({ description }) => description),
    ...command.registeredArguments.map(({ description }) => description),
  ])
  const english = new Set(described.filter((text) => text !== ''))
  expect([...english].filter((text) => chineseHelp[text] === undefined)).toEqual([])
})

test('help is in the language of the terminal, including titles, choices and defaults', () => {
  const command = program.commands.find((one) => one.name() === 'diagnose')!
  const help = command.helpInformation()
  expect(help).toMatch(/^用法： sre diagnose \[options\]\n\n找出異常/)
  expect(help).toContain('往回查看多久：90s、30m、2h、1d（預設：30m）')
  expect(help).toContain('嚴重程度（可選："P0", "P1", "P2", "P3"，預設："P2"）')
})

test('defaults are shown in input format', () => {
  for (const { command } of all) expect(command.helpInformation()).not.toMatch(/(?:default: |預設：)(?:\[|\d{6})/)
})

test('every command with output has --json', () => {
  const without = all.filter(({ command }) => !command.options.some(({ long }) => long === '--json'))
  expect(without.map(({ name }) => name).sort()).toEqual(WITHOUT_JSON)
})
