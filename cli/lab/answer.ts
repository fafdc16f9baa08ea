/** What the port of a lab answers about its faults. */
import { z } from 'zod'
import { FAULT_NAMES } from '../../lab/faults.ts'

export const faults = z.array(
  z.object({
    name: z.enum(FAULT_NAMES),
    service: z.string().nullable(),
    remedy: z.string().nullable(),
    since: z.number().nullable(),
    until: z.number().nullable(),
  }),
)
export type Fault = z.infer<typeof faults>[number]
export const refusal = z.object({ error: z.string(), code: z.string().optional() })
