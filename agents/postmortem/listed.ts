/** The list of tasks, the latest first. Reports are not listed: read them with GetTask. */
import { type ListTasksRequest, type ListTasksResponse, TaskState, taskStateToJSON } from '@a2a-js/sdk'
import { RequestMalformedError } from '@a2a-js/sdk/errors'
import type { Run } from '../runtime/agent.ts'
import type { CallStore, Listing } from './calls.ts'
import { taskOf } from './task.ts'
import { demandCount } from './wanted.ts'

const [PAGE, LARGEST_PAGE] = [50, 100]

export async function listed(
  request: ListTasksRequest,
  { run, calls }: { run: Run; calls: CallStore },
): Promise<ListTasksResponse> {
  const { pageSize: size = PAGE, contextId, status, statusTimestampAfter: since } = request
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) throw new RequestMalformedError('pageSize is not valid') // prettier-ignore
  if (!(status in TaskState) || status === TaskState.UNRECOGNIZED) throw new RequestMalformedError('status is not valid') // prettier-ignore
  demandCount('historyLength', request.historyLength)
  const filter: Listing = {
    contextId: contextId === '' ? null : contextId,
    state: status === TaskState.TASK_STATE_UNSPECIFIED ? null : taskStateToJSON(status).replace('TASK_STATE_', ''),
    since: since === undefined ? null : momentOf(since),
    after: placeOf(request.pageToken),
    size: size + 1,
  }
  const { rows, total } = await run.step('list', () => calls.list(run.tenant, filter))
  const page = rows.slice(0, size)
  const last = rows.length > size ? page.at(-1) : undefined
  return {
    tasks: page.map((row) => taskOf(row, [])),
    nextPageToken: last === undefined ? '' : Buffer.from(`${last.updated_at} ${last.postmortem_id}`).toString('base64url'), // prettier-ignore
    pageSize: size,
    totalSize: total,
  }
}

function momentOf(text: string): number {
  const moment = Date.parse(text)
  if (Number.isNaN(moment)) throw new RequestMalformedError('statusTimestampAfter is not valid')
  return moment
}

function placeOf(token: string): Listing['after'] {
  if (token === '') return null
  const [, updatedAt, id] = /^(\d{1,15}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(token, 'base64url').toString()) ?? [] // prettier-ignore
  if (updatedAt === undefined || id === undefined) throw new RequestMalformedError('pageToken is not one that this list gave') // prettier-ignore
  return { updatedAt: Number(updatedAt), id }
}
