import { expect, it } from 'vitest'
import { readRecording } from '../../recording/read.ts'
import { recording } from './recording-dir.ts'

it('appends the stack trace of a separate field to the message, once', async () => {
  const stack = 'shop.Gone: x\n\tat shop.Cart.add(Cart.java:12)'
  const row = { timestamp: '2026-03-01T10:00:00Z', service: 'cart', message: 'failed' }
  const rows = [
    { ...row, attributes: { 'exception.stacktrace': stack } },
    { ...row, stack_trace: stack },
    { ...row, message: `failed\n${stack}`, attributes: { 'exception.stacktrace': stack } },
  ]
  const dir = await recording({ 'logs.jsonl': rows.map((one) => `${JSON.stringify(one)}\n`).join('') })
  const { observations } = await readRecording(dir)
  expect(observations.logs.map(({ message }) => message)).toEqual(rows.map(() => `failed\n${stack}`))
})
