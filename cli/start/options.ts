export interface DemoOptions {
  /** a line for each call of a source, and all findings */
  verbose?: boolean
}

export interface StartOptions extends DemoOptions {
  /** absent: GATEWAY_PORT */
  port?: number
  /** false: the parts come up and wait, nothing is staged */
  show: boolean
}
