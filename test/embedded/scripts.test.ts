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
  expect(plan(call(), lab)).toEqual({ ok: true, service: 'cart', imageTag: 'cart:1.5.0', from: 'cart:1.4.2' })
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
    'runs cart:1.4.2 already',
  ],
])('an execution %s is refused with its reason', (_what, over, reason) => {
  expect(plan(call(over), lab)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) as string })
})
