import { expect, it } from 'vitest'
import { AttributeSets } from '../../../agents/anomaly/otlp/attribute-sets.ts'
import { decode, request } from '../../../agents/anomaly/otlp/wire.ts'

const attributes = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue, boolValue: false, intValue: 0, doubleValue: 0 } })) // prettier-ignore

const [get, post] = [attributes({ route: '/', method: 'GET' }), attributes({ route: '/', method: 'POST' })]

function filled(): AttributeSets<string> {
  const sets = new AttributeSets<string>()
  sets.set(get, 'get')
  sets.set(post, 'post')
  return sets
}

it('finds a set in whatever order its attributes and the sets come', () => {
  const sets = filled()
  const asked = [get, post, get, post, post, get, get.toReversed(), post.toReversed(), get]
  expect(asked.map((one) => sets.get(one))).toEqual(['get', 'post', 'get', 'post', 'post', 'get', 'get', 'post', 'get'])
  expect(sets.size).toBe(2)
})

it('does not take one set for another that begins or ends like it', () => {
  const sets = filled()
  for (const one of [get, post, get, post]) sets.get(one)
  const others = [{ route: '/' }, { route: '/', method: 'POSTED' }, { route: '/', method: 'POST', code: '200' }, { route: '/a', method: 'POST' }, {}] // prettier-ignore
  for (const other of others) {
    sets.get(get)
    expect(sets.get(attributes(other)), JSON.stringify(other)).toBeUndefined()
  }
})

it('does not find what was removed, even where it would come next', () => {
  const sets = filled()
  for (const one of [get, post, get]) sets.get(one)
  expect(sets.remove((value) => value === 'post')).toEqual(['post'])
  expect(sets.get(post)).toBeUndefined()
  expect(sets.get(get)).toBe('get')
})

it('reads every text of a record as it is, whatever was read before', () => {
  const names = Array.from({ length: 20_000 }, (_, at) =>
    at % 7 === 0 ? `服務-${at}` : `metric.${at}${'x'.repeat(at % 90)}`,
  )
  const metrics = names.map((name) => ({ name, gauge: { dataPoints: [{ asDouble: 1 }] } }))
  const bytes = Buffer.from(request.encode({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }).finish())
  for (const _ of [1, 2]) expect(decode(bytes)[0]!.scopeMetrics[0]!.metrics.map(({ name }) => name)).toEqual(names)
})
