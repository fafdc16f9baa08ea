export interface StartOptions {
  /** absent: GATEWAY_PORT */
  port?: number
  /** false: the parts come up and wait, nothing is staged */
  show: boolean
}
