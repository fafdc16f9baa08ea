/** Changes to the shop, as the pipeline that made them would report them. */
import type { ServiceName, Settings } from './releases.ts'

export interface ShopChange {
  /** when its effects began, ms since the epoch */
  at: number
  type: 'DEPLOYMENT' | 'CONFIG_UPDATE'
  service: ServiceName
  summary: string
  before: Readonly<Record<string, string | number>>
  after: Readonly<Record<string, string | number>>
}

export const deployed = (at: number, service: ServiceName, imageTag: string, before: string): ShopChange => ({
  ...{ at, service, type: 'DEPLOYMENT', summary: `Deployed ${imageTag} (previously ${before})` },
  ...{ before: { image_tag: before }, after: { image_tag: imageTag } },
})

/** `after`: the settings that changed. */
export function configured(at: number, service: ServiceName, all: Settings, after: Settings): ShopChange {
  const before = Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(after, name)))
  const told = Object.entries(after).map(
    ([name, value]) => `${name} = ${value} (previously ${before[name] ?? 'unset'})`,
  )
  return {
    ...{ at, service, type: 'CONFIG_UPDATE', summary: `Configured ${service}: ${told.join(', ')}` },
    before,
    after,
  }
}
