import { expect, it } from 'vitest'
import { isOwn } from '../../../analysis/logs/stacks/own-code.ts'

it.each([
  '/src/internal/pricing/calc.go:88',
  '/go/src/github.com/acme/shop/calc.go:88',
  'github.com/acme/shop/internal/calc.go:88',
  '/app/internal/quote.py:12 make',
  'Google.login (/app/dist/google.js:3:7)',
  'graphql.run (file:///app/graphql.ts:3:7)',
  'com.acme.shop.jdbc.Orders.find(Orders.java:31)',
  'com.acme.shop.Orders.lambda$find$0(Orders.java:31)',
  'app//com.acme.shop.Orders.find(Orders.java:31)',
  'Acme.Shop.Db.Fetch(String sql) in /src/Db.cs:line 31',
  'src/quote.rs:41:9',
])('%s is own code', (frame) => {
  expect(isOwn(frame)).toBe(true)
})

it.each([
  '/usr/local/go/src/net/http/server.go:2933',
  '/root/go/pkg/mod/github.com/lib/pq@v1.10.9/conn.go:88',
  'github.com/lib/pq@v1.10.9/conn.go:88',
  'runtime/panic.go:770',
  '/src/vendor/github.com/lib/pq/conn.go:88',
  '/usr/local/lib/python3.12/asyncio/runners.py:118 run',
  '/app/.venv/lib/python3.12/site-packages/flask/app.py:3 wsgi_app',
  '<frozen importlib._bootstrap>:241 _call',
  'Module._compile (node:internal/modules/cjs/loader:1554:14)',
  'Module._compile (internal/modules/cjs/loader.js:999:30)',
  'Query.run (/app/node_modules/.pnpm/pg@8/node_modules/pg/lib/query.js:3:7)',
  'new Promise (<anonymous>)',
  'java.base/java.lang.Thread.run(Thread.java:829)',
  'jdk.internal.reflect.GeneratedMethodAccessor12.invoke(Unknown Source)',
  'com.mysql.cj.jdbc.ConnectionImpl.execSQL(ConnectionImpl.java:1)',
  'com.microsoft.sqlserver.jdbc.SQLServerStatement.execute(SQLServerStatement.java:1)',
  'oracle.jdbc.driver.T4CTTIoer11.processError(T4CTTIoer11.java:509)',
  'com.acme.shop.Orders$$SpringCGLIB$$0.find(<generated>)',
  'Npgsql.Internal.NpgsqlConnector.ReadMessage(Boolean async)',
  'System.Threading.Tasks.Task.Run()',
  '/rustc/90b35a6/library/std/src/panicking.rs:645:5',
])('%s is a library', (frame) => {
  expect(isOwn(frame)).toBe(false)
})
