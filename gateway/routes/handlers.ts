import type { Checks } from '../checks.ts'
import type { Document } from '../document.ts'
import type { Gateway, Handler, OpenHandler, OperationId } from '../gateway.ts'
import { callMcp } from '../mcp/endpoint.ts'
import { getMcpResource } from '../mcp/metadata.ts'
import { receiveAlerts } from './alertmanager.ts'
import { expectAnomaly, getAnomaly, listAnomalies, streamAnomalies } from './anomalies.ts'
import { decideApproval, getApproval, listApprovals } from './approvals.ts'
import { diagnoseCapacity } from './capacity.ts'
import { getDocsAsset, getDocsPage, getDocument } from './docs.ts'
import { diagnoseAlerts, diagnoseDeployment } from './diagnose.ts'
import { giveFeedback } from './feedback.ts'
import { getForecast, listForecasts, streamForecasts } from './forecasts.ts'
import { getDecisionKeys, getHealth, getMetrics, getReadiness, getStatementKeys } from './health.ts'
import { proposeAction } from './proposals.ts'
import { getPostmortem, listPostmortems, requestPostmortem } from './postmortems.ts'
import { revisePostmortem } from './postmortem-edits.ts'
import { cancelSession, getEvidence, getSessionStatus, listSessions } from './sessions.ts'
import { streamSessionEvents } from './stream.ts'
import { getToolStatus } from './tools.ts'
import { listWorkflowTemplates } from './workflows.ts'

/** One handler per operation of the document; the type ensures that none is missing or extra. */
export function createHandlers(gateway: Gateway, rules: { document: Document; checks: Checks }) {
  const handlers = {
    getHealth: getHealth(gateway),
    getReadiness: getReadiness(gateway),
    getMetrics: getMetrics(gateway),
    getDecisionKeys: getDecisionKeys(gateway),
    getStatementKeys: getStatementKeys(gateway),
    getDocument: getDocument(gateway),
    getDocsPage: getDocsPage(),
    getDocsAsset: getDocsAsset(),
    diagnoseDeployment: diagnoseDeployment(gateway),
    diagnoseAlerts: diagnoseAlerts(gateway),
    receiveAlerts: receiveAlerts(gateway),
    diagnoseCapacity: diagnoseCapacity(gateway),
    listSessions: listSessions(gateway),
    getSessionStatus: getSessionStatus(gateway),
    streamSessionEvents: streamSessionEvents(gateway),
    getEvidence: getEvidence(gateway),
    giveFeedback: giveFeedback(gateway),
    proposeAction: proposeAction(gateway),
    cancelSession: cancelSession(gateway),
    listApprovals: listApprovals(gateway),
    getApproval: getApproval(gateway),
    decideApproval: decideApproval(gateway),
    requestPostmortem: requestPostmortem(gateway),
    listPostmortems: listPostmortems(gateway),
    getPostmortem: getPostmortem(gateway),
    revisePostmortem: revisePostmortem(gateway),
    listAnomalies: listAnomalies(gateway),
    streamAnomalies: streamAnomalies(gateway),
    getAnomaly: getAnomaly(gateway),
    expectAnomaly: expectAnomaly(gateway),
    listForecasts: listForecasts(gateway),
    streamForecasts: streamForecasts(gateway),
    getForecast: getForecast(gateway),
    getToolStatus: getToolStatus(gateway),
    listWorkflowTemplates: listWorkflowTemplates(gateway),
    getMcpResource: getMcpResource(gateway),
  }
  return { ...handlers, callMcp: callMcp(gateway, { ...rules, handlers }) } satisfies {
    [Id in OperationId]: Handler<Id> | OpenHandler<Id>
  }
}
