import { expect, test } from 'vitest'
import { plan } from '../../embedded/control-plane/scripts.ts'
import { createFakeServices } from './setting.ts'

const lab = createFakeServices()
const call = (over: object = {}) => ({
  scriptId: 'rollback',
  parameters: { image_tag: 'cart:1.5.0', expected_image_tag: 'cart:1.4.2' },
  targets: ['cart'],
  ...over,
})

test('a rollback that matches the current state is planned', () => {
  expect(plan(call(), lab)).toEqual({
    ok: true,
    planned: { kind: 'rollback', service: 'cart', imageTag: 'cart:1.5.0', from: 'cart:1.4.2' },
  })
})

test.each([
  ['of another script', { scriptId: 'rm' }, 'no script rm'],
  ['without what is expected', { parameters: { image_tag: 'cart:1.5.0' } }, 'expected_image_tag'],
  [
    'with a condition it cannot check',
    { parameters: { ...call().parameters, expected_replicas: '3' } },
    'expected_replicas',
  ],
  ['without a target', { targets: [] }, 'exactly one target'],
  ['with two targets', { targets: ['cart', 'frontend'] }, 'exactly one target'],
  ['of a service that does not exist', { targets: ['billing'] }, 'no service billing'],
  [
    'to a release that does not exist',
    { parameters: { ...call().parameters, image_tag: 'cart:9' } },
    'no release cart:9',
  ],
  [
    'to a release of another service',
    { parameters: { ...call().parameters, image_tag: 'frontend:3.2.0' } },
    'no release',
  ],
  [
    'from a release that does not run',
    { parameters: { image_tag: 'cart:1.4.2', expected_image_tag: 'cart:1.5.0' } },
    'runs cart:1.4.2, not cart:1.5.0 as expected',
  ],
  [
    'to the release that runs',
    { parameters: { image_tag: 'cart:1.4.2', expected_image_tag: 'cart:1.4.2' } },
    'already runs cart:1.4.2',
  ],
  [
    'of a restart of a release that does not run',
    { scriptId: 'restart', parameters: { expected_image_tag: 'cart:9' } },
    'runs cart:1.4.2, not cart:9',
  ],
  [
    'of a restart of anything else',
    { scriptId: 'restart', parameters: { expected_image_tag: 'cart:1.4.2', force: 'yes' } },
    'force',
  ],
  [
    'of a scaling beyond the bounds',
    { scriptId: 'scale', parameters: { replicas: '6', expected_replicas: '1' } },
    'at most 5 replicas, not 6',
  ],
  ['of a scaling to nothing', { scriptId: 'scale', parameters: { replicas: '0', expected_replicas: '1' } }, 'replicas'],
  [
    'of a scaling from another count',
    { scriptId: 'scale', parameters: { replicas: '3', expected_replicas: '2' } },
    'has 1 replicas, not 2',
  ],
  ['of an unknown script', { scriptId: 'run_script', parameters: { script: 'rm' } }, 'no script rm'],
  [
    'of a script for another service',
    { scriptId: 'run_script', parameters: { script: 'clear_carts', limit: '5' }, targets: ['frontend'] },
    'is for cart, not for frontend',
  ],
  [
    'of a script with a parameter out of bounds',
    { scriptId: 'run_script', parameters: { script: 'clear_carts', limit: '401' } },
    'limit must be a whole number from 1 to 400',
  ],
  [
    'of a script with a parameter it does not have',
    { scriptId: 'run_script', parameters: { script: 'clear_carts', limit: '5', path: '/' } },
    'no parameter path',
  ],
  ['of what every object has', { scriptId: 'constructor' }, 'no script constructor'],
])('an execution %s is refused with its reason', (_what, over, reason) => {
  expect(plan(call(over), lab)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) as string })
})
