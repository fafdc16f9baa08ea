/** The catalog of scripts: which may be executed, and when they are refused. */
import { z } from 'zod'
import type { ManagedService, ManagedServices } from './managed-services.ts'

export interface ScriptCall {
  scriptId: string
  parameters: Record<string, string>
  targets: string[]
}

export interface Rollback {
  kind: 'rollback'
  service: string
  imageTag: string
  from: string
}

export type Operation =
  | { kind: 'restart'; service: string }
  | { kind: 'scale'; service: string; replicas: number; from: number }
  | { kind: 'run_script'; service: string; script: string; parameters: Record<string, string> }

/** What to carry out, or the reason for refusing. */
export type Plan = { ok: true; planned: Rollback | Operation } | { ok: false; reason: string }

type Planner = (call: ScriptCall, service: ManagedService, managed: ManagedServices) => Plan

/** `expected_*`: the state the target must be in now. */
const rollback = z.strictObject({ image_tag: z.string(), expected_image_tag: z.string() })
const restart = z.strictObject({ expected_image_tag: z.string() })
const count = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'must be a whole number')
  .transform(Number)
const scale = z.strictObject({ replicas: count, expected_replicas: count })
const runScript = z.looseObject({ script: z.string() })

const planners: Readonly<Record<string, Planner>> = {
  rollback: (call, { name, imageTag: running }, managed) =>
    given(rollback, call, ({ image_tag: imageTag, expected_image_tag: expected }) => {
      if (!managed.releases[name]?.includes(imageTag)) return refused(`${name} has no release ${imageTag}`)
      if (running !== expected) return refused(`${name} runs ${running}, not ${expected} as expected`)
      if (imageTag === expected) return refused(`${name} already runs ${imageTag}`)
      return planned({ kind: 'rollback', service: name, imageTag, from: expected })
    }),
  restart: (call, { name, imageTag: running }) =>
    given(restart, call, ({ expected_image_tag: expected }) =>
      running === expected
        ? planned({ kind: 'restart', service: name })
        : refused(`${name} runs ${running}, not ${expected} as expected`),
    ),
  scale: (call, { name, replicas: running }, { mostReplicas }) =>
    given(scale, call, ({ replicas, expected_replicas: expected }) => {
      if (replicas > mostReplicas) return refused(`${name} may have at most ${mostReplicas} replicas, not ${replicas}`)
      if (running !== expected) return refused(`${name} has ${running} replicas, not ${expected} as expected`)
      if (replicas === expected) return refused(`${name} already has ${replicas} replicas`)
      return planned({ kind: 'scale', service: name, replicas, from: expected })
    }),
  run_script: (call, { name }, { scripts }) =>
    given(runScript, call, ({ script, ...rest }) => {
      const known = scripts[script]
      if (known === undefined) return refused(`no script ${script}; available: ${Object.keys(scripts).join(', ')}`)
      if (known.service !== name) return refused(`${script} is for ${known.service}, not for ${name}`)
      const wrong = [...new Set([...Object.keys(known.parameters), ...Object.keys(rest)])].flatMap((parameter) => {
        const bounds = known.parameters[parameter]
        if (bounds === undefined) return [`${script} has no parameter ${parameter}`]
        const value = call.parameters[parameter] ?? ''
        const fits = /^\d{1,9}$/.test(value) && Number(value) >= bounds.min && Number(value) <= bounds.max
        return fits ? [] : [`${parameter} must be a whole number from ${bounds.min} to ${bounds.max}`]
      })
      if (wrong.length > 0) return refused(wrong.join('; '))
      const { script: _script, ...parameters } = call.parameters
      return planned({ kind: 'run_script', service: name, script, parameters })
    }),
}

/** Plans against the current state; refuses if it is not the expected one. */
export function plan(call: ScriptCall, managed: ManagedServices): Plan {
  const planner = Object.hasOwn(planners, call.scriptId) ? planners[call.scriptId] : undefined
  if (planner === undefined)
    return refused(`no script ${call.scriptId}; available: ${Object.keys(planners).join(', ')}`)
  const [target, ...others] = call.targets
  if (target === undefined || others.length > 0) return refused(`a ${call.scriptId} has exactly one target`)
  const service = managed.services().find(({ name }) => name === target)
  return service === undefined ? refused(`no service ${target}`) : planner(call, service, managed)
}

/** What a dry run answers. */
export function intended(planned: Rollback | Operation): string {
  switch (planned.kind) {
    case 'rollback':
      return `would replace ${planned.from} with ${planned.imageTag}`
    case 'restart':
      return `would restart ${planned.service}`
    case 'scale':
      return `would scale ${planned.service} from ${planned.from} to ${planned.replicas} replicas`
    case 'run_script':
      return `would run ${planned.script} on ${planned.service}`
  }
}

function given<T>(schema: z.ZodType<T>, { parameters }: ScriptCall, then: (values: T) => Plan): Plan {
  const parsed = schema.safeParse(parameters)
  return parsed.success ? then(parsed.data) : refused(z.prettifyError(parsed.error))
}

const planned = (one: Rollback | Operation): Plan => ({ ok: true, planned: one })
const refused = (reason: string): Plan => ({ ok: false, reason })
