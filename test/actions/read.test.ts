import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCatalogue } from '../../actions/read.ts'
import { SHIPPED } from '../../actions/shipped.ts'

const dir = mkdtempSync(join(tmpdir(), 'actions-'))
const read = (text: string) => {
  const path = join(dir, 'actions.yaml')
  writeFileSync(path, text)
  return readCatalogue(path)
}
const mistakesIn = (text: string): string => {
  try {
    read(text)
  } catch (error) {
    return (error as Error).message.split('\n').slice(1).join('\n')
  }
  return 'none'
}

const restart = `  restart:
    risk: low
    dry_run: true
    verify: { signals: [latency_p95], within_s: 60 }
    undo: { none: { en: nothing to restore, zh-TW: 無可復原 } }
`

describe('the catalogue of actions', () => {
  it('comes with rollback, restart, scale and run_script', () => {
    const catalogue = readCatalogue(SHIPPED)
    expect([...catalogue.keys()]).toEqual(['rollback', 'restart', 'scale', 'run_script'])
    expect(catalogue.get('scale')?.parameters.get('replicas')).toEqual({ type: 'integer', required: true, default: null, min: 1, max: 5 }) // prettier-ignore
    expect(catalogue.get('run_script')?.approvers).toEqual(['super_admin'])
  })

  it('reports every mistake in one message, with its line', () => {
    const message = mistakesIn(`actions:
${restart}  scale:
    risk: enormous
    fits: [hunger]
    dry_run: yes please
    parameters:
      replicas: { type: whole, min: 1 }
    undo: { none: {} }
    approver: [root]
`)
    expect(message.split('\n')).toHaveLength(7)
    expect(message).toContain('line 8: actions.scale.risk: ')
    expect(message).toContain('line 9: actions.scale.fits.0: ')
    expect(message).toContain('line 10: actions.scale.dry_run: ')
    expect(message).toContain('line 12: actions.scale.parameters.replicas.type: ')
    expect(message).toContain('line 13: actions.scale.undo: must be { action, parameters }')
    expect(message).toMatch(/line \d+: actions.scale.verify: /)
    expect(message).toContain('"approver"')
  })

  it.each([
    ['a default out of bounds', 'parameters: { n: { type: integer, max: 3, default: 4 } }', 'line 8: actions.other.parameters.n.default: is 4, above the maximum 3'], // prettier-ignore
    ['bounds that exclude everything', 'parameters: { n: { type: number, min: 3, max: 2 } }', 'min 3 is above max 2'],
    ['a default that is no choice', 'parameters: { n: { type: enum, values: [a, b], default: c } }', 'must be one of a, b'], // prettier-ignore
    ['a broken pattern', "parameters: { n: { type: string, pattern: '(' } }", 'must be a regular expression'],
    ['an undoing that is not in the file', 'undo: { action: redo }', 'no action redo in this file'],
    ['an undoing with an unknown parameter', 'undo: { action: restart, parameters: { force: 1 } }', 'restart has no parameter force'], // prettier-ignore
    ['an undoing without a parameter it needs', 'parameters: { n: { type: integer, required: true } }, undo: { action: other }', 'other requires the parameter n'], // prettier-ignore
    ['an undoing from a value that is not there', 'parameters: { n: { type: integer } }, undo: { action: other, parameters: { n: target_state.replicas } }', 'replicas is not in target_state'], // prettier-ignore
  ])('refuses %s', (_what, change, mistake) => {
    const undo = change.includes('undo:') ? '' : 'undo: { none: { en: no, zh-TW: 否 } },'
    const other = `  other: { risk: low, dry_run: true, verify: { signals: [cpu], within_s: 1 }, ${undo} ${change} }\n`
    expect(mistakesIn(`actions:\n${restart}\n${other}`)).toContain(mistake)
  })

  it.each([
    ['no YAML', 'actions: [', /Flow sequence/],
    ['no actions', 'action: {}', /actions: /],
    ['two of one name', `actions:\n${restart}${restart}`, /Map keys must be unique/],
  ])('refuses a file with %s', (_what, text, mistake) => {
    expect(mistakesIn(text)).toMatch(mistake)
  })
})
