/**
 * What the demo and the tests do to the shop. Known to whoever stages it and to nobody who investigates: an agent sees an image tag,
 * metrics, logs and an audit log, as it would anywhere.
 *
 * The bad deployment cannot read the prices of imported goods (`1.049,00 EUR`), takes that for a price which is not there yet, waits and
 * asks again, and fails in the end: carts with such goods become slow and then fail, and so do the pages and orders that need them.
 */
export const badDeployment = { service: 'cart', imageTag: 'cart:1.5.0', good: 'cart:1.4.2' } as const

/** A deployment that changes nothing. */
export const harmlessDeployment = { service: 'catalog', imageTag: 'catalog:2.8.2', before: 'catalog:2.8.1' } as const
