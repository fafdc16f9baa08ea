/** Responses of the control-plane, stored as received: changes.json, alerts.json, incidents.json, deployments.json. */
import { join } from 'node:path'
import { z } from 'zod'
import { bytesOf } from './bytes.ts'
import { parseInstant } from './instant.ts'
import { parseJson, placeOf } from './json.ts'
import { FILE_LIMITS } from './limits.ts'
import { RecordingError } from './recording-error.ts'
import type { Rows } from './rows.ts'
import type { Warnings } from './warnings.ts'

const instant = z.string().refine((text) => !Number.isNaN(parseInstant(text)), 'must be an RFC 3339 time with a zone')

/** Some control-planes use numbers as ids, others strings. */
const id = z.union([z.string(), z.number()]).transform(String)

export const changeSchema = z.looseObject({
  id,
  timestamp: instant,
  event_type: z.string(),
  author: z.string().nullish(),
  service_name: z.string().nullish(),
  summary: z.string().default(''),
  changes: z.unknown().optional(),
})
const documentSchema = z.looseObject({ id })
const edgeSchema = z.looseObject({ from: z.string(), to: z.string() })

export type ChangeDocument = z.output<typeof changeSchema>
export type ControlPlaneDocument = z.output<typeof documentSchema>
export type Edge = z.output<typeof edgeSchema>

/** `null`: the file does not exist, which is not the same as an empty list. */
export interface ControlPlaneDocuments {
  changes: ChangeDocument[] | null
  alerts: ControlPlaneDocument[] | null
  incidents: ControlPlaneDocument[] | null
  deployments: ControlPlaneDocument[] | null
}

/** Unreadable items are left out and counted, even if none is left. Throws if a document is not a list. */
export async function readDocuments(dir: string, warnings: Warnings): Promise<ControlPlaneDocuments> {
  const listed = <T>(name: string, item: z.ZodType<T>): Promise<T[] | null> =>
    readItems(join(dir, name), item, 'items', warnings)
  return {
    changes: await listed('changes.json', changeSchema),
    alerts: await listed('alerts.json', documentSchema),
    incidents: await listed('incidents.json', documentSchema),
    deployments: await listed('deployments.json', documentSchema),
  }
}

export const readGraph = (dir: string, warnings: Warnings): Promise<Edge[] | null> =>
  readItems(join(dir, 'graph.json'), edgeSchema, 'edges', warnings)

/** Reads a bare array, or a list inside a document such as `{items, next}`. */
async function readItems<T>(file: string, item: z.ZodType<T>, within: string, warnings: Warnings): Promise<T[] | null> {
  const text = await readText(file)
  if (text === null) return null
  const document = parseJson(text, file)
  const list = listIn(document, within)
  if (list === null)
    throw new RecordingError('invalid', placeOf(text, [within], file), `${within}: Invalid input: expected array`)
  const path = list === document ? [] : [within]
  return readEach(list, item, warnings.anew(file), (at, issue) => refusal(text, [...path, at], issue, file))
}

function listIn(document: unknown, within: string): unknown[] | null {
  const list =
    typeof document === 'object' && document !== null && within in document
      ? (document as Record<string, unknown>)[within]
      : document
  return Array.isArray(list) ? (list as unknown[]) : null
}

function readEach<T>(
  list: readonly unknown[],
  item: z.ZodType<T>,
  rows: Rows,
  told: (at: number, issue: z.core.$ZodIssue) => RecordingError,
): T[] {
  const taken: T[] = []
  let first: RecordingError | null = null
  for (const [at, one] of list.entries()) {
    const result = item.safeParse(one)
    if (result.success) taken.push(result.data)
    // finding the position parses the whole text again, so only for the first error
    else rows.leaveOut((first ??= told(at, result.error.issues[0]!)))
  }
  rows.took(taken.length)
  return taken
}

function refusal(text: string, path: readonly PropertyKey[], issue: z.core.$ZodIssue, file: string): RecordingError {
  const within = [...path, ...issue.path]
  return new RecordingError('invalid', placeOf(text, within, file), `${within.join('.')}: ${issue.message}`)
}

/** `null` if the file does not exist. Throws `RecordingError` with the position of a syntax error, or the path of a wrong value. */
export async function readDocument<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readText(file)
  if (text === null) return null
  const value = parseJson(text, file)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'document'}: ${message}`)
  const [first = []] = parsed.error.issues.map(({ path }) => path)
  throw new RecordingError('invalid', placeOf(text, first, file), issues.slice(0, 5).join('; '))
}

async function readText(file: string, { documentBytes } = FILE_LIMITS): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of bytesOf(file)) {
      bytes += chunk.length
      if (bytes > documentBytes) throw new RecordingError('too_long', { file }, `more than ${documentBytes} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof RecordingError && error.code === 'missing') return null
    throw error
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
}
