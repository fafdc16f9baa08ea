/** Why a platform did not start, found before anything was touched. */
export type Refusal =
  /** another process has the data folder; `since` in ms, `url` of its gateway, null while it still starts */
  | { code: 'taken'; dataDir: string; holder: { pid: number; since: number; url: string | null } | null }
  /** something else listens there, or only others may; `part` is who needs it */
  | { code: 'port'; part: 'gateway' | 'control-plane' | 'identity provider'; port: number; reason: string }
  /** the account of the database may not enter `dir`, in which its data, or its program, lies */
  | { code: 'barred'; account: string; dir: string; holds: 'data' | 'program' }

export class StartRefused extends Error {
  override readonly name = 'StartRefused'
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(`the platform cannot start: ${JSON.stringify(refusal)}`)
    this.refusal = refusal
  }
}
