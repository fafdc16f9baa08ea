/** Why a platform did not start, found before anything was changed. */
export type Refusal =
  /** another process uses the data folder; `since` in ms, `url` of its gateway, null while it is starting */
  | { code: 'taken'; dataDir: string; holder: { pid: number; since: number; url: string | null } | null }
  /** the port is taken or needs privileges; `part` needs it */
  | {
      code: 'port'
      part: 'gateway' | 'control-plane' | 'identity provider' | 'redirect' | 'lab'
      port: number
      reason: string
    }
  /** the database's account may not enter `dir`, which contains its data or its program */
  | { code: 'barred'; account: string; dir: string; holds: 'data' | 'program' }

export class StartRefused extends Error {
  override readonly name = 'StartRefused'
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(`the platform cannot start: ${JSON.stringify(refusal)}`)
    this.refusal = refusal
  }
}
