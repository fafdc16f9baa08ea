/** A secret as a field of a plain-JSON answer. */
import type { Draw } from './draw.ts'

export const STRUCTURES: Readonly<Record<string, (secret: string, draw: Draw) => unknown>> = {
  password: (s) => ({ db: { password: s } }),
  pass: (s) => ({ smtp: { user: 'bob', pass: s } }),
  auth: (s) => ({ 'registry.example': { auth: s } }),
  signature: (s, d) => ({ signature: `${s}${d.of('hex', 20)}`, url: '/x' }),
  'camel case': (s) => ({ clientSecret: s }),
  'snake case': (s) => ({ aws_secret_access_key: s }),
  screaming: (s) => ({ env: { DB_PASSWORD: s } }),
  Chinese: (s) => ({ 密碼: s }),
  header: (s) => ({ headers: { Authorization: `Bearer ${s}` } }),
  'cookie header': (s) => ({ headers: { 'set-cookie': [`sid=${s}; Path=/`] } }),
  'name and value': (s) => ({ env: [{ name: 'API_KEY', value: s }] }),
  'key and value': (s) => [{ key: 'token', value: `${s}` }],
  'field and content': (s) => ({ field: 'password', content: s }),
  'pair in an array': (s) => ({ headers: [['X-Api-Key', s]] }),
  'argument behind its flag': (s) => ({ args: ['deploy', '--password', s, '--force'] }),
  'argument with its flag': (s) => ({ args: ['deploy', `--token=${s}9`] }),
  'secret as a name': (_s, d) => ({ seen: { ['gh'.concat('p_', d.of('word', 36))]: 3 } }),
  'private member of a key': (s, d) => ({ kty: 'EC', crv: 'P-256', x: 'abc', d: `${s}${d.of('wide', 24)}` }),
  'list under a name': (s) => ({ passwords: [1], password: [s] }),
  'object under a name': (s) => ({ credentials: { user: 'bob', word: s } }),
  'JSON text in a field': (s) => ({ body: JSON.stringify({ token: `${s}9` }) }),
  'Secret of Kubernetes': (s) => ({ kind: 'Secret', metadata: { name: 'cart' }, data: { config: s }, type: 'Opaque' }),
  deep: (s) => ({ a: { b: [{ c: { access_token: s } }] } }),
}
