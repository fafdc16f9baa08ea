/** TLS of the gateway's port: certificate and key from files, read again when they change; and the port that redirects plain HTTP to it. */
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface TlsFiles {
  /** PEM: the certificate, followed by its intermediates */
  certFile: string
  keyFile: string
}

/** Throws if the two do not belong together. */
export function readTls({ certFile, keyFile }: TlsFiles): { cert: string; key: string } {
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')]
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error(`${keyFile} is not the key of the certificate in ${certFile}`)
  return { cert, key }
}

export interface TlsNews {
  onRenewed(): void
  /** the new files cannot be used yet; the previous certificate still serves */
  onRefused(why: string): void
}

/** ms between checks of the files: a mounted Secret is replaced by swapping a symlink, which file watchers miss. */
const EVERY_MS = 5_000

/** New connections use the new files. Returns a function that stops the checks. */
export function followTls(server: Pick<Server, 'setSecureContext'>, files: TlsFiles, news: TlsNews): () => void {
  const renew = () => {
    try {
      server.setSecureContext(readTls(files))
      news.onRenewed()
    } catch (error) {
      news.onRefused(error instanceof Error ? error.message : String(error))
    }
  }
  const paths = [files.certFile, files.keyFile]
  for (const path of paths) watchFile(path, { interval: EVERY_MS, persistent: false }, renew)
  return () => {
    for (const path of paths) unwatchFile(path, renew)
  }
}

/** Redirects every request to the same path at the TLS port. Rejects as `listen` does. */
export async function redirectToTls({ host, port, to }: { host: string; port: number; to: number }) {
  const server = createServer((request, response) => {
    const name = /^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?$/i.exec(request.headers.host ?? '')?.[1]
    if (name === undefined) return response.writeHead(400).end()
    return response.writeHead(308, { location: `https://${name}:${to}${request.url ?? '/'}` }).end()
  }).listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close(): Promise<void> {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}
