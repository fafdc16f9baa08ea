import fc from '../../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { mineTemplates, TemplateMiner } from '../../../analysis/logs/template-miner.ts'

const texts = (messages: string[]): string[] => mineTemplates(messages).templates.map(({ template }) => template)

describe('mining templates', () => {
  it('treats words that look like values as parameters from the first line on', () => {
    expect(texts(['Received block blk_-16 of size 67108864 from /10.251.42.84'])).toEqual([
      'Received block <*> of size <*> from <*>',
    ])
    expect(texts(['login uid=0 rhost=zummit.com (at Sun Jul 10 03:55:15 2005)'])).toEqual([
      'login uid=<*> rhost=<*> (at <*>)',
    ])
  })

  it('splits lists without spaces, so that one number does not hide the rest', () => {
    expect(
      texts([
        '20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579',
        '20171223-22:15:29:615|Step_LSC|30002312|onStandStepChanged 3580',
      ]),
    ).toEqual(['<*>| Step_LSC| <*>| onStandStepChanged <*>'])
    expect(texts(['2026-01-01T00:00:00Z,INFO,main,request,45'])).toEqual(['<*>, INFO, main, request, <*>'])
    expect(texts(['retry x=1,y=2;z=3 done'])).toEqual(['retry x=<*>, y=<*>; z=<*> done'])
  })

  it('distinguishes compact JSON by content, like JSON with spaces', () => {
    const said = (n: number) => [{ level: 'info', ts: `2026-01-01T00:00:${n}Z`, msg: 'cache miss', key: `k${n}` }, { level: 'error', ts: `2026-01-01T00:00:${n}Z`, msg: 'upstream timed out', n }] // prettier-ignore
    const compact = [10, 11, 12].flatMap(said).map((one) => JSON.stringify(one))
    const spaced = compact.map((line) => line.replaceAll('":', '": ').replaceAll(',"', ', "'))
    for (const lines of [compact, spaced])
      expect(texts(lines)).toEqual([expect.stringMatching(/info.*cache miss/), expect.stringMatching(/error.*upstream timed out/)]) // prettier-ignore
  })

  it('keeps the level in bracketed fields without spaces', () => {
    const line = (at: number, level: string) =>
      `[2026-04-21 10:44:0${at},281][pool-${at}][shop][db.Trans:57][save][${level}] =>order ${at} took 30${at}ms`
    expect(texts([line(1, 'INFO '), line(2, 'INFO '), line(3, 'ERROR'), line(4, 'ERROR')])).toEqual([
      expect.stringMatching(/\[shop\].*\[save\] \[INFO \] =>order <\*> took <\*>$/),
      expect.stringMatching(/\[shop\].*\[save\] \[ERROR\] =>order <\*> took <\*>$/),
    ])
  })

  it('treats the value of a leading field as a parameter after three values, except for fields that identify the line', () => {
    const names = ['mike', 'smith', 'jackson', 'bob', 'ann', 'eve']
    const said = ['Metastore shutdown complete', 'Shutting down the object store']
    for (const key of ['user', 'client_id', 'k8s.pod', '"tenant"', '[host'])
      expect(texts(names.map((name, n) => `${key}=${name} ip=unknown cmd=${said[n % 2]}`)), key).toHaveLength(2)
    const values = ['debug', 'info', 'warn', 'error', 'fatal']
    for (const key of ['level', 'msg', 'event', 'status'])
      expect(texts(values.map((value) => `${key}=${value} of the order in the store`)), key).toHaveLength(5)
    const verbs = ['Starting', 'Stopping', 'Restarting', 'Removing', 'Pausing', 'Failing']
    expect(texts(verbs.map((verb) => `${verb} the container of the shop`))).toHaveLength(6)
  })

  it('shows a numbered name until it changes, and the program name', () => {
    const request = (status: number, version: string) => `"GET /a/${status} HTTP/${version}" ${status} 99`
    expect(texts([request(200, '1.1'), request(500, '1.1')])).toEqual(['"GET <*> HTTP/1.1" <*>'])
    expect(texts([request(200, '1.1'), request(500, '2')])).toEqual(['"GET <*>'])
    expect(texts(['mounted ext4 filesystem on sdb1', 'mounted ext4 filesystem on sdc2'])).toEqual([
      'mounted ext4 filesystem on <*>',
    ])
    expect(texts(['combo kernel[0]: link is up', 'combo kernel[7]: link is up'])).toEqual([
      'combo kernel[<*>]: link is up',
    ])
  })

  it('learns from several values that a plain word is a parameter, and merges the ids', () => {
    const users = ['root', 'cyrus', 'news', 'test', 'oracle']
    const { ids, templates } = mineTemplates(users.map((user) => `session closed for user ${user}`))
    expect(templates).toEqual([{ id: ids[0], template: 'session closed for user <*>', count: 5 }])
    expect(new Set(ids).size).toBe(1)
  })

  it('does not merge templates with different first words, or with fewer than two constants', () => {
    expect(texts(['cron started now', 'nginx started now', 'mysql started now', 'redis started now'])).toHaveLength(4)
    expect(texts(['removing echo', 'removing time', 'removing chargen', 'removing daytime'])).toHaveLength(4)
  })

  it('never splits lines that differ in numbers only, and counts every line once', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{2,8}$/), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(words, fc.array(fc.nat(), { minLength: 2, maxLength: 20 }), (constant, values) => {
        const { ids, templates } = mineTemplates(values.map((value) => `${constant.join(' ')} ${value} end`))
        expect(new Set(ids).size).toBe(1)
        expect(templates.map(({ count }) => count)).toEqual([values.length])
      }),
    )
  })

  it('accepts any text and gives every line a listed template', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 60 })), (messages) => {
        const { ids, templates } = mineTemplates(messages)
        expect(templates.reduce((sum, { count }) => sum + count, 0)).toBe(messages.length)
        const known = new Set(templates.map(({ id }) => id))
        expect(ids.every((id) => known.has(id))).toBe(true)
      }),
    )
  })

  it('stays bounded when every line is new, and with lines of 200,000 characters', () => {
    const miner = new TemplateMiner()
    const letters = (n: number): string => n.toString(26).replace(/\d/g, (digit) => 'zyxwvutsrq'[Number(digit)] ?? '')
    for (let n = 0; n < 30_000; n += 1) miner.add(`${letters(n)} ${letters(n * 7)} ${letters(n * 13)} end`)
    expect(miner.templates().length).toBeLessThanOrEqual(11_001)
    const start = performance.now()
    for (let n = 0; n < 200; n += 1) miner.add(`dump ${'x y '.repeat(50_000)}${n}`)
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it('reads a size with its unit, and with the same size in parentheses, as one value', () => {
    const said = [
      'sync closed, 403 bytes sent, 426 bytes received, lifetime <1 sec',
      'sync closed, 1190 bytes (1.16 KB) sent, 1671746 bytes (1.59 MB) received, lifetime 02:17',
      'sync closed, 64 bytes sent, 3637 bytes (3.55 KB) received, lifetime 3 minutes',
    ]
    expect(texts(said)).toEqual(['sync closed, <*> sent, <*> received, lifetime <*>'])
    expect(texts(['took 12 ms', 'took 99 ms'])).toEqual(['took <*> ms'])
    expect(texts(['took 12 ms', 'took 3 sec'])).toEqual(['took <*>'])
    expect(texts(['5 seconds passed', '5 retries passed'])).toHaveLength(2)
  })

  it('joins values with nothing but a sign between them, however many', () => {
    expect(
      texts(['forward 10.0.0.1:80 -> 10.0.0.2:80 done', 'forward 10.0.0.1:80 -> 10.0.0.2:80 -> 10.0.0.3:443 done']),
    ).toEqual(['forward <*> done'])
    expect(texts(['range 3 - 7', 'delta 3 - total'])).toEqual(['range <*>', 'delta <*> - total'])
    expect(texts(['a 1 - b c 2 - d', 'a 1 - b c 2 - e'])).toEqual(['a <*> - b c <*> - d', 'a <*> - b c <*> - e'])
  })

  it('treats the name after “for user” or “to topic” as a parameter from the second one on, but no verb after a noun', () => {
    expect(texts(['session opened for user alice by', 'session opened for user bob by'])).toEqual(['session opened for user <*> by']) // prettier-ignore
    expect(texts(['published to topic orders in time', 'published to topic refunds in time'])).toHaveLength(1)
    expect(texts(['the container started in the shop', 'the container died in the shop'])).toHaveLength(2)
    expect(texts(['the shop will open for all soon', 'the shop will close for all soon'])).toHaveLength(2)
    // what became of it is no name
    expect(texts(['heartbeat from node lost', 'heartbeat from node received'])).toHaveLength(2)
    expect(texts(['reconnect to database failed, giving up', 'reconnect to database succeeded, giving up'])).toHaveLength(2) // prettier-ignore
  })

  it('groups lists of words in brackets whatever their length, but not single words', () => {
    const miner = new TemplateMiner()
    const granted = (roles: string): number => miner.add(`granted roles [${roles}] to the caller`)
    expect(new Set(['admin, editor', 'viewer, editor, owner', 'owner, viewer'].map(granted)).size).toBe(1)
    expect(miner.templates()).toEqual([expect.objectContaining({ count: 3 })])
    expect(texts(['[INFO] the shop is open', '[ERROR] the shop is open'])).toHaveLength(2)
    expect(texts(['failed to connect, retrying now', 'failed to bind, exiting now'])).toHaveLength(2)
  })

  it('returns the parameter values of a line', () => {
    const miner = new TemplateMiner()
    const id = miner.add('took 12 ms for user=42, done')
    expect(miner.parameters(id, 'took 99 ms for user=7, done')).toEqual(['99 ms', '7,'])
  })
})
