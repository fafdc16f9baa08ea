/** The catalog of scripts: which may be executed, and when they are refused. */
import { z } from 'zod'
import type { ManagedServices } from './managed-services.ts'

export interface ScriptCall {
  scriptId: string
  parameters: Record<string, string>
  targets: string[]
}

/** The deployment to carry out, or the reason for refusing. */
export type Plan = { ok: true; service: string; imageTag: string; from: string } | { ok: false; reason: string }

const rollback = z.strictObject({
  /** the release to go back to */
  image_tag: z.string(),
  /** the release that must be running now */
  expected_image_tag: z.string(),
})

export const scripts = ['rollback'] as const

/** Plans against the current state; refuses if it is not the expected one. */
export function plan(call: ScriptCall, managed: ManagedServices): Plan {
  if (call.scriptId !== 'rollback') return refused(`no script ${call.scriptId}; there is: ${scripts.join(', ')}`)
  const parameters = rollback.safeParse(call.parameters)
  if (!parameters.success) return refused(z.prettifyError(parameters.error))
  const [target, ...others] = call.targets
  if (target === undefined || others.length > 0) return refused('a rollback has exactly one target')
  const service = managed.services().find(({ name }) => name === target)
  if (service === undefined) return refused(`no service ${target}`)
  const { image_tag: imageTag, expected_image_tag: expected } = parameters.data
  if (!managed.releases[target]?.includes(imageTag)) return refused(`${target} has no release ${imageTag}`)
  if (service.imageTag !== expected) return refused(`${target} runs ${service.imageTag}, not ${expected} as expected`)
  if (imageTag === expected) return refused(`${target} runs ${imageTag} already`)
  return { ok: true, service: target, imageTag, from: expected }
}

const refused = (reason: string): Plan => ({ ok: false, reason })
