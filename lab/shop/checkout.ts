import { z } from 'zod'
import { traceId, traceOf, type Release } from './service.ts'

const order = z.object({ customer: z.number().int().min(0) })
const voucherCents = 2_500
const cart = z.object({ total: z.number() })

export const release: Release = (app, { log, call, stored, setting }) => {
  const charge = (body: object, trace: string | undefined) =>
    call('payment', '/charges', { method: 'POST', body, timeoutMs: setting('payment_timeout_ms'), trace })
  app.post('/orders', async (request, reply) => {
    const { customer } = order.parse(request.body)
    const trace = traceOf(request)
    const { total } = cart.parse(await call('cart', `/carts/${customer}`, { timeoutMs: 2_000, trace }))
    await charge({ customer, cents: total }, trace)
    await stored(5)
    await call('cart', `/carts/${customer}`, { method: 'DELETE', timeoutMs: 1_000, trace })
    log.info({ trace_id: traceId(request), attributes: { customer, total } }, 'order placed')
    return reply.code(201).send({ total })
  })
  app.post('/vouchers', async (request, reply) => {
    const { customer } = order.parse(request.body)
    await charge({ customer, cents: voucherCents }, traceOf(request))
    return reply.code(201).send({ voucher: voucherCents })
  })
}
