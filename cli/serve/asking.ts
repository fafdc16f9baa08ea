import type { ControlPlaneOptions } from '../../agents/tools/live.ts'
import type { Config } from '../config.ts'

/** Connection settings for the control-plane. With RFC 8707, the token request names the audience. */
export const asking = <Agent extends 'ASSISTANT' | 'EXECUTOR' | 'POSTMORTEM'>(
  config: Config<'OIDC_ISSUER' | 'CONTROL_PLANE_URL' | `${Agent}_CLIENT_SECRET`>,
  agent: Agent,
  scope: string,
): ControlPlaneOptions => ({
  url: config.CONTROL_PLANE_URL,
  client: {
    issuer: config.OIDC_ISSUER,
    clientId: config[`${agent}_CLIENT_ID`],
    clientSecret: config[`${agent}_CLIENT_SECRET`],
    scope,
    ...(config.CONTROL_PLANE_RESOURCE === undefined ? {} : { resource: config.CONTROL_PLANE_RESOURCE }),
  },
})
