/** The API as a page: the document itself, shown by Swagger UI from node_modules. Public, like the document in the repository. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyReply } from 'fastify'
import type { Gateway, OpenHandler } from '../gateway.ts'

const OWN = join(import.meta.dirname, '../docs')
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

/** The page loads nothing from elsewhere and runs nothing inline. Swagger UI has its icons in data URLs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const CSS = 'text/css; charset=utf-8'
const SCRIPT = 'text/javascript; charset=utf-8'
const ASSETS = {
  'page.css': [OWN, CSS],
  'start.js': [OWN, SCRIPT],
  'swagger-ui.css': [SWAGGER_UI, CSS],
  'swagger-ui-bundle.js': [SWAGGER_UI, SCRIPT],
} as const

const kept = (reply: FastifyReply): void =>
  void reply.header('cache-control', 'public, max-age=3600').header('content-security-policy', POLICY)

export function getDocsPage(): OpenHandler<'getDocsPage'> {
  const page = readFileSync(join(OWN, 'index.html'), 'utf8')
  return async ({ reply }) => {
    kept(reply)
    reply.type('text/html; charset=utf-8')
    return { status: 200, body: page }
  }
}

export function getDocsAsset(): OpenHandler<'getDocsAsset'> {
  const files = new Map(Object.entries(ASSETS).map(([name, [dir]]) => [name, readFileSync(join(dir, name), 'utf8')]))
  return async ({ reply, params: { asset } }) => {
    kept(reply)
    reply.type(ASSETS[asset][1])
    return { status: 200, body: files.get(asset) ?? '' }
  }
}

export const getDocument =
  ({ specification }: Pick<Gateway, 'specification'>): OpenHandler<'getDocument'> =>
  async ({ reply }) => {
    reply.header('cache-control', 'public, max-age=3600')
    return { status: 200, body: specification }
  }
