/** The groups of commands of `sre`, each a folder beside this file that adds itself. */
import type { Command } from 'commander'
import type { Surface } from './analyze/surface.ts'
import type { ClientContext } from './login/context.ts'

interface Group {
  names: readonly string[]
  add(): Promise<void>
}

/** What only some groups need. */
interface Others {
  surface: Surface
  /** sets the exit code of a command that does not fail */
  exit(code: number): void
  askYes(question: string): Promise<boolean>
}

/** In the order of the help. Each is loaded only when it is added, which saves most of a second. */
export const groupsOf = (
  program: Command,
  context: ClientContext,
  { surface, exit, askYes }: Others,
): readonly Group[] => [
  { names: ['start', 'demo'], add: async () => addBoth(program, context, await import('./start/start-command.ts')) },
  { names: ['serve'], add: async () => (await import('./serve/serve-command.ts')).addServe(program, context) },
  { names: ['connect'], add: async () => (await import('./connect/connect-command.ts')).addConnect(program, context) },
  { names: ['analyze'], add: async () => (await import('./analyze/analyze-command.ts')).addAnalyze(program, surface, exit) }, // prettier-ignore
  { names: ['anomalies'], add: async () => (await import('./anomalies/anomalies-command.ts')).addAnomalies(program, context, surface, exit) }, // prettier-ignore
  { names: ['forecasts'], add: async () => (await import('./forecasts/forecasts-command.ts')).addForecasts(program, context) }, // prettier-ignore
  { names: ['lab'], add: async () => (await import('./lab/lab-command.ts')).addLab(program, context) },
  { names: ['policy'], add: async () => (await import('./policy/policy-command.ts')).addPolicy(program, context) },
  { names: ['record'], add: async () => (await import('./record/record-command.ts')).addRecord(program, context) },
  {
    names: ['login', 'logout'],
    add: async () => (await import('./login/login-command.ts')).addLogin(program, context),
  },
  { names: ['diagnose'], add: async () => (await import('./diagnose/diagnose-command.ts')).addDiagnose(program, context) }, // prettier-ignore
  { names: ['postmortem'], add: async () => (await import('./postmortem/postmortem-command.ts')).addPostmortem(program, context) }, // prettier-ignore
  { names: ['capacity'], add: async () => (await import('./capacity/capacity-command.ts')).addCapacity(program, context) }, // prettier-ignore
  { names: ['sessions', 'show', 'cancel'], add: async () => (await import('./sessions/sessions-command.ts')).addSessions(program, context) }, // prettier-ignore
  { names: ['feedback'], add: async () => (await import('./feedback/feedback-command.ts')).addFeedback(program, context) }, // prettier-ignore
  { names: ['propose'], add: async () => (await import('./propose/propose-command.ts')).addPropose(program, context) }, // prettier-ignore
  { names: ['evidence'], add: async () => (await import('./evidence/evidence-command.ts')).addEvidence(program, context) }, // prettier-ignore
  { names: ['approvals', 'approve', 'reject'], add: async () => (await import('./approvals/approvals-command.ts')).addApprovals(program, context) }, // prettier-ignore
  {
    names: ['workflows'],
    add: async () => (await import('./workflows/workflows-command.ts')).addWorkflows(program, context),
  },
  { names: ['tools'], add: async () => (await import('./tools/tools-command.ts')).addTools(program, context) },
  { names: ['mcp'], add: async () => (await import('./mcp/mcp-command.ts')).addMcp(program, context) },
  { names: ['freeze'], add: async () => (await import('./freeze/freeze-command.ts')).addFreeze(program, context) },
  { names: ['doctor'], add: async () => (await import('./doctor/doctor-command.ts')).addDoctor(program, context) },
  { names: ['memory'], add: async () => (await import('./memory/memory-command.ts')).addMemory(program, context) },
  { names: ['model'], add: async () => (await import('./model/model-command.ts')).addModel(program, context) },
  { names: ['migrate'], add: async () => (await import('./migrate/migrate-command.ts')).addMigrate(program, context) },
  { names: ['topics'], add: async () => (await import('./topics/topics-command.ts')).addTopics(program, context) },
  { names: ['schemas'], add: async () => (await import('./schemas/schemas-command.ts')).addSchemas(program, context) },
  { names: ['keys'], add: async () => (await import('./keys/keys-command.ts')).addKeys(program, context) },
  { names: ['dlq'], add: async () => (await import('./dlq/dlq-command.ts')).addDlq(program, context, askYes) },
]

function addBoth(
  program: Command,
  context: ClientContext,
  { addStart, addDemo }: typeof import('./start/start-command.ts'),
): void {
  addStart(program, context)
  addDemo(program, context)
}
