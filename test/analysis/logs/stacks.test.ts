import { describe, expect, it } from 'vitest'
import { exceptionIn } from '../../../analysis/logs/exceptions.ts'
import { joinStacks } from '../../../analysis/logs/stacks/joined.ts'
import type { LogLine } from '../../../analysis/observations.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')

/** Logged stack traces and the expected result. */
const STACKS: Record<string, [text: string, told: { type: string; frame?: string; cause?: string }]> = {
  'a panic that net/http recovered': [
    `http: panic serving 10.0.0.9:51234: runtime error: index out of range [2] with length 0
goroutine 43 [running]:
net/http.(*conn).serve.func1(0xc000118140)
\t/usr/local/go/src/net/http/server.go:1801 +0x147
panic({0x8a2b40?, 0xc0000a6000?})
\t/usr/local/go/src/runtime/panic.go:975 +0x47a
github.com/lib/pq.(*conn).query(0xc00001e0c0, 0x2)
\t/root/go/pkg/mod/github.com/lib/pq@v1.10.9/conn.go:88 +0xbe
github.com/acme/shop/pricing.(*Calc).Line(0xc00001e0c0, 0x2)
\t/src/pricing/calc.go:88 +0xbe
created by net/http.(*Server).Serve in goroutine 1
\t/usr/local/go/src/net/http/server.go:2933 +0x36c`,
    { type: 'panic', frame: '/src/pricing/calc.go:88' },
  ],
  'a panic that ended the process, recovered once by own code': [
    `panic: runtime error: invalid memory address or nil pointer dereference [recovered]
\tpanic: quote failed
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x49b2a4]

goroutine 1 [running]:
main.cleanUp()
\t/src/cleanup.go:9 +0x4f
panic({0x4a2b40?, 0x55?})
\t/usr/local/go/src/runtime/panic.go:770 +0x132
main.(*Quotes).Make(...)
\t/src/quote.go:41
main.main()
\t/src/main.go:12 +0x1d

goroutine 7 [select]:
main.other()
\t/src/other.go:3 +0x1d
exit status 2`,
    { type: 'panic', frame: '/src/quote.go:41' },
  ],
  'a panic in a build without paths': [
    `panic: no quote

goroutine 1 [running]:
net/http.HandlerFunc.ServeHTTP(...)
\tnet/http/server.go:2122
github.com/acme/shop.Quote(0x1)
\tgithub.com/acme/shop/quote.go:41 +0x1d`,
    { type: 'panic', frame: 'github.com/acme/shop/quote.go:41' },
  ],
  'a chained traceback': [
    `Unhandled error in /quote
Traceback (most recent call last):
  File "/app/shop/api.py", line 7, in get
    fetch(sql)
  File "/app/shop/db.py", line 31, in fetch
    cur.execute(sql)
    ~~~~~~~~~~~^^^^^
  File "/usr/local/lib/python3.12/site-packages/psycopg2/x.py", line 9, in execute
    raise
psycopg2.errors.UndefinedColumn: column "discount_v2" does not exist

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/shop/quote.py", line 12, in quote
    raise QuoteError("no quote")
shop.errors.QuoteError: no quote`,
    { type: 'psycopg2.errors.UndefinedColumn', frame: '/app/shop/db.py:31 fetch' },
  ],
  'a traceback whose cause is in libraries alone': [
    `Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/urllib3/connection.py", line 174, in _new_conn
    conn = connection.create_connection(
TimeoutError: timed out

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/shop/pay.py", line 12, in pay
    session.post(url)
  File "/usr/lib/python3/dist-packages/requests/adapters.py", line 507, in send
    raise ConnectTimeout(e)
requests.exceptions.ConnectTimeout: no answer`,
    { type: 'requests.exceptions.ConnectTimeout', frame: '/app/shop/pay.py:12 pay', cause: 'TimeoutError' },
  ],
  'an exception whose cause is in a driver': [
    `java.lang.IllegalStateException: no quote
\tat com.acme.shop.Quote.make(Quote.java:41)
\tat org.springframework.web.Foo.bar(Foo.java:10)
\tSuppressed: java.io.IOException: not closed
\t\tat com.acme.shop.Pool.close(Pool.java:5)
\tCaused by: java.net.SocketException: gone
\t\tat com.acme.shop.Pool.flush(Pool.java:6)
Caused by: java.sql.SQLException: column discount_v2 does not exist
\tat org.postgresql.Driver.x(Driver.java:1)
\tat com.acme.shop.Db.fetch(Db.java:31)
\t... 12 more`,
    { type: 'java.sql.SQLException', frame: 'com.acme.shop.Db.fetch(Db.java:31)' },
  ],
  'an exception whose cause is in a driver that nobody knows': [
    `Exception in thread "main" com.acme.shop.QuoteException: no quote
\tat com.acme.shop.Quote.make(Quote.java:41)
\tat com.acme.shop.Api.get(Api.java:7)
Caused by: fictional.store.jdbc.StoreException: gone
\tat fictional.store.jdbc.Statement.run(Statement.java:3)
\tat com.acme.shop.Db.fetch(Db.java:31)
\t... 1 more`,
    { type: 'fictional.store.jdbc.StoreException', frame: 'com.acme.shop.Db.fetch(Db.java:31)' },
  ],
  'an exception whose cause shares the frames of the service': [
    `java.lang.RuntimeException: java.net.ConnectException: refused
\tat java.base/java.util.concurrent.FutureTask.report(FutureTask.java:122)
\tat app//com.acme.shop.Api.get(Api.java:7)
\tat java.base/java.lang.Thread.run(Thread.java:829)
Caused by: java.net.ConnectException: refused
\tat java.base/sun.nio.ch.Net.connect0(Native Method)
\t... 2 more`,
    { type: 'java.net.ConnectException', frame: 'app//com.acme.shop.Api.get(Api.java:7)' },
  ],
  'an error of Node with its cause': [
    `Error: no quote
    at quote (/app/quote.js:41:9)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5) {
  [cause]: TypeError: Cannot read properties of undefined (reading 'price')
      at new Promise (<anonymous>)
      at Query.run (/app/node_modules/pg/lib/query.js:3:7)
      at async fetch (/app/db.js:31:5) {
    code: 'ECONNRESET'
  }
}`,
    { type: 'TypeError', frame: 'fetch (/app/db.js:31:5)' },
  ],
  'an exception of .NET with an inner one': [
    `Unhandled exception. System.InvalidOperationException: no quote
 ---> Npgsql.PostgresException (0x80004005): 42703: column "discount_v2" does not exist
   at Npgsql.Internal.NpgsqlConnector.ReadMessage(Boolean async)
   at Acme.Shop.Db.Fetch(String sql) in /src/Db.cs:line 31
   --- End of inner exception stack trace ---
   at Acme.Shop.Quote.Make() in /src/Quote.cs:line 41`,
    { type: 'Npgsql.PostgresException', frame: 'Acme.Shop.Db.Fetch(String sql) in /src/Db.cs:line 31' },
  ],
  'a panic of Rust': [
    `thread 'main' panicked at 'no quote', src/quote.rs:41:9
stack backtrace:
   0: rust_begin_unwind
             at /rustc/90b35a6/library/std/src/panicking.rs:645:5
   1: shop::quote
             at ./src/quote.rs:41:9
note: run with \`RUST_BACKTRACE=full\` for a verbose backtrace.`,
    { type: 'panic', frame: 'src/quote.rs:41:9' },
  ],
}

const lines = (text: string, more: Partial<LogLine> = {}): LogLine[] =>
  text.split('\n').map((message, at) => ({ timestamp: noon + at, service: 'api', instance: 'api-0', message, ...more }))

const told = (text: string) => {
  const { type, frame, cause } = exceptionIn(text) ?? {}
  return { type, ...(frame === undefined ? {} : { frame }), ...(cause === undefined ? {} : { cause }) }
}

describe.each(Object.entries(STACKS))('%s', (_what, [text, expected]) => {
  it('is summarised by the type and first own frame of one exception', () => {
    expect(told(text)).toEqual(expected)
  })

  it('gives the same result as a JSON field or with escaped line breaks', () => {
    expect(told(JSON.stringify({ level: 'error', msg: 'request failed', err: { stack: text } }))).toEqual(expected)
    expect(told(`level=error msg=${JSON.stringify(text)}`)).toMatchObject(
      expected.frame === undefined ? {} : { frame: expected.frame },
    )
  })

  it('is joined to one record from separate lines, twice, among successful requests', () => {
    const once = lines(text)
    const [first = once[0]!, ...rest] = once
    const mixed = rest.flatMap((line) => [line, { ...line, level: 'info', message: 'api handled request 7 in 12 ms' }])
    const joined = joinStacks([first, ...mixed, ...lines(text, { timestamp: noon + 90_000 })])
    const stacks = joined.filter(({ message }) => message !== 'api handled request 7 in 12 ms')
    expect(stacks.map(({ message }) => told(message))).toEqual([expected, expected])
  })
})

describe('stacks', () => {
  it('of Python are distinguished by their exception', () => {
    const traceback = (type: string) =>
      `Traceback (most recent call last):\n  File "/app/a.py", line 3, in get\n${type}: x`
    const heads = joinStacks(lines([traceback('shop.Gone'), traceback('KeyError')].join('\n'))).map(({ message }) => message.split('\n')[0]) // prettier-ignore
    expect(heads).toEqual(['shop.Gone: x', 'KeyError: x'])
  })

  it('are not appended to an earlier line that is not an error', () => {
    const before = { timestamp: noon - 5, service: 'api', instance: 'api-0', level: 'info', message: 'order 7 served' }
    const text = STACKS['a traceback whose cause is in libraries alone']![0]
    expect(joinStacks([before, ...lines(text)])).toMatchObject([before, { message: expect.stringMatching(/^requests/) }]) // prettier-ignore
  })

  it('of two instances are not mixed', () => {
    const [text, expected] = STACKS['an exception whose cause is in a driver']!
    const other = lines(text, { instance: 'api-1' })
    const both = lines(text).flatMap((line, at) => [line, other[at]!])
    expect(joinStacks(both).map(({ message }) => told(message))).toEqual([expected, expected])
  })

  it('of Rust may have the message on the next line', () => {
    const text = "thread 'tokio' (7) panicked at src/quote.rs:41:9:\nno quote"
    expect(exceptionIn(text)).toEqual({ type: 'panic', message: 'no quote', frame: 'src/quote.rs:41:9' })
  })

  it('are not found in a line that names its source location', () => {
    expect(exceptionIn('main.go:42: order 7 served')).toBeNull()
    expect(exceptionIn('2026/03/01 12:00:00 main.go:42: order 7 served')).toBeNull()
  })
})
