import { randomInt } from 'node:crypto'
import getPort, { portNumbers } from 'get-port'

/** Below the ephemeral ports, one of which could be taken between the check and the listen. */
const [FIRST, LAST] = [15_000, 32_000]

/** A free loopback port. Starts at a random one, so that concurrent runs rarely collide. */
export const freePort = (): Promise<number> =>
  getPort({ host: '127.0.0.1', port: portNumbers(randomInt(FIRST, LAST - 1000), LAST) })
