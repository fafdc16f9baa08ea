import { z } from 'zod'
import { traceId, type Release } from './service.ts'
import { storeTime } from './surroundings.ts'

const charge = z.object({ customer: z.number(), cents: z.number().int().min(0) })

export const release: Release = (app, { log, surroundings }) => {
  const stored = storeTime(surroundings)
  app.post('/charges', async (request, reply) => {
    const { customer, cents } = charge.parse(request.body)
    await stored(25)
    log.info({ trace_id: traceId(request), attributes: { customer, cents } }, 'payment captured')
    return reply.code(201).send({ captured: cents })
  })
}
