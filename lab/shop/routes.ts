/** What a release needs of whoever serves it: Fastify over HTTP, or a replay. */
export interface ShopRequest {
  readonly method: string
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** `url`: the pattern of the route */
  readonly routeOptions: { readonly url?: string | undefined }
}

export interface ShopReply {
  code(status: number): ShopReply
  send(body: unknown): unknown
}

/** What it returns is the answer, unless that is the reply. */
export type Handler = (request: ShopRequest, reply: ShopReply) => unknown

export interface ShopRoutes {
  get(path: string, handler: Handler): unknown
  post(path: string, handler: Handler): unknown
  delete(path: string, handler: Handler): unknown
  addHook(name: 'onClose', work: () => void): unknown
}
