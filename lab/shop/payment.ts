import { z } from 'zod'
import { traceId, type Release } from './service.ts'

const kept = z.object({ newest: z.coerce.number().int().min(0) })
const charge = z.object({ customer: z.number(), cents: z.number().int().min(0) })

export const release: Release = (app, { log, stored, journal }) => {
  app.post('/charges', async (request, reply) => {
    const { customer, cents } = charge.parse(request.body)
    await stored(25)
    await journal?.add()
    log.info({ trace_id: traceId(request), attributes: { customer, cents } }, 'payment captured')
    return reply.code(201).send({ captured: cents })
  })
  app.delete('/journal', async (request) => ({ deleted: await journal?.prune(kept.parse(request.query).newest) }))
}
