import { expect, test } from 'vitest'
import { nearNames } from '../../agents/assistant/near-names.ts'

const known = ['cart', 'checkout', 'catalog', 'payment', 'ts-food-service', 'ts-food-delivery-service']

test.each([
  ['chekout', ['checkout']],
  ['Checkout', ['checkout']],
  ['crat', ['cart']],
  ['food', ['ts-food-service', 'ts-food-delivery-service']],
  ['payment-service', ['payment']],
  ['nowhere', []],
])('%s may mean %j', (name, near) => {
  expect(nearNames(name, known)).toEqual(near)
})
