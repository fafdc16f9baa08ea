/** Makes a cluster's ACLs match topics.yaml. Other ACLs on its topics and groups are reported, and removed only on request. */
import kafkajs, { type AclEntry, type AclFilter, type Admin } from 'kafkajs'
import type { Contract } from '../../schemas/contract.ts'
import { withAdmin } from './admin.ts'
import type { KafkaConnection } from './connection.ts'
import { grantsOf } from './grants.ts'
import { untilShown } from './shown.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

export interface AclRule {
  principal: string
  host: string
  permission: 'allow' | 'deny'
  /** in the terms of Kafka's tools: `topic`, `read`, `literal` */
  operation: string
  resource: string
  name: string
  pattern: string
}

export type AclChange =
  | ({ kind: 'allow' } & AclRule)
  | ({ kind: 'remove' } & AclRule)
  /** not implied by topics.yaml: reported, but kept */
  | ({ kind: 'extra' } & AclRule)

export interface AclOptions {
  /** Kafka principals of the components, such as `User:assistant` */
  principalOf(part: string): string
  /** Removes literal ALLOW entries of the components on these topics and groups that topics.yaml does not imply. Prefixed and DENY entries are kept. */
  prune?: boolean
}

export class NoAuthorizer extends Error {
  override readonly name = 'NoAuthorizer'
}

const EVERYONE = 'User:*'

export const planAcls = (connection: KafkaConnection, contract: Contract, options: AclOptions): Promise<AclChange[]> =>
  withAdmin(connection, (admin) => plan(admin, contract, options))

/** Applies the plan and returns it once the cluster shows it. Throws `NoAuthorizer` if the brokers have no authorizer. */
export const applyAcls = (connection: KafkaConnection, contract: Contract, options: AclOptions): Promise<AclChange[]> =>
  withAdmin(connection, async (admin) => {
    const changes = await plan(admin, contract, options)
    const allow = changes.filter(({ kind }) => kind === 'allow')
    if (allow.length > 0) await admin.createAcls({ acl: allow.map(entryOf) })
    const remove = changes.filter(({ kind }) => kind === 'remove')
    if (remove.length > 0) await admin.deleteAcls({ filters: remove.map(entryOf) })
    if (allow.length + remove.length > 0) await shown(admin, contract, options)
    return changes
  })

async function shown(admin: Admin, contract: Contract, options: AclOptions): Promise<void> {
  await untilShown(
    async () => (await plan(admin, contract, options)).filter(({ kind }) => kind !== 'extra'),
    (left) => `the cluster accepted the ACLs, but still does not show ${left.length} of them`,
  )
}

async function plan(admin: Admin, contract: Contract, options: AclOptions): Promise<AclChange[]> {
  const wanted = byKey(impliedAcls(contract, options.principalOf))
  const principals = new Set([...wanted.values()].map(({ principal }) => principal))
  const present = byKey((await Promise.all([...principals, EVERYONE].map((one) => aclsOf(admin, one)))).flat())
  const rules = [...wanted.values()]
  const isOfPart = ({ principal }: AclRule) => principals.has(principal)
  const extra = [...present.entries()].filter(
    ([key, rule]) =>
      !wanted.has(key) && (rules.some(reachedBy(rule)) || (rule.resource === 'cluster' && isOfPart(rule))),
  )
  const goes = (rule: AclRule) =>
    options.prune === true && rule.permission === 'allow' && isOfPart(rule) && rules.some(namedBy(rule))
  return [
    ...[...wanted.entries()]
      .filter(([key]) => !present.has(key))
      .map(([, rule]) => ({ kind: 'allow', ...rule }) as const),
    ...extra.map(([, rule]) => ({ kind: goes(rule) ? 'remove' : 'extra', ...rule }) as const),
  ]
}

const reachedBy =
  (rule: AclRule) =>
  ({ resource, name }: AclRule): boolean =>
    rule.resource === resource &&
    (rule.name === '*' || (rule.pattern === 'prefixed' ? name.startsWith(rule.name) : name === rule.name))

/** A prefixed ACL may be needed for other topics. */
const namedBy =
  (rule: AclRule) =>
  ({ resource, name, pattern }: AclRule): boolean =>
    rule.resource === resource && rule.name === name && rule.pattern === pattern

export const impliedAcls = (contract: Contract, principalOf: AclOptions['principalOf']): AclRule[] =>
  grantsOf(contract).map(({ part, ...grant }) => ({
    ...{ principal: principalOf(part), host: '*', permission: 'allow' },
    ...grant,
  }))

const byKey = (rules: readonly AclRule[]): Map<string, AclRule> =>
  new Map(
    rules.map((rule) => {
      const { principal, host, permission, operation, resource, name, pattern } = rule
      return [JSON.stringify([principal, host, permission, operation, resource, name, pattern]), rule]
    }),
  )

async function aclsOf(admin: Admin, principal: string): Promise<AclRule[]> {
  const any: AclFilter = {
    principal,
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  }
  const { resources } = await admin.describeAcls(any).catch((error: unknown) => {
    throw (error as { type?: string }).type === 'SECURITY_DISABLED' ? new NoAuthorizer('no authorizer', { cause: error }) : error // prettier-ignore
  })
  return resources.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
    acls.map(({ host, operation, permissionType }) => ({
      principal,
      host,
      permission: permissionType === AclPermissionTypes.DENY ? 'deny' : 'allow',
      operation: nameIn(AclOperationTypes, operation),
      resource: nameIn(AclResourceTypes, resourceType),
      name: resourceName,
      pattern: nameIn(ResourcePatternTypes, resourcePatternType),
    })),
  )
}

const entryOf = ({ principal, host, permission, operation, resource, name, pattern }: AclRule): AclEntry => ({
  principal,
  host,
  permissionType: permission === 'deny' ? AclPermissionTypes.DENY : AclPermissionTypes.ALLOW,
  operation: numberIn(AclOperationTypes, operation),
  resourceType: numberIn(AclResourceTypes, resource),
  resourceName: name,
  resourcePatternType: numberIn(ResourcePatternTypes, pattern),
})

type Numbered = Readonly<Record<string, string | number>>

/** `TRANSACTIONAL_ID` → `transactional_id`; a number newer than the client as it is */
const nameIn = (names: Numbered, number: number): string =>
  Object.entries(names)
    .find(([, value]) => value === number)?.[0]
    .toLowerCase() ?? String(number)

const numberIn = (names: Numbered, name: string): number => Number(names[name.toUpperCase()] ?? name)
