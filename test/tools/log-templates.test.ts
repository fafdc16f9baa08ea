import { expect, it } from 'vitest'
import { templatesOf } from '../../agents/tools/log-templates.ts'

it('does not mark a line as new if only the user in it is', () => {
  const users = ['alice', 'dave', 'grace', 'bob', 'erin', 'heidi']
  const line = (timestamp: number, user: string) => ({ timestamp, service: 'shop', message: `request failed for user ${user}` }) // prettier-ignore
  const before = Array.from({ length: 60 }, (_, n) => line(n, users[n % users.length]!))
  const during = Array.from({ length: 60 }, (_, n) => line(100 + n, 'alice'))
  expect(templatesOf([...before, ...during], { start: 100, end: 200 }, { start: 0, end: 100 })).toEqual([
    { template: 'request failed for user <*>', before: 60, during: 60, isNew: false },
  ])
})
