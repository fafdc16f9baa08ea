/** A service's configuration, which may change while it runs. */
import type { Settings } from '../releases.ts'

export function createSettings(initial: Settings) {
  let current = initial
  return {
    all: (): Settings => current,
    /** Throws if there is no setting of this name. */
    get: (name: string): number => {
      const value = current[name]
      if (value === undefined) throw new Error(`no setting ${name}`)
      return value
    },
    replace: (settings: Settings): void => {
      current = settings
    },
  }
}
