/** Caches the template of each line, so that several analyses can use it. */
import type { LogLine } from '../observations.ts'
import { TemplateMiner } from './template-miner.ts'

export class MinedLines {
  readonly #miner = new TemplateMiner()
  readonly #ids = new Map<LogLine, number>()

  /** The current template id of the line; templates may merge later, see `resolve`. */
  idOf(line: LogLine): number {
    const known = this.#ids.get(line)
    if (known !== undefined) return known
    const id = this.#miner.add(line.message)
    this.#ids.set(line, id)
    return id
  }

  resolve(id: number): number {
    return this.#miner.resolve(id)
  }

  template(id: number): string {
    return this.#miner.template(id)
  }

  parameters(id: number, message: string): string[] {
    return this.#miner.parameters(id, message)
  }
}
