/** Names of services: made of a domain's nouns, in the custom of the kind of system. */
import type { Chance } from './chance.ts'
import type { Role, Shape } from './roles.ts'

const NOUNS = ['account', 'address', 'album', 'audit', 'badge', 'billing', 'booking', 'branch', 'campaign', 'claim', 'consent', 'course', 'credit', 'currency', 'delivery', 'discount', 'dispatch', 'document', 'fare', 'feed', 'fraud', 'geo', 'grade', 'identity', 'invoice', 'journey', 'ledger', 'license', 'limit', 'location', 'loyalty', 'media', 'meter', 'notice', 'offer', 'parcel', 'partner', 'pass', 'patient', 'plan', 'policy', 'price', 'profile', 'quote', 'rating', 'refund', 'report', 'rider', 'roster', 'route', 'schedule', 'seat', 'session', 'ship', 'slot', 'stock', 'supply', 'tariff', 'tax', 'tenant', 'ticket', 'token', 'tour', 'trip', 'vault', 'vehicle', 'voucher', 'wallet', 'warehouse', 'zone'] // prettier-ignore
const DEEDS = ['index', 'search', 'match', 'sync', 'score', 'export', 'history', 'rules', 'store', 'view']

type Custom = (noun: string, role: Role) => string

const SUFFIX: Readonly<Record<Role, string>> = {
  balancer: 'lb',
  gateway: 'gateway',
  service: 'service',
  function: 'fn',
  worker: 'worker',
  queue: 'queue',
  cache: 'cache',
  database: 'db',
  external: 'provider',
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const dashed: Custom = (noun, role) => `${noun}-${SUFFIX[role]}`
const customs: Readonly<Record<Shape, Custom>> = {
  tiers: dashed,
  mesh: (noun, role) => (role === 'service' ? noun : `${noun}_${SUFFIX[role]}`),
  tree: (noun, role) => (role === 'service' ? `${noun}s` : `${noun}s-${SUFFIX[role]}`),
  functions: (noun, role) => `${capital(noun)}${capital(SUFFIX[role])}`,
  pipeline: (noun, role) =>
    `${role === 'queue' ? 'topic' : 'svc'}.${noun}${role === 'queue' ? '' : `.${SUFFIX[role]}`}`,
  hub: (noun, role) => (role === 'service' ? `${noun}-api` : dashed(noun, role)),
  few: (noun, role) => `${SUFFIX[role]}${capital(noun)}`,
  edge: (noun, role) => `prod/${noun}-${SUFFIX[role]}`,
}

/** Between the two words of a name. */
const JOINT: Partial<Record<Shape, string>> = { tiers: '-', mesh: '_', hub: '-', edge: '-' }

export function namesFor(chance: Chance, shape: Shape, roles: readonly Role[]): string[] {
  const words = chance.some([...NOUNS, ...NOUNS.flatMap((noun) => DEEDS.map((deed) => `${noun}${JOINT[shape] ?? ''}${deed}`))], roles.length) // prettier-ignore
  return roles.map((role, index) => customs[shape](words[index]!, role))
}
