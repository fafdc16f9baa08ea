import type { Command } from 'commander'
import { addApprovals } from './approvals/approvals-command.ts'
import { addDiagnose } from './diagnose/diagnose-command.ts'
import type { ClientContext } from './login/context.ts'
import { addLogin } from './login/login-command.ts'
import { addSessions } from './sessions/sessions-command.ts'

/** What a person does at the terminal: login, logout, diagnose, sessions, show, cancel, approvals, approve, reject. */
export function addPersonCommands(program: Command, context: ClientContext): void {
  addLogin(program, context)
  addDiagnose(program, context)
  addSessions(program, context)
  addApprovals(program, context)
}
