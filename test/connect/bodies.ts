/** Bodies in the shape that GitHub documents, with names of our own. */
import { createHmac } from 'node:crypto'

const person = (login: string) => ({
  ...{ login, id: 583231, node_id: 'MDQ6VXNlcjU4MzIzMQ==', type: 'User', site_admin: false },
  url: `https://api.github.com/users/${login}`,
})

export interface Deployed {
  state: string
  at?: string
  repository?: string
  deployment?: number
  status?: number
  environment?: string
  creator?: string
}

/** A `deployment_status` event. */
export function deploymentStatus(given: Deployed): object {
  const { state, at = '2026-11-29T20:00:05Z', repository = 'octo-org/cart', deployment = 145988746 } = given
  const { status = 209916254, environment = 'production', creator = 'carol' } = given
  const api = `https://api.github.com/repos/${repository}`
  return {
    action: 'created',
    deployment_status: {
      ...{
        url: `${api}/deployments/${deployment}/statuses/${status}`,
        id: status,
        node_id: 'MDE2OkRlcGxveW1lbnRTdGF0dXM=',
      },
      ...{ state, creator: person('github-actions[bot]'), description: '', environment, target_url: '', log_url: '' },
      ...{ created_at: at, updated_at: at, deployment_url: `${api}/deployments/${deployment}`, repository_url: api },
    },
    deployment: {
      ...{ url: `${api}/deployments/${deployment}`, id: deployment, node_id: 'MDEwOkRlcGxveW1lbnQ=', task: 'deploy' },
      ...{ original_environment: environment, environment, description: 'release 1.5.0', creator: person(creator) },
      ...{
        created_at: '2026-11-29T20:00:00Z',
        updated_at: at,
        statuses_url: `${api}/deployments/${deployment}/statuses`,
      },
      ...{ sha: 'a10867b14bb761a232cd80139fbd4c0d33264240', ref: 'v1.5.0', payload: { token: 'not-for-the-bus' } },
    },
    repository: {
      id: 186853002,
      name: repository.split('/')[1],
      full_name: repository,
      private: true,
      owner: person('octo-org'),
    },
    organization: { login: 'octo-org', id: 6811672 },
    sender: person('github-actions[bot]'),
  }
}

/** A `ping` event, sent when the webhook is set up. */
export const ping = {
  zen: 'Keep it logically awesome.',
  hook_id: 109948940,
  hook: { type: 'Repository', active: true },
}

export const signed = (body: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
