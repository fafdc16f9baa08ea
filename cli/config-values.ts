/** Parsers for configuration variables. Errors never repeat a value, which may be a secret, unless it is a name or a path. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Objective } from '../analysis/observations.ts'
import { choiceOf, type Chosen } from '../agents/anomaly/chosen.ts'
import { openPolicy } from '../agents/anomaly/follow-policy.ts'
import { readQueries } from '../agents/anomaly/queries/read-queries.ts'
import { readCatalogue } from '../actions/read.ts'
import { readMapping as readConnectMapping } from '../connect/mapping.ts'
import { visible } from '../schemas/visible.ts'
import { readTenants } from '../tenants/read.ts'

export const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
export const seconds = z.coerce.number().positive()
export const count = z.coerce.number().int().min(1)
export const port = z.coerce.number().int().min(0).max(65_535)
export const healthPort = z.union([z.literal('off'), port], { error: 'must be a port, or off' })
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

/** Origins, such as https://example.com:8443. */
const isOrigin = (text: string): boolean => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text

export const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ) // prettier-ignore
  .refine((parts) => parts.length > 0, 'must not be empty')

export const origins = list.refine((parts) => parts.every(isOrigin), 'must be origins such as https://example.com')

export const brokers = list.refine(
  (all) => all.every((one) => /^[^\s/]+:\d{1,5}$/.test(one)),
  'must be host:port, comma separated',
)

/** A Kafka principal: `User:assistant`, or the distinguished name of a client certificate. */
export const principal = z
  .string()
  .regex(/^[A-Za-z]+:(?!\*$)./, 'must be Type:name of one user, such as User:assistant or User:CN=assistant')

/** Anyone who has or guesses it can forge changes. */
export const webhookSecret = z.string().min(16, 'must have at least 16 characters')

/** ascending times in s */
export const moments = list
  .transform((parts) => parts.map(Number))
  .refine(
    (all) => all.every((one, index) => Number.isFinite(one) && one > (all[index - 1] ?? 0)),
    'must be ascending seconds, such as 30,90,210',
  )

/** a list of `issuer=JWKS URL` */
export const signers = list.transform((entries, { issues }): Map<string, URL> => {
  const read = entries.map((entry) => {
    const split = entry.indexOf('=')
    const address = url.safeParse(entry.slice(split + 1))
    if (split > 0 && address.success) return [entry.slice(0, split), new URL(address.data)] as const
    issues.push({ code: 'custom', message: `${entry} is not issuer=URL`, input: entry })
    return null
  })
  return new Map(read.filter((one) => one !== null))
})

/** a list of `service` or `service/indicator` */
export const chosenSeries = list.transform((entries, { issues }): Chosen => {
  const choices = entries.map((entry) => {
    const choice = choiceOf(entry)
    if (choice === null) issues.push({ code: 'custom', message: `${entry} is not service or service/indicator`, input: entry }) // prettier-ignore
    return choice
  })
  return (identity) => choices.some((choice) => choice?.(identity) === true)
})

/** A path; the file is validated at start. */
export const certificateFile = z.string().refine(...usable((path) => new X509Certificate(readFileSync(path))))
export const ownCertificateFile = z.string().refine(...usable(unexpired))
export const keyFile = z.string().refine(...usable((path) => createPrivateKey(readFileSync(path))))

function unexpired(path: string): void {
  const { validTo, validToDate } = new X509Certificate(readFileSync(path))
  if (validToDate.getTime() < Date.now()) throw new Error(`the certificate in ${path} expired on ${validTo}`)
}

/** Whether the private key belongs to the certificate. */
export function matching(certificate: string, key: string): boolean {
  return new X509Certificate(readFileSync(certificate)).checkPrivateKey(createPrivateKey(readFileSync(key)))
}

const mapping = z.strictObject({
  names: z.record(z.string(), z.string()).optional(),
  serviceLabels: z.array(z.string()).optional(),
  namespaceLabel: z.string().optional(),
  indicators: z.record(z.string(), z.string()).optional(),
})
export type Mapping = z.output<typeof mapping>

/** The parsed mapping file. */
export const mappingFile = z
  .string()
  .refine(...usable(readMapping))
  .transform(readMapping)

/** The parsed catalogue of actions. */
export const actionsFile = z
  .string()
  .refine(...usable(readCatalogue))
  .transform(readCatalogue)

/** The parsed mapping file of `sre connect`. */
export const connectMappingFile = z
  .string()
  .refine(...usable(readConnectMapping))
  .transform(readConnectMapping)

/** The policy of the anomaly agent, which is read again when its file changes. */
export const policyFile = z
  .string()
  .refine(...usable(openPolicy))
  .transform(openPolicy)

/** The parsed file of own PromQL for the anomaly agent. */
export const queriesFile = z
  .string()
  .refine(...usable(readQueries))
  .transform(readQueries)

/** The parsed tenants file: which tenant owns which services. */
export const tenantsFile = z
  .string()
  .refine(...usable(readTenants))
  .transform(readTenants)

function readMapping(path: string): Mapping {
  return mapping.parse(parse(readFileSync(path, 'utf8')))
}

const objectives = z.strictObject({
  objectives: z
    .array(
      z
        .strictObject({
          service: z.string().min(1),
          indicator: z.string().min(1),
          max: z.number().optional(),
          min: z.number().optional(),
        })
        .refine(({ max, min }) => max !== undefined || min !== undefined, 'needs max or min'),
    )
    .min(1),
})

/** The parsed objectives file. */
export const objectivesFile = z
  .string()
  .refine(...usable(readObjectives))
  .transform(readObjectives)

function readObjectives(path: string): Objective[] {
  return objectives.parse(parse(readFileSync(path, 'utf8'))).objectives.map(({ max, min, ...of }) => ({
    ...of,
    ...(max === undefined ? {} : { max }),
    ...(min === undefined ? {} : { min }),
  }))
}

function usable(use: (path: string) => unknown) {
  const problem = (path: string): string | null => {
    try {
      use(path)
      return null
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
      // a line break in a path must not begin another line of the message
      return reason.includes(path) ? reason.replaceAll(path, visible(path)) : `${visible(path)}: ${reason}`
    }
  }
  return [
    (path: string) => problem(path) === null,
    { error: ({ input }: { input?: unknown }) => problem(String(input)) ?? 'cannot be used', abort: true },
  ] as const
}
