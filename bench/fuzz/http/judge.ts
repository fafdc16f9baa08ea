/** Checks a response against the document: status, body, size. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Document, Json, Operation } from '../../../gateway/document.ts'
import { NOTIFICATION_BYTES } from '../../../schemas/alertmanager.ts'
import type { Answer } from './client.ts'
import type { Request } from './requests.ts'

/** Statuses that are not tied to an operation, or occur before one is known. */
const BESIDE = new Set([400, 404, 405, 408, 413, 414, 417, 431])
/** Limits that a schema cannot express: the order of two times, and two lists counted together. */
const BEYOND_SCHEMAS = ['"time_range"', ' incidents and sessions; the limit is ']
/** An error may repeat the refused input once. */
const ERROR_BYTES = 8192

export type Judge = (request: Request, answer: Answer) => void

/** Throws if a response is wrong. */
export function createJudge(document: Document): Judge {
  const ajv = new Ajv2020({ strict: false })
  formats.default(ajv)
  ajv.addSchema({ $id: 'api', ...document.specification })
  const compiled = new Map<string, ValidateFunction>()
  const operations = [...document.operations.values()]

  const operationAt = (method: string, path: string): Operation | undefined =>
    document.methodsAt(path).includes(method)
      ? operations.find((one) => one.method === method && matches(one.path, path))
      : undefined

  function expectToFit(schema: Json | undefined, answer: Answer): void {
    if (schema === undefined) throw new Error(`answers ${answer.status} as ${answer.headers['content-type']}`)
    const text = JSON.stringify(schema).replaceAll('"#/', '"api#/')
    const fits = compiled.get(text) ?? ajv.compile(JSON.parse(text) as Json)
    compiled.set(text, fits)
    if (!fits(JSON.parse(answer.body)))
      throw new Error(`the response body does not match the document: ${ajv.errorsText(fits.errors)}`)
  }

  return function judge(request, answer) {
    const { status, headers, body } = answer
    const operation = request.raw === null ? operationAt(request.method, request.path.split('?')[0] ?? '') : undefined
    if (status >= 500 && status !== 503) throw new Error(`answers ${status}`)
    const isTooLarge = status === 413 && sizeOf(request) > NOTIFICATION_BYTES
    if (
      request.described &&
      !isTooLarge &&
      [400, 405, 413, 415, 422].includes(status) &&
      !BEYOND_SCHEMAS.some((one) => body.includes(one))
    )
      throw new Error(`refuses a request that the document allows: ${status} ${body.slice(0, 500)}`)
    const documented = operation?.responses[status]
    if (documented === undefined && !BESIDE.has(status) && request.raw === null)
      throw new Error(`responds with ${status}, which is not in the document`)
    if (headers['x-request-id'] === undefined) throw new Error(`responds with ${status} without a request id`)
    const bytes = Buffer.byteLength(body)
    if (status >= 400 && bytes > ERROR_BYTES + sizeOf(request)) throw new Error(`answers ${status} with ${bytes} bytes`)
    if (request.method === 'HEAD' || (request.raw !== null && status < 400) || answer.stream) return
    if (documented !== undefined && Object.keys(documented).length === 0 && body === '') return
    const type = headers['content-type']?.split(';')[0] ?? ''
    if (status < 400 && !type.endsWith('json') && (type === 'text/plain' || documented?.[type] !== undefined)) return
    expectToFit(status >= 400 ? errorOrNamed(documented, type) : documented?.[type], answer)
  }

  function errorOrNamed(documented: Operation['responses'][string] | undefined, type: string): Json | undefined {
    if (documented !== undefined) return documented[type]
    return type === 'application/json' ? { $ref: '#/components/schemas/Error' } : undefined
  }
}

const matches = (pattern: string, path: string): boolean => {
  const parts = path.split('/')
  const wanted = pattern.split('/')
  return parts.length === wanted.length && wanted.every((part, at) => part.startsWith('{') || part === parts[at])
}

const sizeOf = ({ raw, path, headers, body }: Request): number =>
  raw?.length ?? path.length + JSON.stringify(headers).length + (body?.length ?? 0)
