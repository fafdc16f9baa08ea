export interface MemoryOptions {
  tenant: string
  json?: boolean
}
export interface SearchOptions extends MemoryOptions {
  service?: string
  limit: number
}
export interface ForgetOptions extends MemoryOptions {
  all?: boolean
  yes?: boolean
}
