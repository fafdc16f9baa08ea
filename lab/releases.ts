/** Deployable releases: an image tag and its code. Different tags of a service have different code. */
import type { Release } from './shop/service.ts'

export const services = ['frontend', 'catalog', 'cart', 'checkout', 'payment'] as const
export type ServiceName = (typeof services)[number]

/** The call graph. */
export const dependencies: Readonly<Record<ServiceName, readonly ServiceName[]>> = {
  frontend: ['catalog', 'cart', 'checkout'],
  catalog: [],
  cart: ['catalog'],
  checkout: ['cart', 'payment'],
  payment: [],
}

export interface Kind {
  /** requests that a replica handles at the same time; absent: unlimited */
  workers?: number
  store: boolean
  volume: boolean
}

/** What each service has. Payment has one connection to its provider, and a journal of what it charged. */
export const kinds: Readonly<Record<ServiceName, Kind>> = {
  frontend: { store: false, volume: false },
  catalog: { store: true, volume: false },
  cart: { store: true, volume: false },
  checkout: { store: true, volume: false },
  payment: { workers: 1, store: true, volume: true },
}

/** A service's configuration. */
export type Settings = Readonly<Record<string, number>>

export const initialSettings: Readonly<Record<ServiceName, Settings>> = {
  ...{ frontend: {}, catalog: {}, cart: {}, payment: {} },
  checkout: { payment_timeout_ms: 1_500 },
}

/** The releases of a new shop. */
export const initialReleases: Readonly<Record<ServiceName, string>> = {
  frontend: 'frontend:3.2.0',
  catalog: 'catalog:2.8.1',
  cart: 'cart:1.4.2',
  checkout: 'checkout:2.1.0',
  payment: 'payment:1.9.3',
}

/** The code of each image tag, loaded only in the process that serves it. */
export const releases: Readonly<Record<string, () => Promise<{ release: Release }>>> = {
  'frontend:3.2.0': () => import('./shop/frontend.ts'),
  'catalog:2.8.1': () => import('./shop/catalog.ts'),
  'catalog:2.8.2': () => import('./shop/catalog-stock.ts'),
  'cart:1.4.2': () => import('./shop/cart/release-1.4.2.ts'),
  'cart:1.5.0': () => import('./shop/cart/release-1.5.0.ts'),
  'checkout:2.1.0': () => import('./shop/checkout.ts'),
  'payment:1.9.3': () => import('./shop/payment.ts'),
}

export const isService = (name: string): name is ServiceName => services.some((service) => service === name)

export const releasesOf = (service: ServiceName): string[] =>
  Object.keys(releases).filter((tag) => tag.startsWith(`${service}:`))
