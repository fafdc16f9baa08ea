/** The agent cards: who answers here, what it can do and how to call it. They announce only what works. */
import { A2A_PROTOCOL_VERSION, type AgentCard, type AgentSkill } from '@a2a-js/sdk'
import type { Language } from '../present/language.ts'
import { both, type Texts } from '../present/texts.ts'
import type { Skill } from './message.ts'

export const PATHS = { card: '/.well-known/agent-card.json', rpc: '/a2a/jsonrpc', rest: '/a2a/rest' } as const

/** Names of the bindings, as in the specification. */
export const BINDINGS = { rpc: 'JSONRPC', rest: 'HTTP+JSON' } as const

export interface CardOptions {
  version: string
  issuer: string
  /** absent: as the request addresses the gateway */
  publicUrl: string | undefined
  /** origins that push notifications may be sent to; none: they are not offered */
  pushOrigins: readonly string[]
}

const INPUTS = ['application/json', 'text/plain']
const OUTPUTS = ['application/json', 'text/plain', 'text/markdown']
const SCOPES = ['sre-platform:read', 'sre-platform:diagnose']

interface Described {
  name: Texts
  description: Texts
  tags: string[]
  examples: string[]
  /** data parts, for callers who are signed in */
  data: object[]
}

const skills: Record<Skill, Described> = {
  diagnose: {
    name: both('Diagnose', '診斷'),
    description: both(
      'Finds the first cause of an incident from metrics, logs, traces and changes, with its evidence, and proposes actions for a person to approve. Send a data part with the body of POST /api/v1/diagnostics/alerts or /deployment, or name a service in a text.',
      '從指標、日誌、追蹤與變更找出事故的起因、附上證據，並提出待人核准的動作。請以資料部分送出 POST /api/v1/diagnostics/alerts 或 /deployment 的內容，或在文字中寫出服務名稱。',
    ),
    tags: ['incident', 'root-cause', 'sre'],
    examples: ['cart', 'What is wrong with cart? last 30 minutes'],
    data: [
      { affected_services: ['cart'], time_range: { start: '2026-11-29T10:00:00Z', end: '2026-11-29T10:30:00Z' } },
      { alert_ids: ['CartLatencyHigh'], severity: 'P1' },
    ],
  },
  postmortem: {
    name: both('Write a postmortem', '撰寫事後檢討'),
    description: both(
      'Writes what happened in incidents or sessions, from their events, with times, numbers and sources. Send a data part with the body of POST /api/v1/postmortems and "skill": "postmortem", or name the ids in a text.',
      '依事件寫出事故或工作階段的經過，附時間、數字與來源。請以資料部分送出 POST /api/v1/postmortems 的內容與 "skill": "postmortem"，或在文字中寫出編號。',
    ),
    tags: ['incident', 'postmortem', 'sre'],
    examples: ['postmortem of INC-7'],
    data: [{ skill: 'postmortem', incident_ids: ['INC-7'], language: 'en' }],
  },
}

/** `extended`: with examples of data, for callers who are signed in. */
export function cardFor(options: CardOptions, base: string, language: Language, extended: boolean): AgentCard {
  const at = (path: string, protocolBinding: string) => ({
    ...{ url: base + path, protocolBinding, protocolVersion: A2A_PROTOCOL_VERSION, tenant: '' },
  })
  return {
    name: 'SRE platform',
    description: both(
      'Diagnoses incidents and writes postmortems. What an answer says rests on evidence that can be read; a person decides on every action.',
      '診斷事故並撰寫事後檢討。答案都以可查閱的證據為依據；每一個動作都由人決定。',
    )[language],
    supportedInterfaces: [at(PATHS.rpc, BINDINGS.rpc), at(PATHS.rest, BINDINGS.rest)],
    provider: undefined,
    version: options.version,
    documentationUrl: `${base}/docs`,
    capabilities: {
      streaming: true,
      pushNotifications: options.pushOrigins.length > 0,
      extendedAgentCard: true,
      extensions: [],
    },
    securitySchemes: {
      oidc: {
        scheme: {
          $case: 'openIdConnectSecurityScheme',
          value: {
            description: '',
            openIdConnectUrl: `${options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
          },
        },
      },
    },
    securityRequirements: [{ schemes: { oidc: { list: SCOPES } } }],
    ...{ defaultInputModes: INPUTS, defaultOutputModes: OUTPUTS, signatures: [] },
    skills: Object.entries(skills).map(([id, skill]) => skillOf(id, skill, language, extended)),
  }
}

const skillOf = (id: string, { name, description, tags, examples, data }: Described, language: Language, extended: boolean): AgentSkill => ({
  ...{ id, tags, name: name[language], description: description[language] },
  examples: [...examples, ...(extended ? data.map((one) => JSON.stringify(one)) : [])],
  ...{ inputModes: [], outputModes: [], securityRequirements: [] },
}) // prettier-ignore
