import { expect, it } from 'vitest'
import { told } from '../../bus/kafka/raw-parts.ts'

it('reads a header without a value', () => {
  const message = { key: null, value: null, headers: { empty: null, full: Buffer.from('a') } }
  expect(told(message as never)).toEqual({ key: null, headers: { full: 'a' } })
})
