/** Services keep their names in a report, whatever words and names of people are in them. */
import { expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { BEGAN, evidence, facts, MINUTE } from './facts.ts'

const change = (service_name: string, author: string, summary: string) => ({ id: summary, timestamp: BEGAN - MINUTE, event_type: 'DEPLOYMENT', author, service_name, summary }) // prettier-ignore

it('a service that deploys itself, has a word of blame or the name of its author', () => {
  const changes = [
    change('cart', 'ci|cart', 'cart deployed cart, carelessly'),
    change('cart', 'https://issuer|alice', 'alice deployed alice-service for stupid'),
    change('alice-service', 'ci|cart', 'stupid calls alice-service: that was stupid of alice'),
    change('stupid', 'ci|cart', 'x'),
  ]
  const { timeline } = writeReport(
    facts({ incidents: [], changes: changes.map((one) => ({ ...one, service_name: 'cart', changes: null })) }, [
      evidence('resources', [{ service_name: 'stupid', depends_on: ['alice-service'] }]),
      evidence('audit-logs', changes),
    ]),
  )
  const said = timeline.filter(({ kind }) => kind === 'change').map(({ text }) => text.en)
  expect(said).toEqual([
    'change of cart: cart deployed cart, unguarded',
    'change of cart: a person deployed alice-service for stupid',
    'change of cart: stupid calls alice-service: that was stupid of a person',
    'change of cart: x',
  ])
})
