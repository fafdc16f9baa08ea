import type { Task, TaskPushNotificationConfig } from '@a2a-js/sdk'
import { PushNotificationNotSupportedError, TaskNotFoundError } from '@a2a-js/sdk/errors'
import type { A2ARequestHandler } from '@a2a-js/sdk/server'
import type { Answering } from '../../answering.ts'
import type { Caller } from '../../auth/caller.ts'
import { repeated } from '../../details.ts'
import type { Gateway } from '../../gateway.ts'
import type { Language } from '../../present/language.ts'
import { a2aTexts, refuse } from '../refusal.ts'
import { deleteConfig, demandAllowed, findConfigs, isConfigId, saveConfig } from './configs.ts'

interface Pushing {
  gateway: Pick<Gateway, 'pool'>
  caller: Caller
  language: Language
  pushOrigins: readonly string[]
  within: Answering['within']
}

interface Tasks {
  /** throws if there is none */
  find(id: string): Promise<Task>
  demandOwnTenant(request: { tenant: string }): void
}

type Methods = Pick<
  A2ARequestHandler,
  | 'createTaskPushNotificationConfig'
  | 'getTaskPushNotificationConfig'
  | 'listTaskPushNotificationConfigs'
  | 'deleteTaskPushNotificationConfig'
>

/** Everything is refused unless an operator allows an origin. */
export function createPushMethods(
  { gateway, caller, language, pushOrigins, within }: Pushing,
  { find, demandOwnTenant }: Tasks,
) {
  const { pool } = gateway
  const { tenant } = caller

  function demandOffered(): void {
    if (pushOrigins.length === 0) throw refuse(PushNotificationNotSupportedError, a2aTexts.noPush, language)
  }

  function demand(config: TaskPushNotificationConfig): void {
    demandOffered()
    demandAllowed(config, pushOrigins)
  }

  const save = (taskId: string, config: TaskPushNotificationConfig) => saveConfig(pool, { tenant, taskId, language }, config) // prettier-ignore

  /** Of a task of this tenant. */
  const about = <T>(request: { tenant: string; taskId: string }, work: (taskId: string) => Promise<T>): Promise<T> =>
    within(async () => {
      demandOffered()
      demandOwnTenant(request)
      return work((await find(request.taskId)).id)
    })

  const methods: Methods = {
    createTaskPushNotificationConfig: (config) =>
      about(config, (taskId) => {
        demand(config)
        return save(taskId, config)
      }),
    getTaskPushNotificationConfig: (request) =>
      about(request, async (taskId) => {
        const found = (await findConfigs(pool, tenant, taskId)).find(({ id }) => id === request.id)
        if (found === undefined) throw refuse(TaskNotFoundError, a2aTexts.noPushConfig(repeated(request.id)), language)
        return found
      }),
    listTaskPushNotificationConfigs: (request) =>
      about(request, async (taskId) => ({ configs: await findConfigs(pool, tenant, taskId), nextPageToken: '' })),
    deleteTaskPushNotificationConfig: (request) =>
      about(request, async (taskId) => {
        // there is none with an id that no config can have, and PostgreSQL takes no NUL
        if (isConfigId(request.id)) await deleteConfig(pool, tenant, taskId, request.id)
      }),
  }
  return { demand, save, methods }
}
