/** What the control-plane answers, kept as it answers it: changes.json, alerts.json, incidents.json, deployments.json. */
import { join } from 'node:path'
import { z } from 'zod'
import { bytesOf } from './bytes.ts'
import { parseInstant } from './instant.ts'
import { parseJson, placeOf } from './json.ts'
import { FILE_LIMITS } from './limits.ts'
import { items } from './items.ts'
import { RecordingError } from './recording-error.ts'

const instant = z
  .string()
  .refine((text) => !Number.isNaN(parseInstant(text)), 'must be an RFC 3339 instant with a zone')

/** Some control-planes count, others name. */
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
const graphSchema = z.looseObject({ edges: items(z.looseObject({ from: z.string(), to: z.string() })) })

export type ChangeDocument = z.output<typeof changeSchema>
export type ControlPlaneDocument = z.output<typeof documentSchema>
export type Graph = z.output<typeof graphSchema>

/** `null`: the file is not there, which is not the same as an empty list. */
export interface ControlPlaneDocuments {
  changes: ChangeDocument[] | null
  alerts: ControlPlaneDocument[] | null
  incidents: ControlPlaneDocument[] | null
  deployments: ControlPlaneDocument[] | null
}

export async function readDocuments(dir: string): Promise<ControlPlaneDocuments> {
  return {
    changes: await readDocument(join(dir, 'changes.json'), listOf(changeSchema)),
    alerts: await readDocument(join(dir, 'alerts.json'), listOf(documentSchema)),
    incidents: await readDocument(join(dir, 'incidents.json'), listOf(documentSchema)),
    deployments: await readDocument(join(dir, 'deployments.json'), listOf(documentSchema)),
  }
}

export const readGraph = (dir: string): Promise<Graph | null> => readDocument(join(dir, 'graph.json'), graphSchema)

/** A bare array, or `{items}` with whatever pagination came along. */
const listOf = <T>(item: z.ZodType<T>): z.ZodType<T[]> =>
  z.preprocess((value) => (isPage(value) ? value.items : value), items(item))

const isPage = (value: unknown): value is { items: unknown } =>
  typeof value === 'object' && value !== null && 'items' in value

/** `null` when there is no such file. Throws `RecordingError` with the place of a syntax error, or the path of a wrong value. */
export async function readDocument<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readText(file)
  if (text === null) return null
  const value = parseJson(text, file)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'document'}: ${message}`)
  const [first = []] = parsed.error.issues.map(({ path }) => path)
  // of a page the schema saw the items alone
  const path = isPage(value) && typeof first[0] === 'number' ? ['items', ...first] : first
  throw new RecordingError('invalid', placeOf(text, path, file), issues.slice(0, 5).join('; '))
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
