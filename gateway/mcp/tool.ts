import type { z } from 'zod'
import type { Texts } from '../present/texts.ts'
import type { Inside, Reachable } from './operations.ts'

/** What a tool answers, before it is cut into pages. */
export interface Whole {
  /** the platform's own words */
  note: Texts
  /** what came from outside */
  data: string
  /** the call that reads its further pages, but for the cursor */
  again: { tool: string; arguments: Readonly<Record<string, unknown>> }
}

export interface Tool {
  name: string
  /** for the model; every word of it is paid for in every conversation */
  description: string
  input: z.ZodObject
  /** it starts nothing */
  readOnly: boolean
  /** the operation whose rate limit a call counts against; the arguments are not checked yet */
  countsAs(args: Readonly<Record<string, unknown>>): Reachable
  run(inside: Inside, args: never): Promise<Whole>
}

/** Binds the arguments' type to the schema's. */
export const tool = <Input extends z.ZodObject>(
  one: Omit<Tool, 'input' | 'run'> & {
    input: Input
    run(inside: Inside, args: z.output<Input>): Promise<Whole>
  },
): Tool => one
