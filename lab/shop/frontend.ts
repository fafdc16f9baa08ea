import { z } from 'zod'
import { traceOf, type Release } from './service.ts'

const page = z.object({ page: z.coerce.number().int().min(0).default(0) })
const one = z.object({ sku: z.string() })
const owner = z.object({ customer: z.coerce.number().int().min(0) })

export const release: Release = (app, { call }) => {
  app.get('/', (request) =>
    call('catalog', `/products?page=${page.parse(request.query).page}`, { timeoutMs: 1_500, trace: traceOf(request) }),
  )
  app.get('/products/:sku', (request) =>
    call('catalog', `/products/${encodeURIComponent(one.parse(request.params).sku)}`, {
      timeoutMs: 1_500,
      trace: traceOf(request),
    }),
  )
  app.get('/cart/:customer', (request) =>
    call('cart', `/carts/${owner.parse(request.params).customer}`, { timeoutMs: 2_000, trace: traceOf(request) }),
  )
  app.post('/cart/:customer/items', (request) =>
    call('cart', `/carts/${owner.parse(request.params).customer}/items`, {
      method: 'POST',
      body: one.parse(request.body),
      timeoutMs: 1_500,
      trace: traceOf(request),
    }),
  )
  app.post('/vouchers/:customer', (request) =>
    call('checkout', '/vouchers', {
      method: 'POST',
      body: owner.parse(request.params),
      timeoutMs: 2_500,
      trace: traceOf(request),
    }),
  )
  app.post('/checkout/:customer', (request) =>
    call('checkout', '/orders', {
      method: 'POST',
      body: owner.parse(request.params),
      timeoutMs: 4_000,
      trace: traceOf(request),
    }),
  )
}
