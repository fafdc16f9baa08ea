export interface DemoOptions {
  /** a line for each call of a source, and all findings */
  verbose?: boolean
  /** the same release once more, after its rollback: a second outage within the hour */
  again?: boolean
}

export interface StartOptions extends Pick<DemoOptions, 'verbose'> {
  /** absent: GATEWAY_PORT */
  port?: number
  /** false: the parts come up and wait, nothing is staged */
  show: boolean
}
