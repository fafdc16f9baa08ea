import { randomInt } from 'node:crypto'
import getPort, { portNumbers } from 'get-port'

/** Below the ports that outgoing connections are given: one of those may take a port between asking for it and listening on it. */
const [FIRST, LAST] = [15_000, 32_000]

/** A loopback port nobody listens on. It begins somewhere at random, so that two runs at a time do not meet. */
export const freePort = (): Promise<number> =>
  getPort({ host: '127.0.0.1', port: portNumbers(randomInt(FIRST, LAST - 1000), LAST) })
