/** Input checks: texts a database can store, and requests without a route. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { refusals } from '../../gateway/present/texts.ts'
import { refuseUnmet, type RefusalBody } from '../../gateway/server-refusals.ts'
import { ApiError, failureAnswer } from './api-error.ts'

/** Any Unicode text without NUL or lone surrogates. */
export const text = z.string().regex(/^[^\0\p{Cs}]*$/u)

/** Body of errors raised by the HTTP server itself. */
export const refusalBody: RefusalBody = ({ status, texts }, requestId) =>
  failureAnswer(new ApiError('INVALID_REQUEST', texts, { status }), requestId, 'en').body

/** Call before adding routes. Refuses requests without a route before their body is read: 404, or 405 with the allowed methods for a known path. */
export function refuseUnknown(app: FastifyInstance): void {
  const routes: { methods: readonly string[]; pattern: RegExp }[] = []
  refuseUnmet(app.server, refusalBody)
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`)
    routes.push({ methods: [method].flat(), pattern })
  })
  app.addHook('onRequest', async (request, reply) => {
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined)
      throw new ApiError('INVALID_REQUEST', refusals.noHost)
    if (!request.is404) return
    const path = request.url.split('?', 1)[0] ?? ''
    const methods = routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods)
    if (methods.length === 0) throw new ApiError('RESOURCE_NOT_FOUND', refusals.noRoute)
    const allow = [...new Set(methods)].join(', ')
    reply.header('allow', allow)
    throw new ApiError('INVALID_REQUEST', refusals.noMethod(allow), { status: 405 })
  })
  app.setNotFoundHandler(() => undefined)
}
