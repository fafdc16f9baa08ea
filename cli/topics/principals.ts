import type { Config, VariableName } from '../config.ts'

/** `control-plane` → `KAFKA_PRINCIPAL_CONTROL_PLANE` */
export const principalVariable = (part: string): string => `KAFKA_PRINCIPAL_${part.toUpperCase().replaceAll('-', '_')}`

/** Kafka principal of a component: the configured one, or else the user it signs in as. */
export const principalsFrom =
  (config: Config) =>
  (part: string): string => {
    const given = config[principalVariable(part) as VariableName]
    return typeof given === 'string' ? given : `User:${part}`
  }
