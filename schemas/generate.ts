/** Writes `events.generated.ts` from the `.avsc` files beside it: `npm run schemas:generate`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

type AvroType =
  | string
  | AvroType[]
  | { type: AvroType; name?: string; doc?: string; fields?: Field[]; items?: AvroType; values?: AvroType }
interface Field {
  name: string
  type: AvroType
  doc: string
}
interface AvroRecord {
  name: string
  doc: string
  fields: Field[]
}

const primitives: Record<string, string> = {
  string: 'string',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  boolean: 'boolean',
  null: 'null',
  bytes: 'Buffer',
}

export function generateTypes(folder: string): string {
  const records = new Map<string, string>()
  const events: string[] = []
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.avsc'))
    .sort()) {
    const record: AvroRecord = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    events.push(record.name)
    declare(record, records)
  }
  const names = events.map((name) => `  ${name}: ${name}`).join('\n')
  return [
    '// Generated from the .avsc files beside it by `npm run schemas:generate`. Times are ms since the epoch, UTC.',
    ...records.values(),
    `/** Every event, by name. */\nexport interface Events {\n${names}\n}`,
    'export type EventName = keyof Events\n',
  ].join('\n\n')
}

function declare(record: AvroRecord, records: Map<string, string>): void {
  const lines = record.fields.map((field) => `  /** ${field.doc} */\n  ${field.name}: ${typeOf(field.type, records)}`)
  records.set(record.name, `/** ${record.doc} */\nexport interface ${record.name} {\n${lines.join('\n')}\n}`)
}

function typeOf(type: AvroType, records: Map<string, string>): string {
  if (typeof type === 'string') return primitives[type] ?? type
  if (Array.isArray(type))
    return type
      .map((one) => typeOf(one, records))
      .reverse()
      .join(' | ')
  if (type.type === 'array') return `${parenthesised(typeOf(type.items ?? 'null', records))}[]`
  if (type.type === 'map') return `Record<string, ${typeOf(type.values ?? 'null', records)}>`
  if (type.type === 'record') {
    const { name = '', doc = '', fields = [] } = type
    declare({ name, doc, fields }, records)
    return name
  }
  return typeOf(type.type, records)
}

const parenthesised = (type: string): string => (type.includes(' ') && !type.startsWith('Record') ? `(${type})` : type)

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(join(import.meta.dirname, 'events.generated.ts'), generateTypes(import.meta.dirname))
