/** A request as raw bytes with a broken wire format. */
import type { Chance } from '../chance.ts'

interface Whole {
  method: string
  path: string
  body: Buffer | null
}

export function malformed({ method, path, body }: Whole, chance: Chance): Buffer {
  const text = `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body?.length ?? 0}\r\n\r\n${body?.toString('latin1') ?? ''}`
  const whole = Buffer.from(text, 'latin1')
  const at = chance.below(whole.length)
  const end = text.indexOf('\r\n')
  const headed = (line: string): Buffer => Buffer.from(`${text.slice(0, end)}\r\n${line}${text.slice(end)}`, 'latin1')
  return chance.pick([
    () => whole.subarray(0, at),
    () => Buffer.concat([whole.subarray(0, at), chance.bytes(1 + chance.below(8)), whole.subarray(at)]),
    () => chance.bytes(1 + chance.below(2000)),
    () => Buffer.from(text.replaceAll('\r\n', '\n')),
    () =>
      Buffer.from(
        text.replace('HTTP/1.1', chance.pick(['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'ICE/1.0', ''])),
      ),
    () => Buffer.from(text.replace('Host: x\r\n', chance.pick(['', 'Host: x\r\nHost: y\r\n', 'Host: \r\n']))),
    () =>
      Buffer.from(
        text.replace(
          /Content-Length: \d+/,
          `Content-Length: ${chance.pick(['-1', '1e3', '99999999999999999999', '0x1', ''])}`,
        ),
      ),
    () => headed(`X-A: ${'a'.repeat(chance.below(40_000))}`),
    () => headed(Array.from({ length: chance.below(3000) }, (_, n) => `X-${n}: ${n}`).join('\r\n') || 'X-A: b'),
    () =>
      headed(
        chance.pick([
          'Transfer-Encoding: chunked',
          'Transfer-Encoding: gzip, chunked',
          'Expect: tea',
          'Expect: 100-continue',
        ]),
      ),
    () =>
      headed(
        chance.pick([
          'Upgrade: websocket\r\nConnection: Upgrade',
          'Upgrade: h2c',
          'X A: b',
          ': b',
          ' folded',
          'X-A: \u0000',
        ]),
      ),
    () => Buffer.from(text.replace(/^\S+/, chance.pick(['CONNECT', 'FETCH', 'get', '', 'PRI', 'GET\t']))),
    () =>
      Buffer.from(
        text.replace(
          / \S*/,
          ` ${chance.pick(['*', 'http://x/api/v1/healthz', '//', '/\u00e9', `/${'a'.repeat(20_000)}`, '#', '/../..'])}`,
        ),
        'latin1',
      ),
    () => Buffer.concat([whole, whole]),
  ])()
}
