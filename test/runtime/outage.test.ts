import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { isOutage, throughOutage } from '../../agents/runtime/outage.ts'
import { BusError } from '../../bus/bus.ts'
import { freePort } from '../servers/free-port.ts'
import { createDatabase } from '../servers/postgres.ts'

const thrownBy = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('an outage', () => {
  it('is distinguished from permanent errors', async () => {
    const database = await createDatabase('outage')
    const connected = new Client({ connectionString: database.url })
    await connected.connect()
    connected.on('error', () => undefined)
    const wrong = await thrownBy(() => connected.query('SELEKT'))
    const ended = thrownBy(() => connected.query('SELECT pg_sleep(60)'))
    const { rows } = await connectedTo(database.url, (other) =>
      other.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
      ),
    )
    expect(rows).toHaveLength(1)
    const port = await freePort()
    const away = await thrownBy(() =>
      connectedTo(`postgres://nobody@127.0.0.1:${port}/none`, (none) => none.query('SELECT')),
    )
    const unreachable = await thrownBy(() => fetch(`http://127.0.0.1:${port}/`))
    await database.drop()

    expect(isOutage(wrong)).toBe(false)
    expect(isOutage(await ended)).toBe(true)
    expect(isOutage(away)).toBe(true)
    // the reason is in its cause only
    expect(isOutage(unreachable)).toBe(true)
    expect(isOutage(new BusError('unavailable', 'no broker'))).toBe(true)
    expect(isOutage(new BusError('too_large', 'a megabyte'))).toBe(false)
    expect(isOutage(new TypeError('x is not a function'))).toBe(false)
    expect(isOutage('ECONNREFUSED')).toBe(false)
  })

  it('is waited out, unlike any other error', async () => {
    let calls = 0
    const answer = await throughOutage(async () => {
      if (calls++ < 2) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
      return 'back'
    })
    expect([answer, calls]).toEqual(['back', 3])
    await expect(
      throughOutage(async () => {
        calls++
        throw new RangeError('wrong each time')
      }),
    ).rejects.toThrow('wrong each time')
    expect(calls).toBe(4)
  })
})

async function connectedTo<T>(connectionString: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
