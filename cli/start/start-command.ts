import { type Command, InvalidArgumentError } from 'commander'
import type { ClientContext } from '../login/context.ts'
import { forItsOwnerAlone } from '../serve/own-files.ts'
import type { DemoOptions, StartOptions } from './options.ts'

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('expected a number from 0 to 65535')
  return Number(text)
}

const VERBOSE = 'show every query to a source, and all findings'

/** `sre start`: the whole platform on this machine, with demo incidents. */
export function addStart(program: Command, context: ClientContext): void {
  program
    .command('start')
    .description('start the whole platform on this machine, with a recorded and a live incident')
    .option('--port <number>', 'port of the gateway (default: GATEWAY_PORT, else 8080)', parsePort)
    .option('--no-show', 'start only, without the demo incidents')
    .option('--verbose', VERBOSE)
    .action(async (options: StartOptions) => {
      forItsOwnerAlone()
      await (await import('./start.ts')).start(context, options)
    })
}

/** `sre demo`: the same, but a test user approves, and it ends when both incidents are done. */
export function addDemo(program: Command, context: ClientContext): void {
  program
    .command('demo')
    .description('run both incidents end to end, from request to verified action; exits 0 on success')
    .option('--verbose', VERBOSE)
    .option('--again', 'deploy the bad release a second time after the rollback')
    .action(async (options: DemoOptions) => {
      forItsOwnerAlone()
      await (await import('./demo.ts')).demo(context, options)
    })
}
