/**
 * A real OIDC issuer for the embedded mode, with the same protocol, tokens and checks as any other. Client secrets, people and keys are generated in
 * the data folder.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { machines } from './issuer/access.ts'
import { createLoginPage } from './issuer/login-page.ts'
import { createProvider } from './issuer/provider.ts'
import { createState, openPeople, readState, withClients } from './issuer/state.ts'
import { createStore } from './issuer/store.ts'
import type { Person } from './issuer/state.ts'

export interface IssuerOptions {
  dataDir: string
  port?: number
  now?(): number
  /** delays a sign-in attempt after wrong guesses */
  wait?(ms: number): Promise<unknown>
}

export interface Issuer {
  /** `iss` of every token */
  url: string
  /** secrets of the confidential clients, by client id: control-plane, sre-assistant, sre-postmortem, sre-executor */
  clients: Readonly<Record<string, string>>
  /** test people with passwords, as in `<dataDir>/people.json` */
  people: readonly Person[]
  close(): Promise<void>
}

/**
 * Starts the issuer on 127.0.0.1. It keeps the port of its first start, because the URL is part of every person's identity; if the port is taken, it
 * fails. Client credentials must request their scopes; people's tokens carry the scopes of their roles.
 */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const { dataDir, now = Date.now } = options
  const known = readState(dataDir)
  const server = createServer()
  const port = await listen(server, options.port ?? known?.port ?? 0)
  const clients = Object.keys(machines)
  const state = known === null ? await createState(dataDir, port, clients) : withClients(dataDir, known, clients)
  const people = openPeople(dataDir)
  const byName = new Map(people.map((person) => [person.username, person]))
  const url = `http://127.0.0.1:${port}`
  const provider = createProvider(url, {
    state,
    people: byName,
    store: createStore(join(dataDir, 'issuer-sessions.json'), now),
  })
  const loginPage = createLoginPage({ provider, people: byName, now, ...(options.wait && { wait: options.wait }) })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    void loginPage(request, response).then((answered) => (answered ? undefined : answer(request, response)))
  })
  return {
    url,
    clients: state.clients,
    people,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
