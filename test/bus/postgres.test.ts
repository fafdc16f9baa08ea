import { randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { type BusOptions, createBus, preparePostgresBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { startPrivatePostgres } from '../servers/postgres.ts'
import { cancel, contract, listen, TOPIC } from './bench.ts'
import { busContract } from './contract.ts'
import { losableTables } from './lost-schemas.ts'
import { lettersOf } from './faulty-records.ts'

busContract(
  'PostgreSQL',
  async () => {
    const server = await startPrivatePostgres()
    await preparePostgresBus(server.url, contract)
    return {
      options: { kind: 'postgres' as const, databaseUrl: server.url },
      away: server.kill,
      back: server.start,
      async write(records) {
        const pool = openPool({ connectionString: server.url })
        for (const { key, value, headers = {} } of records)
          await pool.query(
            `INSERT INTO bus.records (topic, partition, key, value, headers) VALUES ($1, 0, $2, $3, $4)`,
            [TOPIC, key, value, JSON.stringify(headers)],
          )
        await pool.end()
      },
      schemas: [
        () =>
          Promise.resolve(
            losableTables(openPool({ connectionString: server.url }), { kind: 'postgres', databaseUrl: server.url }),
          ),
      ],
      tearDown: server.stop,
    }
  },
  (setting) => {
    it('does not skip records of a transaction that commits after a later one', async () => {
      const { options } = setting()
      if (options.kind !== 'postgres') throw new Error('this is PostgreSQL')
      const pool = openPool({ connectionString: options.databaseUrl })
      const bus = await createBus({ ...options, contract } as BusOptions)
      const key = randomUUID()
      const [slow, quick] = await Promise.all(
        [0, 1].map((at) => bus.encode('DiagnosisCancelRequested', cancel(key, at))),
      )
      if (slow === undefined || quick === undefined) throw new Error('two were encoded')
      const listener = await listen(bus)
      const writer = await pool.connect()
      try {
        await writer.query('BEGIN')
        await writer.query(
          `INSERT INTO bus.records (topic, partition, key, value, headers) VALUES ($1, 0, $2, $3, '{}')`,
          [TOPIC, key, slow.value],
        )
        await bus.publish([quick])
        const other = await pool.query('SELECT FROM bus.records WHERE key = $1', [key])
        expect(other.rowCount).toBe(1)
        // give it time to wrongly read the unsettled record
        await listener.quiet()
        expect(listener.seen(key)).toEqual([])
        await writer.query('COMMIT')
        const received = await listener.of(key, 2)
        expect(received.map((one) => one.value.sequence).toSorted()).toEqual([0, 1])
        expect(listener.repeats(key)).toEqual([])
      } finally {
        writer.release()
        await bus.close()
        await pool.end()
      }
    })

    it('reports a record that PostgreSQL cannot store as invalid, not as unavailable', async () => {
      const { options } = setting()
      const bus = await createBus({ ...options, contract } as BusOptions)
      const record = await bus.encode('DiagnosisCancelRequested', cancel('a\u0000b', 0))
      await expect(bus.publish([record])).rejects.toMatchObject({ code: 'invalid_event' })
      await bus.close()
    })

    it.each([
      [
        'an object with values of any type',
        { age: 29, none: null, deep: { a: [1] } },
        { age: '29', none: 'null', deep: '{"a":[1]}' },
      ],
      ['a list', [1, 'two'], { headers: '[1,"two"]' }],
      ['a text', 'text', { headers: 'text' }],
      ['null', null, { headers: 'null' }],
    ])('continues after a row whose headers are %s', async (_name, headers, told) => {
      const { options, write } = setting()
      const bus = await createBus({ ...options, contract } as BusOptions)
      const key = randomUUID()
      const listener = await listen(bus, { from: 'latest' })
      const [before, after] = await Promise.all(
        [0, 1].map((at) => bus.encode('DiagnosisCancelRequested', cancel(key, at))),
      )
      await write([
        before!,
        { key, value: Buffer.from('{'), headers: headers as unknown as Record<string, string> },
        after!,
      ])
      expect((await listener.of(key, 2)).map((one) => one.value.sequence)).toEqual([0, 1])
      const letters = await vi.waitFor(async () => {
        const found = await lettersOf(bus, key)
        expect(found).toHaveLength(1)
        return found
      }, 60_000)
      expect(letters[0]?.headers).toEqual(told)
      await bus.close()
    })

    it('deletes records older than the retention and no others', async () => {
      const { options } = setting()
      if (options.kind !== 'postgres') throw new Error('this is PostgreSQL')
      const key = randomUUID()
      const pool = openPool({ connectionString: options.databaseUrl })
      const ages = async () => {
        const { rows } = await pool.query('SELECT headers FROM bus.records WHERE key = $1 ORDER BY published_at', [key])
        return rows.map((row) => row.headers.age)
      }
      try {
        // the retention is 30 days
        await pool.query(
          `INSERT INTO bus.records (topic, partition, key, headers, published_at)
           SELECT $1, 0, $2, jsonb_build_object('age', age), now() - make_interval(days => age) FROM unnest('{31, 29}'::int[]) AS age`,
          [TOPIC, key],
        )
        expect(await ages()).toEqual([31, 29])
        await preparePostgresBus(options.databaseUrl, contract)
        expect(await ages()).toEqual([29])
      } finally {
        await pool.end()
      }
    })
  },
)
