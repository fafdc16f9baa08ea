import { describe, expect, it } from 'vitest'
import { approversOf, higherRisk, objectionTo } from '../../actions/catalogue.ts'
import { readCatalogue } from '../../actions/read.ts'
import { SHIPPED } from '../../actions/shipped.ts'
import { undoingOf } from '../../actions/undo.ts'
import { wordsOf, wordsOfUndoing } from '../../actions/words.ts'
import type { Action } from '../../schemas/events.generated.ts'
import { rollback } from '../events/requests.ts'

const catalogue = readCatalogue(SHIPPED)
const action = (type: string, parameters: Record<string, string>, target_state: Record<string, string> = {}): Action => ({ type, service: 'cart', namespace: 'shop', parameters, target_state }) // prettier-ignore
const scale = action('scale', { replicas: '3' }, { replicas: '1' })
const restart = action('restart', {}, { image_tag: 'cart:1.4.2' })
const script = action('run_script', { script: 'clear_carts', limit: '5' })

describe('an action', () => {
  it.each([rollback, scale, restart, script])('of the catalogue is allowed: $type', (one) => {
    expect(objectionTo(catalogue, one)).toBeNull()
  })

  it.each<[what: string, action: Action, code: string, reason: string]>([
    ['unknown', action('reboot', {}), 'unknown_action', 'no action reboot in the catalogue; it has: rollback, restart, scale, run_script'], // prettier-ignore
    ['with a parameter too large', { ...scale, parameters: { replicas: '6' } }, 'invalid_parameters', 'parameter replicas: is 6, above the maximum 5'], // prettier-ignore
    ['with a parameter too small', { ...scale, parameters: { replicas: '0' } }, 'invalid_parameters', 'below the minimum 1'], // prettier-ignore
    ['with a number in another notation', { ...scale, parameters: { replicas: '0x3' } }, 'invalid_parameters', 'must be a whole number'], // prettier-ignore
    ['without a parameter', { ...scale, parameters: {} }, 'invalid_parameters', 'parameter replicas: is required'],
    ['with another parameter', { ...scale, parameters: { replicas: '3', force: 'yes' } }, 'invalid_parameters', 'parameter force: scale has no such parameter'], // prettier-ignore
    ['with an unknown choice', { ...script, parameters: { script: 'rm' } }, 'invalid_parameters', 'must be one of clear_carts'], // prettier-ignore
    ['with an empty text', { ...rollback, parameters: { image_tag: '' } }, 'invalid_parameters', 'must have 1 to 255 characters'], // prettier-ignore
    ['not bound to its target', { ...scale, target_state: {} }, 'unbound_action', "must be bound to the target's replicas"], // prettier-ignore
    ['with the name of what every object has', action('constructor', {}), 'unknown_action', 'no action constructor'],
  ])('%s is not', (_what, one, code, reason) => {
    expect(objectionTo(catalogue, one)).toEqual({ code, reason: expect.stringContaining(reason) as string })
  })

  it('is approved by the roles that both the catalogue and the configuration name', () => {
    expect(approversOf(catalogue, 'scale', ['sre_lead'])).toEqual(['sre_lead'])
    expect(approversOf(catalogue, 'run_script', ['team_manager', 'super_admin'])).toEqual(['super_admin'])
    expect(approversOf(catalogue, 'reboot', ['super_admin'])).toEqual([])
  })

  it('has the higher of two risks', () => {
    expect(higherRisk('low', 'high')).toBe('high')
    expect(higherRisk('critical', 'low')).toBe('critical')
    expect(higherRisk('none at all', 'low')).toBe('critical')
  })
})

describe('undoing an action', () => {
  it('puts back what it changed, bound to the state it left behind', () => {
    expect(undoingOf(catalogue, scale)).toEqual({ action: { ...scale, parameters: { replicas: '1' }, target_state: { replicas: '3' } } }) // prettier-ignore
    const { image_tag: to } = rollback.parameters
    const { image_tag: from } = rollback.target_state
    expect(undoingOf(catalogue, rollback)).toEqual({ action: { ...rollback, parameters: { image_tag: from }, target_state: { image_tag: to } } }) // prettier-ignore
  })

  it('is impossible for an action that leaves nothing to restore, or whose former state is unknown', () => {
    expect(wordsOfUndoing(undoingOf(catalogue, restart))).toEqual({ en: 'Cannot be undone: the replaced processes are gone', 'zh-TW': '無法復原：被取代的程序已不存在' }) // prettier-ignore
    expect(wordsOfUndoing(undoingOf(catalogue, { ...scale, target_state: {} })).en).toContain('replicas: is required')
  })
})

it.each<[Action, string, string]>([
  [rollback, 'Roll back shop / cart from cart:1.5.0 to cart:1.4.2', '將 shop / cart 從 cart:1.5.0 退版至 cart:1.4.2'],
  [scale, 'Scale shop / cart from 1 replica to 3 replicas', '將 shop / cart 的副本數從 1 調整為 3'],
  [restart, 'Restart shop / cart', '重新啟動 shop / cart'],
  [script, 'Run clear_carts on shop / cart with limit = 5', '對 shop / cart 執行 clear_carts，參數 limit = 5'],
  [
    action('flush', { all: 'yes' }),
    'Run flush on shop / cart with all = yes',
    '對 shop / cart 執行 flush，參數 all = yes',
  ],
  [
    { ...restart, parameters: { force: 'yes' } },
    'Run restart on shop / cart with force = yes',
    '對 shop / cart 執行 restart，參數 force = yes',
  ],
])('an action is worded with all its parameters: $type', (one, en, chinese) => {
  expect(wordsOf(one)).toEqual({ en, 'zh-TW': chinese })
})
