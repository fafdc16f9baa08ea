import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Schema } from 'avsc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkSchemas, problemsOf, releaseSchemas } from '../../schemas/compatibility.ts'
import { type Contract, loadContract } from '../../schemas/contract.ts'

const record = (...fields: readonly object[]) => ({ type: 'record', name: 'Asked', fields }) as unknown as Schema
const id = { name: 'id', type: 'string' }
const reason = { name: 'reason', type: 'string' }
const optionalReason = { ...reason, default: '' }

describe('a changed schema', () => {
  it('may gain a field with a default', () => {
    expect(problemsOf(record(id, optionalReason), 'BACKWARD', [record(id)])).toEqual([])
    expect(problemsOf(record(id, optionalReason), 'FULL_TRANSITIVE', [record(id)])).toEqual([])
  })

  it('may not gain a field without a default: it could not read the records already on the topic', () => {
    expect(problemsOf(record(id, reason), 'BACKWARD', [record(id)])).toEqual([
      expect.stringContaining('it cannot read release 1'),
    ])
  })

  it('may lose a required field only if readers of the old schema never read its records', () => {
    expect(problemsOf(record(id), 'BACKWARD', [record(id, reason)])).toEqual([])
    expect(problemsOf(record(id), 'FULL_TRANSITIVE', [record(id, reason)])).toEqual([
      expect.stringContaining('release 1 cannot read it'),
    ])
  })

  it('may not change the type of a field', () => {
    expect(problemsOf(record({ name: 'id', type: 'int' }), 'BACKWARD', [record(id)])).toHaveLength(1)
  })

  it('is compared with every release if compatibility is transitive, otherwise with the last one', () => {
    const releases = [record({ name: 'id', type: 'int' }), record(id)]
    expect(problemsOf(record(id), 'BACKWARD', releases)).toEqual([])
    expect(problemsOf(record(id), 'FULL_TRANSITIVE', releases)).toHaveLength(2)
  })
})

describe('releases', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'released-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const changed = (contract: Contract, change: (schema: { fields: object[] }) => void): Contract => {
    const topics = contract.topics.map((topic) => structuredClone(topic))
    const [first] = topics
    change(first?.schema as unknown as { fields: object[] })
    return {
      ...contract,
      topics,
      topicOf: (event) => topics.find((one) => one.event === event) ?? contract.topicOf(event),
    }
  }

  it('store a schema only when it has changed, under the next number', () => {
    const contract = loadContract()
    expect(releaseSchemas(contract, folder)).toHaveLength(contract.topics.length)
    expect(releaseSchemas(contract, folder)).toEqual([])
    const next = changed(contract, (schema) => schema.fields.push({ ...optionalReason, name: 'added' }))
    expect(checkSchemas(next, folder)[0]).toMatchObject({ released: 1, changed: true, problems: [] })
    expect(releaseSchemas(next, folder)).toEqual([join(folder, 'diagnosis-requested', '2.avsc')])
    expect(checkSchemas(next, folder)[0]).toMatchObject({ released: 2, changed: false })
  })

  it('are refused as a whole if one schema is incompatible', () => {
    const contract = loadContract()
    releaseSchemas(contract, folder)
    const broken = changed(contract, (schema) => schema.fields.push({ ...reason, name: 'added' }))
    expect(() => releaseSchemas(broken, folder)).toThrow(/DiagnosisRequested: it cannot read release 1/)
    expect(checkSchemas(contract, folder).every(({ released }) => released === 1)).toBe(true)
  })

  it('that cannot be read fail the check', () => {
    releaseSchemas(loadContract(), folder)
    writeFileSync(join(folder, 'agent-usage', '1.avsc'), 'not json')
    expect(() => checkSchemas(loadContract(), folder)).toThrow(/JSON/)
  })

  it('of this repository are compatible with its schemas, and each schema is its latest release', () => {
    const checks = checkSchemas(loadContract())
    expect(checks.filter(({ problems }) => problems.length > 0)).toEqual([])
    expect(
      checks.filter(({ changed }) => changed).map(({ event }) => event),
      'run npx sre schemas release',
    ).toEqual([])
  })
})
