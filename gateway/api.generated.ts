// Generated from openapi.yaml beside it by `npm run gateway:generate`.

/**
 * a name or id on one line of visible characters: no control characters, bidi marks or lone surrogates
 */
export type Name = string
/**
 * any Unicode text but NUL
 */
export type Text = string
/**
 * the most pressing resource, and each of them
 */
export type CapacityAnalysisResponse = ResourceCapacity & {
  session_id: string
  summary: string
  /**
   * resources that could not be assessed
   */
  missing: string[]
  resources: ResourceCapacity[]
}
/**
 * in the person's words
 */
export type FeedbackText = string
/**
 * text on one line of visible characters; its type is checked against the catalogue
 */
export type ParameterValue = string
/**
 * null: removes it
 */
export type PostmortemText = string | null

export interface Api {
  schemas: {
    Name: Name
    Text: Text
    Health: Health
    Readiness: Readiness
    Jwks: Jwks
    Error: Error
    McpMessage: McpMessage
    McpAnswer: McpAnswer
    McpResource: McpResource
    TimeRange: TimeRange
    Context: Context
    DeploymentDiagnosticRequest: DeploymentDiagnosticRequest
    CapacityRequest: CapacityRequest
    ResourceCapacity: ResourceCapacity
    CapacityAnalysisResponse: CapacityAnalysisResponse
    AlertDiagnosticRequest: AlertDiagnosticRequest
    AlertmanagerNotification: AlertmanagerNotification
    AlertmanagerAlert: AlertmanagerAlert
    AlertsTaken: AlertsTaken
    Task: Task
    DiagnosticStatus: DiagnosticStatus
    FeedbackRequest: FeedbackRequest
    FeedbackText: FeedbackText
    Proposal: Proposal
    ParameterValue: ParameterValue
    ProposalTaken: ProposalTaken
    Proposer: Proposer
    Feedback: Feedback
    DiagnosticResult: DiagnosticResult
    Finding: Finding
    ProgressEvent: ProgressEvent
    ToolCallEvent: ToolCallEvent
    ApprovalEvent: ApprovalEvent
    SessionSummary: SessionSummary
    Pagination: Pagination
    SessionPage: SessionPage
    Evidence: Evidence
    PostmortemRequest: PostmortemRequest
    PostmortemTask: PostmortemTask
    PostmortemSummary: PostmortemSummary
    Postmortem: Postmortem
    PostmortemEdited: PostmortemEdited
    PostmortemEdit: PostmortemEdit
    PostmortemText: PostmortemText
    PostmortemRevision: PostmortemRevision
    ActionItemChange: ActionItemChange
    RevisedPostmortem: RevisedPostmortem
    PostmortemPage: PostmortemPage
    ExpectationRequest: ExpectationRequest
    Expectation: Expectation
    Anomaly: Anomaly
    AnomalousSeries: AnomalousSeries
    AnomalyPage: AnomalyPage
    Forecast: Forecast
    ForecastPoint: ForecastPoint
    ForecastPage: ForecastPage
    ToolStatuses: ToolStatuses
    ToolStatus: ToolStatus
    ToolReport: ToolReport
    WorkflowTemplate: WorkflowTemplate
    Action: Action
    Approval: Approval
    ApprovalPage: ApprovalPage
    Decision: Decision
  }
  operations: {
    getHealth: {
      params: {}
      query: {}
      headers: {}
      body: null
      responses: {
        '200': Health
      }
    }
    getReadiness: {
      params: {}
      query: {}
      headers: {}
      body: null
      responses: {
        '200': Readiness
        '503': Readiness
      }
    }
    getMetrics: {
      params: {}
      query: {}
      headers: {}
      body: null
      responses: {
        '200': string
      }
    }
    getDecisionKeys: {
      params: {}
      query: {}
      headers: {}
      body: null
      responses: {
        '200': Jwks
      }
    }
    getStatementKeys: {
      params: {}
      query: {}
      headers: {}
      body: null
      responses: {
        '200': Jwks
      }
    }
    getDocument: {
      params: {}
      query: {}
      headers: {}
      body: null
      responses: {
        '200': {
          [k: string]: unknown
        }
      }
    }
    getDocsPage: {
      params: {}
      query: {}
      headers: {}
      body: null
      responses: {
        '200': string
      }
    }
    getDocsAsset: {
      params: {
        asset: 'page.css' | 'start.js' | 'swagger-ui.css' | 'swagger-ui-bundle.js'
      }
      query: {}
      headers: {}
      body: null
      responses: {
        '200': string
        '400': Error
      }
    }
    diagnoseDeployment: {
      params: {}
      query: {}
      headers: {
        'idempotency-key'?: string
        'accept-language'?: string
      }
      body: DeploymentDiagnosticRequest
      responses: {
        '202': Task
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    diagnoseAlerts: {
      params: {}
      query: {}
      headers: {
        'idempotency-key'?: string
        'accept-language'?: string
      }
      body: AlertDiagnosticRequest
      responses: {
        '202': Task
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    diagnoseCapacity: {
      params: {}
      query: {}
      headers: {
        'idempotency-key'?: string
        'accept-language'?: string
      }
      body: CapacityRequest
      responses: {
        '200': CapacityAnalysisResponse
        '202': Task
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '502': Error
        '503': Error
      }
    }
    receiveAlerts: {
      params: {}
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: AlertmanagerNotification
      responses: {
        '202': AlertsTaken
        '400': Error
        '401': Error
        '403': Error
        '413': Error
        '415': Error
        '422': Error
        '500': Error
        '503': Error
      }
    }
    listSessions: {
      params: {}
      query: {
        page: number
        page_size: number
        start_time?: string
        end_time?: string
        service?: Name
        status?: Name
      }
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': SessionPage
        '400': Error
        '401': Error
        '403': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    getSessionStatus: {
      params: {
        session_id: string
      }
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': DiagnosticStatus
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    streamSessionEvents: {
      params: {
        session_id: string
      }
      query: {}
      headers: {
        'accept-language'?: string
        'last-event-id'?: string
      }
      body: null
      responses: {
        '200': string
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    getEvidence: {
      params: {
        session_id: string
        evidence_id: string
      }
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': Evidence
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    giveFeedback: {
      params: {
        session_id: string
      }
      query: {}
      headers: {
        'idempotency-key'?: string
        'accept-language'?: string
      }
      body: FeedbackRequest
      responses: {
        '201': Feedback
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    proposeAction: {
      params: {
        session_id: string
      }
      query: {}
      headers: {
        'idempotency-key'?: string
        'accept-language'?: string
      }
      body: Proposal
      responses: {
        '200': Approval
        '202': ProposalTaken
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    cancelSession: {
      params: {
        session_id: string
      }
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '202': Task
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    listApprovals: {
      params: {}
      query: {
        page: number
        page_size: number
        service?: Name
        status?: Name
      }
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': ApprovalPage
        '400': Error
        '401': Error
        '403': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    getApproval: {
      params: {
        approval_id: string
      }
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': Approval
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    decideApproval: {
      params: {
        approval_id: string
      }
      query: {}
      headers: {
        'idempotency-key'?: string
        'accept-language'?: string
      }
      body: Decision
      responses: {
        '200': Approval
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    listPostmortems: {
      params: {}
      query: {
        page: number
        page_size: number
      }
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': PostmortemPage
        '400': Error
        '401': Error
        '403': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    requestPostmortem: {
      params: {}
      query: {}
      headers: {
        'idempotency-key'?: string
        'accept-language'?: string
      }
      body: PostmortemRequest
      responses: {
        '202': PostmortemTask
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    getPostmortem: {
      params: {
        postmortem_id: string
      }
      query: {
        format?: 'json' | 'md' | 'html'
        time_zone?: Name
        charts?: string
      }
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': Postmortem
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    revisePostmortem: {
      params: {
        postmortem_id: string
      }
      query: {}
      headers: {
        'idempotency-key'?: string
        'accept-language'?: string
      }
      body: PostmortemRevision
      responses: {
        '200': RevisedPostmortem
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    listAnomalies: {
      params: {}
      query: {
        page: number
        page_size: number
        start_time?: string
        end_time?: string
        service?: Name
        severity?: Name
        state?: 'open' | 'closed'
      }
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': AnomalyPage
        '400': Error
        '401': Error
        '403': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    streamAnomalies: {
      params: {}
      query: {
        service?: Name
        severity?: Name
      }
      headers: {
        'accept-language'?: string
        'last-event-id'?: string
      }
      body: null
      responses: {
        '200': string
        '400': Error
        '401': Error
        '403': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    getAnomaly: {
      params: {
        anomaly_id: string
      }
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': Anomaly
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    expectAnomaly: {
      params: {
        anomaly_id: string
      }
      query: {}
      headers: {
        'idempotency-key'?: string
        'accept-language'?: string
      }
      body: ExpectationRequest
      responses: {
        '200': Expectation
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '409': Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    listForecasts: {
      params: {}
      query: {
        page: number
        page_size: number
        start_time?: string
        end_time?: string
        service?: Name
        resource?: Name
        severity?: Name
        state?: 'open' | 'closed'
      }
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': ForecastPage
        '400': Error
        '401': Error
        '403': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    streamForecasts: {
      params: {}
      query: {
        service?: Name
        resource?: Name
        severity?: Name
      }
      headers: {
        'accept-language'?: string
        'last-event-id'?: string
      }
      body: null
      responses: {
        '200': string
        '400': Error
        '401': Error
        '403': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    getForecast: {
      params: {
        forecast_id: string
      }
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': Forecast
        '400': Error
        '401': Error
        '403': Error
        '404': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    getToolStatus: {
      params: {}
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': ToolStatuses
        '400': Error
        '401': Error
        '403': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    listWorkflowTemplates: {
      params: {}
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: null
      responses: {
        '200': WorkflowTemplate[]
        '400': Error
        '401': Error
        '403': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    callMcp: {
      params: {}
      query: {}
      headers: {
        'accept-language'?: string
      }
      body: McpMessage
      responses: {
        '200': McpAnswer
        '202': null
        '400': McpAnswer | Error
        '401': Error
        '403': Error
        '404': McpAnswer | Error
        '413': Error
        '415': Error
        '422': Error
        '429': Error
        '500': Error
        '503': Error
      }
    }
    getMcpResource: {
      params: {}
      query: {}
      headers: {}
      body: null
      responses: {
        '200': McpResource
      }
    }
  }
}
export interface Health {
  status: 'healthy' | 'unhealthy'
  timestamp: string
  version?: string
  /**
   * seconds
   */
  uptime?: number
}
export interface Readiness {
  ready: boolean
  /**
   * a source that is not configured is absent
   */
  checks: {
    postgres: boolean
    bus: boolean
    chroma?: boolean
    prometheus?: boolean
    loki?: boolean
    traces?: boolean
    control_plane?: boolean
  }
  /**
   * why a required dependency is down, if known
   */
  reasons?: {
    bus?: string
  }
}
export interface Jwks {
  keys: {
    kty: string
    crv: string
    x: string
    kid: string
    use: string
    alg: string
  }[]
}
export interface Error {
  error:
    | 'INVALID_REQUEST'
    | 'AUTHENTICATION_FAILED'
    | 'INSUFFICIENT_PERMISSIONS'
    | 'RESOURCE_NOT_FOUND'
    | 'RESOURCE_CONFLICT'
    | 'VALIDATION_ERROR'
    | 'RATE_LIMITED'
    | 'INTERNAL_ERROR'
    | 'BAD_GATEWAY'
    | 'SYSTEM_OVERLOADED'
    | 'SERVICE_UNAVAILABLE'
  message: string
  /**
   * one entry per problem: the first twenty, then how many more
   *
   * @maxItems 21
   */
  details?: {
    field?: string
    message: string
  }[]
  request_id: string
}
/**
 * a request of JSON-RPC 2.0, or a notification, which has no id
 */
export interface McpMessage {
  jsonrpc: '2.0'
  id?: string | number
  method: string
  params?: {
    [k: string]: unknown
  }
}
/**
 * a response of JSON-RPC 2.0
 */
export interface McpAnswer {
  [k: string]: unknown
}
export interface McpResource {
  resource: string
  authorization_servers: string[]
  scopes_supported: string[]
  bearer_methods_supported: string[]
  resource_name: string
}
export interface TimeRange {
  start: string
  end: string
}
/**
 * further context from the caller, by name; treated as data, never as an instruction
 */
export interface Context {
  [k: string]: Text
}
export interface DeploymentDiagnosticRequest {
  incident_id: Name
  severity: 'P0' | 'P1' | 'P2' | 'P3'
  /**
   * @maxItems 100
   */
  affected_services: Name[]
  context: {
    deployment_id: Name
    service_name: Name
    namespace?: Name
    image_tag?: Name
    [k: string]: Text | undefined
  }
  time_range?: TimeRange
  /**
   * active work it may spend, seconds
   */
  max_execution_time?: number
}
export interface CapacityRequest {
  /**
   * @minItems 1
   * @maxItems 20
   */
  resource_ids: Name[]
  metric_type: 'cpu' | 'memory' | 'disk' | 'network'
  /**
   * default 30
   */
  forecast_days?: number
  namespace?: Name
}
export interface ResourceCapacity {
  /**
   * as named in the request
   */
  resource: string
  /**
   * which file system or volume claim; absent: there is only one, or the figure is for all of them
   */
  instance?: string
  /**
   * canonical name of what was measured
   */
  indicator: string
  /**
   * ratio: shares of the limit; otherwise an amount whose limit is not known
   */
  unit: string
  current_usage: {
    average: number
    peak: number
    percentile_95: number
  }
  forecast: {
    /**
     * unknown: too little history for a trend; growth_rate is then null, and chart_data has no forecast
     */
    trend: 'increasing' | 'stable' | 'decreasing' | 'unknown'
    /**
     * null: beyond what the history can forecast, or no limit is known
     */
    days_to_capacity: number | null
    /**
     * 95 % interval; null where a bound never reaches the limit
     */
    days_to_capacity_interval: {
      earliest: number | null
      latest: number | null
    }
    /**
     * per month, in percent of the current level
     */
    growth_rate: number | null
    /**
     * days of history available
     */
    history_days: number
    capacity_alerts: {
      /**
       * such as usage_80_percent
       */
      alert_type: string
      /**
       * share of the limit
       */
      threshold: number
      estimated_date: string
      days_remaining: number
      severity: 'info' | 'warning' | 'critical'
    }[]
  }
  /**
   * empty: no change needed
   */
  recommendations: {
    type: 'scale_up' | 'scale_down' | 'optimize'
    resource: string
    priority: 'immediate' | 'high' | 'medium' | 'low'
    /**
     * multiple of the current allocation: 1
     */
    current_allocation: number
    /**
     * multiple of the current allocation
     */
    recommended_allocation: number
    reasoning: string
  }[]
  /**
   * the history, then one forecast point per day
   */
  chart_data: {
    date: string
    historical: number | null
    predicted: number | null
    lower: number | null
    upper: number | null
  }[]
  /**
   * evidence_id of the history
   */
  evidence: string[]
}
/**
 * names alerts, incidents or services
 */
export interface AlertDiagnosticRequest {
  /**
   * @minItems 1
   * @maxItems 100
   */
  alert_ids?: Name[]
  /**
   * @minItems 1
   * @maxItems 100
   */
  incident_ids?: Name[]
  /**
   * seconds
   */
  correlation_window?: number
  severity?: 'P0' | 'P1' | 'P2' | 'P3'
  /**
   * @minItems 1
   * @maxItems 100
   */
  affected_services?: Name[]
  /**
   * deployment_id: a suspected deployment, before there is an incident
   */
  context?: Context & {
    namespace?: Name
    deployment_id?: Name
  }
  time_range?: TimeRange
  /**
   * active work it may spend, seconds
   */
  max_execution_time?: number
}
/**
 * further fields are ignored
 */
export interface AlertmanagerNotification {
  version: '4'
  /**
   * @maxItems 1000
   */
  alerts: AlertmanagerAlert[]
  [k: string]: unknown
}
/**
 * one with a missing or wrong field is refused without affecting the others; further fields are ignored
 */
export interface AlertmanagerAlert {
  /**
   * firing or resolved
   */
  status?: {
    [k: string]: unknown
  }
  /**
   * texts by name, without NUL; service names the service, namespace its namespace
   */
  labels?: {
    [k: string]: unknown
  }
  /**
   * texts by name, without NUL; summary is passed on
   */
  annotations?: {
    [k: string]: unknown
  }
  /**
   * RFC 3339
   */
  startsAt?: {
    [k: string]: unknown
  }
  [k: string]: unknown
}
export interface AlertsTaken {
  /**
   * sessions of the firing alerts, one or more per service
   */
  sessions: {
    session_id: string
    service: string
    namespace: string | null
  }[]
  /**
   * firing alerts that had no session before
   */
  started: number
  /**
   * firing alerts that had one
   */
  repeated: number
  /**
   * resolved alerts
   */
  resolved: number
  /**
   * firing alerts without the label service, or whose service is unknown here
   */
  ignored: number
  /**
   * what is wrong with each invalid alert: the first twenty problems, then how many more
   *
   * @maxItems 21
   */
  refused: {
    field?: string
    message: string
  }[]
}
export interface Task {
  session_id: string
  status: 'accepted' | 'processing' | 'completed' | 'failed' | 'cancelled'
  message: string
  /**
   * seconds
   */
  estimated_time?: number
}
export interface DiagnosticStatus {
  session_id: string
  /**
   * processing, awaiting_approval, acting, completed, partial, failed or cancelled
   */
  status: string
  progress: number
  current_step: string | null
  /**
   * what it is doing now
   */
  message: string | null
  requested_at: string
  service: string | null
  kind: string
  approvals: string[]
  result: DiagnosticResult | null
  /**
   * why it is partial, failed or cancelled
   */
  error: string | null
  /**
   * the stable code of error, such as unknown_service or source_failed; new ones may be added
   */
  error_code: string | null
  /**
   * the latest of each person, newest first
   */
  feedback: Feedback[]
}
export interface DiagnosticResult {
  /**
   * incident, nothing_wrong or inconclusive; null when there is none
   */
  verdict: string | null
  revision: number
  onset: string | null
  /**
   * state of the incident at the end of the window: going_on, recovering or over
   */
  phase: string | null
  summary: string
  /**
   * what could not be examined
   */
  missing: string[]
  ruled_out: {
    change_id?: string
    service?: string
    reason: string
  }[]
  /**
   * which known change caused it, as probabilities that add up to 1, given that something is wrong; null: no change is known, or no cause was looked for
   */
  suspected_changes: {
    /**
     * alternatives, most likely first; those left out add up to at most 1 %
     */
    suspects: {
      change_id: string
      /**
       * the changed service; null: unknown
       */
      service: string | null
      probability: number
      /**
       * what was changed, and when
       */
      text: string
      evidence: string[]
    }[]
    /**
     * that none of these changes caused it
     */
    none: number
  } | null
  findings: Finding[]
  root_causes: {
    rank: number
    service: string
    indicator: string | null
    /**
     * the change of this service that more likely than not caused it; null: there is none
     */
    change_id: string | null
    score: number
    explanation: string
    evidence: string[]
    /**
     * when its own signals began to move
     */
    since: string | null
    /**
     * when they recovered, if they did
     */
    until: string | null
    /**
     * going_on, recovering or over; null: none of its signals moved
     */
    phase: string | null
    /**
     * a separate incident, which does not explain the first
     */
    separate: boolean
  }[]
  recommended_actions: {
    title: string
    type: string
    risk: string
    approval_id?: string
  }[]
  confidence_score: number
  tools_used: string[]
  /**
   * active work, seconds
   */
  execution_time: number
  /**
   * null when no model was used
   */
  usage: {
    model: string
    input_tokens: number
    output_tokens: number
    cost_usd: number
  } | null
}
export interface Finding {
  source: string
  /**
   * critical, warning or info
   */
  severity: string
  service: string | null
  message: string
  evidence: string[]
  timestamp: string | null
}
export interface Feedback {
  /**
   * right, partly or wrong; open
   */
  verdict: string
  /**
   * what the cause was
   */
  root_cause: string | null
  note: string | null
  /**
   * of the person
   */
  role: string
  /**
   * of the result that was judged
   */
  revision: number
  at: string
}
export interface FeedbackRequest {
  verdict: 'right' | 'partly' | 'wrong'
  root_cause?: FeedbackText
  note?: FeedbackText
}
export interface Proposal {
  action: Name
  /**
   * by name, as the catalogue defines them
   */
  parameters?: {
    [k: string]: ParameterValue
  }
  service?: Name
  namespace?: Name
  reason: FeedbackText
}
export interface ProposalTaken {
  session_id: string
  /**
   * the approval that it becomes
   */
  approval_id: string
  message: string
}
export interface Proposer {
  /**
   * who may not decide on it
   */
  id: string
  /**
   * role of the person, or machine
   */
  role: string
  /**
   * the OAuth client that was used
   */
  client: string
  /**
   * api, or mcp: by an assistant; open
   */
  via: string
}
export interface ProgressEvent {
  agent: string
  step: string
  progress: number
  message: string
  occurred_at: string
}
export interface ToolCallEvent {
  evidence_id: string
  tool: string
  operation: string
  /**
   * ok, no_data or failed
   */
  status: string
  query: string
  summary: string
  error: string | null
  duration_ms: number
  occurred_at: string
}
export interface ApprovalEvent {
  approval_id: string
  /**
   * requested, declined (a proposed action), counted (another person has to approve), closed or acted
   */
  state: string
  /**
   * how the approval was closed, or how the action ended
   */
  outcome?: string
  /**
   * helped, partly, no_change, worse or unknown, after an action; open
   */
  effect?: string
  message: string
  occurred_at: string
}
export interface SessionSummary {
  session_id: string
  kind: string
  service: string | null
  status: string
  progress: number
  requested_at: string
  requested_by: string
  verdict: string | null
  summary: string | null
}
export interface Pagination {
  page: number
  page_size: number
  total: number
  total_pages: number
}
export interface SessionPage {
  items: SessionSummary[]
  pagination: Pagination
}
export interface Evidence {
  evidence_id: string
  session_id: string
  run_id: string
  tool: string
  operation: string
  /**
   * ok, no_data or failed
   */
  status: string
  /**
   * the query that ran, as the source understands it
   */
  query: string
  time_range: TimeRange | null
  /**
   * a URL a person can open to see the same
   */
  link: string | null
  summary: string
  /**
   * the upstream error in full
   */
  error: string | null
  warnings: string[]
  /**
   * the answer as JSON; null when there is none
   */
  data: {
    [k: string]: unknown
  }
  /**
   * true when the full answer holds more data
   */
  downsampled: boolean
  redactions: number
  duration_ms: number
}
/**
 * names incidents or sessions
 */
export interface PostmortemRequest {
  /**
   * @minItems 1
   * @maxItems 100
   */
  incident_ids?: Name[]
  /**
   * @minItems 1
   * @maxItems 100
   */
  session_ids?: string[]
  /**
   * of Markdown and HTML for readers who send no Accept-Language
   */
  language?: 'en' | 'zh-TW'
}
export interface PostmortemTask {
  postmortem_id: string
  status: string
  message: string
}
export interface PostmortemSummary {
  postmortem_id: string
  /**
   * processing, completed, partial (a source or events are missing), failed or cancelled; open
   */
  status: string
  /**
   * draft, reviewed or published; open; null: there is no report
   */
  state: string | null
  incident_ids: string[]
  session_ids: string[]
  title: string | null
  summary: string | null
  /**
   * why there is no report
   */
  error: string | null
  /**
   * the same as a stable code: unknown_ids, source_failed …
   */
  error_code: string | null
  requested_at: string
  completed_at: string | null
}
export interface Postmortem {
  postmortem_id: string
  /**
   * processing, completed, partial (a source or events are missing), failed or cancelled; open
   */
  status: string
  incident_ids: string[]
  session_ids: string[]
  title: string | null
  summary: string | null
  /**
   * why there is no report
   */
  error: string | null
  /**
   * the same as a stable code: unknown_ids, source_failed …
   */
  error_code: string | null
  requested_at: string
  completed_at: string | null
  /**
   * that of the report, plus one for each edit; null: it is being written
   */
  revision: number | null
  /**
   * draft, reviewed or published; open; null: there is no report
   */
  state: string | null
  edited: PostmortemEdited
  revisions: PostmortemEdit[]
  /**
   * the report (docs/reference/postmortem.schema.json) with the action items as people left them; it has texts in both languages and times in ms
   */
  report: {
    [k: string]: unknown
  } | null
}
/**
 * what people wrote
 */
export interface PostmortemEdited {
  /**
   * per language; a language without one shows the computed summary
   */
  summary: {
    [k: string]: string
  }
  notes: string | null
  impact_notes: string | null
}
/**
 * one edit, by the role of its writer
 */
export interface PostmortemEdit {
  revision: number
  at: string
  role: string
  /**
   * state, summary, action_items, notes or impact_notes; open
   */
  changed: string[]
  state: string
  /**
   * false: another edit with the same number came before it
   */
  counts: boolean
}
/**
 * what is not named stays as it is
 */
export interface PostmortemRevision {
  /**
   * the revision that was read
   */
  revision: number
  state?: 'draft' | 'reviewed' | 'published'
  summary?: {
    en?: PostmortemText
    'zh-TW'?: PostmortemText
  }
  notes?: PostmortemText
  impact_notes?: PostmortemText
  /**
   * those that change, by id; one without an id is new
   *
   * @minItems 1
   * @maxItems 100
   */
  action_items?: ActionItemChange[]
}
export interface ActionItemChange {
  id?: Name
  /**
   * of a new item, which needs it
   */
  type?: 'prevent' | 'mitigate' | 'detect' | 'respond' | 'learn'
  /**
   * of a new item, which needs it
   */
  text?: string
  /**
   * default of a new item: medium
   */
  priority?: 'high' | 'medium' | 'low'
  /**
   * null: to be named
   */
  owner?: string | null
  state?: 'open' | 'done' | 'dropped'
}
export interface RevisedPostmortem {
  postmortem: Postmortem
  warnings: {
    field: string
    /**
     * person or blame; open
     */
    code: string
    message: string
  }[]
}
export interface PostmortemPage {
  items: PostmortemSummary[]
  pagination: Pagination
}
export interface ExpectationRequest {
  /**
   * from now, at most 30 days; 0: it is not expected any more
   */
  seconds: number
  reason?: FeedbackText
}
/**
 * what a person last said of it; no longer in force once `until` has passed
 */
export interface Expectation {
  /**
   * not after `at`: it is not expected any more
   */
  until: string
  reason: string | null
  /**
   * of the person
   */
  role: string
  at: string
}
/**
 * what goes off together in services that call each other, as its latest announcement says
 */
export interface Anomaly {
  anomaly_id: string
  state: 'open' | 'closed'
  /**
   * of the latest announcement: opened, updated or closed; open
   */
  phase: string
  /**
   * the service it most likely starts from
   */
  service: string
  /**
   * its namespace; null: it has none, or several
   */
  namespace: string | null
  /**
   * all affected services, strongest first
   */
  services: string[]
  /**
   * critical, warning or info; open
   */
  severity: string
  /**
   * how surprising the strongest of its services is; 2 and more is announced
   */
  score: number
  /**
   * first measurement outside the expected range
   */
  since: string
  /**
   * of the latest announcement
   */
  updated_at: string
  /**
   * null: it is open
   */
  closed_at: string | null
  /**
   * recovered, settled, no_data, joined or expected; open; null: it has not ended
   */
  ending: string | null
  /**
   * the anomaly that it became a part of
   */
  joined_to: string | null
  /**
   * the diagnosis that was asked for because of it; null: none was
   */
  session_id: string | null
  expectation: Expectation | null
  /**
   * series outside their expected range, strongest first, at most ten; when closed, as last seen outside
   */
  series: AnomalousSeries[]
  /**
   * seconds between the values of `recent`
   */
  step: number
}
export interface AnomalousSeries {
  /**
   * the measured service
   */
  service: string
  /**
   * what is measured: latency_p95, error_ratio, memory …
   */
  indicator: string
  /**
   * of value, expected, lower, upper and recent: ms, ratio, bytes, 1/s …; null: unknown
   */
  unit: string | null
  /**
   * above or below its range
   */
  direction: string
  /**
   * the last value
   */
  value: number
  /**
   * the value that was expected
   */
  expected: number
  /**
   * lower end of the expected range
   */
  lower: number
  /**
   * upper end of the expected range
   */
  upper: number
  /**
   * first measurement outside the range
   */
  since: string
  /**
   * -log10 of how often a week the series goes this far by itself
   */
  surprise: number
  /**
   * whether users notice a change of this size
   */
  felt: boolean
  /**
   * the last values, oldest first; null: not measured
   */
  recent: (number | null)[]
}
export interface AnomalyPage {
  items: Anomaly[]
  pagination: Pagination
}
/**
 * when something that can be full or spent will be, as its latest announcement says
 */
export interface Forecast {
  forecast_id: string
  state: 'open' | 'closed'
  /**
   * of the latest announcement: produced, revised or closed; open
   */
  phase: string
  /**
   * the measured service
   */
  service: string
  /**
   * its namespace; null: it has none, or several
   */
  namespace: string | null
  /**
   * disk, memory, connections, file_handles, queue, quota, certificate or error_budget; open
   */
  resource: string
  /**
   * what is measured: disk, memory_ratio, connections …
   */
  indicator: string
  /**
   * of value, limit, path and recent: ratio, % or days; null: unknown
   */
  unit: string | null
  /**
   * pod, host or volume that is full first; null: the service has none
   */
  instance: string | null
  /**
   * critical: full within an hour; warning: within a day; info: later; open
   */
  severity: string
  /**
   * the last value
   */
  value: number
  /**
   * the value at which nothing is left
   */
  limit: number
  /**
   * since when it has been going there like this, as far as that is known
   */
  since: string
  /**
   * when it reaches the limit; when closed, as last announced
   */
  full_at: string
  /**
   * start of the interval that holds the moment
   */
  earliest: string
  /**
   * end of that interval; null: it may never be full
   */
  latest: string | null
  /**
   * probability for which the intervals are computed, between 0 and 1
   */
  level: number
  /**
   * of the latest announcement
   */
  updated_at: string
  /**
   * null: it is open
   */
  closed_at: string | null
  /**
   * full, freed, slowed or no_data; open; null: it has not ended
   */
  ending: string | null
  /**
   * the diagnosis that was asked for because of it; null: none was
   */
  session_id: string | null
  /**
   * the way to the limit with its interval, evenly spaced
   */
  path: ForecastPoint[]
  /**
   * the last values, oldest first; null: not measured
   */
  recent: (number | null)[]
  /**
   * seconds between the values of `recent`
   */
  step: number
}
export interface ForecastPoint {
  time: string
  /**
   * what is expected
   */
  value: number
  /**
   * lower end of the interval
   */
  lower: number
  /**
   * upper end of the interval
   */
  upper: number
}
export interface ForecastPage {
  items: Forecast[]
  pagination: Pagination
}
export interface ToolStatuses {
  [k: string]: ToolStatus
}
export interface ToolStatus {
  /**
   * available; degraded: queries fail, or not every agent gets an answer; unavailable; not_configured; unknown: no agent with this tool reports any more; open
   */
  status: string
  /**
   * URL, without credentials; null: not over HTTP, or not configured
   */
  endpoint: string | null
  /**
   * of the last check, seconds
   */
  response_time: number | null
  /**
   * operations it answers
   */
  capabilities: string[]
  /**
   * why it is not available
   */
  error: string | null
  checked_at: string | null
  /**
   * to a check or a query; null: it never answered
   */
  last_answer_at: string | null
  reports: ToolReport[]
}
/**
 * how one instance of an agent sees the tool
 */
export interface ToolReport {
  agent: string
  instance: string
  version: string
  reported_at: string
  /**
   * the instance has missed three reports: it is gone, or cut off from the bus
   */
  stale: boolean
  /**
   * as in ToolStatus; open
   */
  status: string
  /**
   * of the last check, seconds
   */
  response_time: number | null
  /**
   * queries between its last two reports
   */
  calls: number
  /**
   * how many of them failed
   */
  failed_calls: number
  error: string | null
}
export interface WorkflowTemplate {
  /**
   * diagnosis, capacity, action …; open
   */
  id: string
  name: string
  /**
   * of the handler that runs it
   */
  version: string
  agent: string
  /**
   * kinds of session that it handles; empty for actions
   */
  kinds: string[]
  /**
   * in order
   */
  steps: {
    /**
     * as in current_step, where the agent announces it
     */
    id: string
    name: string
  }[]
  /**
   * seconds: median time from the request to the result, or of an action that succeeded, with its verification; null: none yet
   */
  estimated_duration: number | null
  /**
   * 0 to 1: share that ended with a result (completed or partial), or of actions that succeeded; null: none has finished
   */
  success_rate: number | null
  /**
   * how many these figures are of; cancelled ones do not count
   */
  finished: number
}
export interface Action {
  type: string
  service: string
  namespace: string | null
  parameters: {
    [k: string]: string
  }
  target_state: {
    [k: string]: string
  }
}
export interface Approval {
  approval_id: string
  session_id: string
  /**
   * pending (also while a second approval is needed), decided (not yet judged by the executor), approved, rejected, expired, refused, joined or overtaken; open
   */
  status: string
  action: Action
  /**
   * SHA-256 over the canonical JSON (RFC 8785) of action
   */
  action_hash: string
  title: string
  reason: string
  risk: string
  requested_by: string
  /**
   * who proposed it by hand or through an assistant; null: an agent, from its evidence
   */
  proposed_by: Proposer | null
  requested_at: string
  approver_roles: string[]
  expires_at: string
  evidence: string[]
  /**
   * how many different people have to approve: 2 for critical (or unknown) risk, otherwise 1. One rejection is enough.
   */
  approvals_needed: number
  /**
   * who has approved so far, each person once
   */
  approvals: {
    approved_by: string
    /**
     * null: known only from the closing
     */
    reason: string | null
    approved_at: string | null
  }[]
  /**
   * the indicators measured again after the action, with their levels before
   */
  checks: {
    service: string
    indicator: string
    normal: number | null
    disturbed: number | null
    /**
     * unit of the levels: s, ms, bytes, ratio, 1/s …; null: unknown
     */
    unit: string | null
  }[]
  /**
   * what would undo the action, or why nothing can; empty: not told
   */
  undo: string
  /**
   * the approval whose action this one undoes
   */
  undoes: string | null
  /**
   * the latest decision signed through this gateway, whether or not the executor accepted it
   */
  decision: {
    decision: string
    decided_by: string
    reason: string
    decided_at: string
  } | null
  /**
   * how the executor closed the approval
   */
  closed: {
    outcome: string
    code: string
    reason: string | null
    decided_by: string | null
    closed_at: string
    /**
     * the open approval of the same action that this one joined; its outcome applies to both
     */
    joined_approval: string | null
  } | null
  /**
   * how the action ended and whether it helped
   */
  outcome: {
    /**
     * succeeded, failed, not_run, or unknown: it may have run
     */
    outcome: string
    /**
     * helped, partly, no_change, worse or unknown; open
     */
    effect: string
    /**
     * why it did not succeed: a stable code, not translated
     */
    code: string | null
    output: string | null
    /**
     * why it did not succeed
     */
    error: string | null
    finished_at: string | null
    checks: {
      service: string
      indicator: string
      effect: string
      normal: number | null
      disturbed: number | null
      after: number | null
      /**
       * of the three levels: s, ms, bytes, ratio …; null: unknown
       */
      unit: string | null
      error: string | null
    }[]
  } | null
  /**
   * how the identity provider names the people above, by <issuer>|<subject>; without an entry the name is unknown
   */
  names: {
    [k: string]: string
  }
  /**
   * true: a closing or an outcome of this approval was published without the executor's signature. It was ignored and kept as a dead letter.
   */
  ignored_statement: boolean
}
export interface ApprovalPage {
  items: Approval[]
  pagination: Pagination
}
export interface Decision {
  decision: 'approved' | 'rejected'
  reason: string
  /**
   * hash of the action that was reviewed
   */
  action_hash: string
}
