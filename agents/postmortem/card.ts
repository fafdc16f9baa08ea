/** The agent card of the postmortem agent over topics: what it can do, and how it is called. */
import type { AgentCard } from '@a2a-js/sdk'
import { interfaceOf } from '../a2a/binding.ts'

const INPUTS = ['application/json']
const OUTPUTS = ['text/markdown', 'application/json', 'text/plain']

export const postmortemCard = (version: string): AgentCard => ({
  name: 'SRE postmortem agent',
  description: 'Writes what happened in incidents or sessions, from their events, with times, numbers and sources.',
  supportedInterfaces: [interfaceOf('postmortem', 'sre.a2a.requested.v1')],
  provider: undefined,
  version,
  capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: true, extensions: [] },
  securitySchemes: {},
  securityRequirements: [],
  defaultInputModes: INPUTS,
  defaultOutputModes: OUTPUTS,
  skills: [
    {
      id: 'postmortem',
      name: 'Write a postmortem',
      description: 'Send one data part with incident_ids or session_ids, and language (en or zh-TW) if it matters.',
      tags: ['incident', 'postmortem', 'sre'],
      examples: ['{"incident_ids": ["INC-7"]}'],
      ...{ inputModes: INPUTS, outputModes: OUTPUTS, securityRequirements: [] },
    },
  ],
  signatures: [],
})
