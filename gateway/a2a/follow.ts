/** A task's stream: the task as it is, then each change of its artifacts and its status. */
import type { StreamResponse, Task } from '@a2a-js/sdk'
import type { SessionWatcher } from '../views/session-watch.ts'

export interface FollowTask {
  read(): Promise<Task | null>
  watcher: SessionWatcher
  signal: AbortSignal
  /** ms after which it is read again, although nothing was told */
  everyMs: number
  isEnd(task: Task): boolean
}

/** Ends with a task that `isEnd`, or when the signal aborts. */
export async function* followTask({
  read,
  watcher,
  signal,
  everyMs,
  isEnd,
}: FollowTask): AsyncGenerator<StreamResponse, void> {
  let last: Task | null = null
  while (!signal.aborted) {
    const task = await read()
    if (task === null) return
    if (last === null) yield { payload: { $case: 'task', value: task } }
    else yield* changesOf(last, task)
    if (isEnd(task)) return
    last = task
    await watcher.changed(everyMs, signal)
  }
}

/** Artifacts come before the status that ends the task. */
function* changesOf(before: Task, now: Task): Generator<StreamResponse> {
  const { id: taskId, contextId } = now
  for (const artifact of now.artifacts)
    if (
      !isSame(
        artifact,
        before.artifacts.find(({ artifactId }) => artifactId === artifact.artifactId),
      )
    )
      // prettier-ignore
      yield {
        payload: {
          $case: 'artifactUpdate',
          value: { taskId, contextId, artifact, append: false, lastChunk: true, metadata: undefined },
        },
      }
  if (
    now.status?.state !== before.status?.state ||
    now.status?.message?.messageId !== before.status?.message?.messageId
  )
    // prettier-ignore
    yield {
      payload: { $case: 'statusUpdate', value: { taskId, contextId, status: now.status, metadata: undefined } },
    }
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
