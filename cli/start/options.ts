export interface DemoOptions {
  /** print every query to a source, and all findings */
  verbose?: boolean
  /** deploy the same release again after its rollback: a second outage within the hour */
  again?: boolean
}

export interface StartOptions extends Pick<DemoOptions, 'verbose'> {
  /** absent: GATEWAY_PORT */
  port?: number
  /** false: start the components only, without demo incidents */
  show: boolean
}
