/** What comes from outside: texts a database can hold, and requests that no route answers. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { refusals } from '../../gateway/present/texts.ts'
import { refuseUnmet, type RefusalBody } from '../../gateway/server-refusals.ts'
import { ApiError, failureAnswer } from './api-error.ts'

/** Any Unicode text but NUL. */
export const text = z.string().regex(/^[^\0\p{Cs}]*$/u)

/** The body of what the HTTP server refuses by itself. */
export const refusalBody: RefusalBody = ({ status, texts }, requestId) =>
  failureAnswer(new ApiError('INVALID_REQUEST', texts, { status }), requestId, 'en').body

/** Before any route is added: a path that has another method says which, and everything unknown is refused before it is read. */
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
