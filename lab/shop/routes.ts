/** What a release needs from its server: Fastify over HTTP, or a simulation. */
export interface ShopRequest {
  readonly method: string
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** `url`: the route's pattern */
  readonly routeOptions: { readonly url?: string | undefined }
}

export interface ShopReply {
  code(status: number): ShopReply
  send(body: unknown): unknown
}

/** Returns the response body, or the reply itself. */
export type Handler = (request: ShopRequest, reply: ShopReply) => unknown

export interface ShopRoutes {
  get(path: string, handler: Handler): unknown
  post(path: string, handler: Handler): unknown
  delete(path: string, handler: Handler): unknown
  addHook(name: 'onClose', work: () => void): unknown
}
