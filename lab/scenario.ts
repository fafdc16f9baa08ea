/**
 * The faults the demo and the tests inject. Agents do not know them: they see an image tag, metrics, logs and an audit log, as anywhere.
 *
 * The bad deployment cannot parse prices of imported goods (`1.049,00 EUR`), treats such a price as missing, waits and asks again, and finally fails.
 * Carts with such goods become slow and then fail, and so do the pages and orders that need them.
 */
export const badDeployment = { service: 'cart', imageTag: 'cart:1.5.0', good: 'cart:1.4.2' } as const

/** A deployment that changes nothing. */
export const harmlessDeployment = { service: 'catalog', imageTag: 'catalog:2.8.2', before: 'catalog:2.8.1' } as const
