import { expect, test } from 'vitest'
import { missing, missingMessage } from './provide.ts'
import { runKeeper } from './run-keeper.ts'

const ask = async (url: string): Promise<unknown> => (await fetch(url, { method: 'POST', body: 'null' })).json()

const lives = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('the end of a run stops every server it started, and no other', async () => {
  const [ending, staying] = [await runKeeper(process.env), await runKeeper(process.env)]
  const start = async (url: string) => ((await ask(`${url}/private/postgres`)) as { value: { pid: number } }).value.pid
  const [gone, stays] = [await start(ending.url), await start(staying.url)]
  expect([lives(gone), lives(stays)]).toEqual([true, true])
  await ending.close()
  expect([lives(gone), lives(stays)]).toEqual([false, true])
  await staying.close()
})

test('a server given by URL is used as it is', async () => {
  const keeper = await runKeeper({ ...process.env, TEST_KAFKA_BROKERS: 'one:9092,two:9092' })
  expect(await ask(`${keeper.url}/shared/kafka`)).toEqual({ value: { brokers: ['one:9092', 'two:9092'] } })
  await keeper.close()
})

test('one message lists everything the machine lacks, except servers given by URL', async () => {
  const bare = { PATH: '/nowhere' }
  const message = missingMessage(await missing(bare, false))
  expect(message).toContain('Maven (mvn) (for Kafka, the schema registry, Zipkin, Keycloak)')
  expect(message).toContain('Go 1.26 or newer (go) (for Prometheus, Loki, Alertmanager, the OpenTelemetry Collector)')
  const given = { ...bare, TEST_KAFKA_BROKERS: 'one:9092', TEST_LOKI_URL: 'http://one' }
  expect(await missing(given, false)).toContain(
    'Go 1.26 or newer (go) (for Prometheus, Alertmanager, the OpenTelemetry Collector)',
  )
  expect(await missing(bare, true)).toEqual([
    'Python 3 with venv (python3-venv) (for the independent Avro client)',
    'Chromium (chromium; set CHROMIUM_PATH where it is not on the PATH) (for the pages)',
  ])
})

test("a caller without the run's secret path is refused", async () => {
  const keeper = await runKeeper(process.env)
  expect(await ask(`${new URL(keeper.url).origin}/guess/shared/postgres`)).toEqual({
    message: 'Not the keeper of this run',
  })
  await keeper.close()
})
