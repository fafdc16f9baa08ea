import { z } from 'zod'
import { storeTime, traceId, type Release } from './service.ts'

const charge = z.object({ customer: z.number(), cents: z.number().int().min(0) })

export const release: Release = (app, { log }) => {
  app.post('/charges', async (request, reply) => {
    const { customer, cents } = charge.parse(request.body)
    await storeTime(25)
    log.info({ trace_id: traceId(request), attributes: { customer, cents } }, 'payment captured')
    return reply.code(201).send({ captured: cents })
  })
}
