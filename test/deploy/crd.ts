/** Validates resources against a custom resource definition. */
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { parse } from 'yaml'

type Schema = { properties?: Record<string, Schema>; items?: Schema; [keyword: string]: unknown }

/** Kubernetes silently drops unknown fields; here they are an error. */
function strict({ properties, items, ...schema }: Schema): Schema {
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true
  return {
    ...schema,
    ...(items && { items: strict(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, strict(one)])),
      ...(!open && { additionalProperties: false }),
    }),
  }
}

/** Takes the file of a definition; the validator returns what is wrong with a resource. */
export function validatorOf(file: string) {
  const definition = parse(readFileSync(file, 'utf8')) as {
    spec: { group: string; names: { kind: string }; versions: { name: string; schema: { openAPIV3Schema: Schema } }[] }
  }
  const { group, names, versions } = definition.spec
  const [version] = versions
  if (version === undefined) throw new Error(`${file} has no version`)
  const { metadata: _, ...properties } = version.schema.openAPIV3Schema.properties ?? {}
  const schema = strict({ ...version.schema.openAPIV3Schema, properties: { ...properties } })
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema)
  return (resource: Resource): unknown[] => {
    const { metadata: _name, ...rest } = resource
    const wrong = validate(rest) ? [] : (validate.errors ?? [])
    const named = resource.apiVersion === `${group}/${version.name}` && resource.kind === names.kind
    return named ? wrong : [...wrong, `${resource.apiVersion} ${resource.kind}`]
  }
}

interface Resource {
  apiVersion: string
  kind: string
  metadata: object
  spec: object
}
