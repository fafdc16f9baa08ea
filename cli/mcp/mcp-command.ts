/** `sre mcp`: the gateway's tools for an assistant on this machine, with the stored login. The tools are defined at the gateway only. */
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import type { Command } from 'commander'
import { helpNote } from '../language.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { relay } from './relay.ts'
import { senderTo } from './sender.ts'
import { mcp as texts } from './texts.ts'

export function addMcp(program: Command, context: ClientContext): void {
  program
    .command('mcp')
    .description('give an assistant on this machine the tools of the platform, over MCP on standard input and output')
    .option('--gateway <url>', 'gateway URL (default: SRE_GATEWAY_URL, else the platform running in DATA_DIR)')
    .addHelpText('after', helpNote(context, 'The assistant starts it: docs/guides/connect-assistants.md.'))
    .action(async (options: ClientOptions) => {
      context.note(texts.serving[context.language])
      await relay({
        ...{ transport: new StdioServerTransport(), send: senderTo(context, options), language: context.language },
        answer: (message) => context.print(JSON.stringify(message)),
      })
    })
}
