import type { Language } from '../terminal/narrate.ts'

export interface StartOptions {
  language: Language
  /** absent: GATEWAY_PORT */
  port?: number
  /** false: the parts come up and wait, nothing is staged */
  show: boolean
}
