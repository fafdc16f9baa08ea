/**
 * Takes up an action that a person or a program proposes. What follows is the same as for a proposal of this agent: the gateway knows neither the
 * catalogue nor the target. The state of the target is read now; the levels to verify by are those that the diagnosis measured.
 */
import type { CatalogueAction } from '../../actions/catalogue.ts'
import { withDefaults } from '../../actions/catalogue.ts'
import type { Text } from '../../analysis/verdict.ts'
import type { ActionProposed, DiagnosisRequested } from '../../schemas/events.generated.ts'
import { visibleLines } from '../../schemas/visible.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import { emit, type Emission, type Outgoing, type Run, type RunEnd } from '../runtime/agent.ts'
import { askOne } from '../runtime/ask.ts'
import type { Evidence, EvidenceOwner, EvidenceStore } from '../runtime/evidence.ts'
import { evidenceEvents } from '../runtime/evidence-events.ts'
import { redactText } from '../runtime/redaction.ts'
import { ownedTools } from '../tools/owned/owned.ts'
import type { Resource, Tools } from '../tools/tools.ts'
import { boundTo, objectionOf, proposalOf } from './exact-action.ts'
import { foreignTo } from './foreign.ts'
import { seriesIn } from './observe.ts'
import { byLanguage } from './report.ts'
import { approvalRequested, type ProposalOptions } from './request-approval.ts'
import type { Refusal } from './result.ts'
import { edgesOf } from './scope.ts'

export interface TakingOptions extends ProposalOptions {
  toolsFor(request: Pick<DiagnosisRequested, 'context'>): { tools: Tools } | { refused: Refusal }
  tenants: Tenants
  evidence: EvidenceStore
}

/** characters of a reason, as the gateway allows */
const LONGEST_REASON = 2000

export async function* takeProposal(asked: ActionProposed, run: Run, options: TakingOptions): AsyncIterable<Emission> {
  const { service, namespace } = asked
  const { catalogue } = options
  const objection = wrongIn(asked, options)
  if (objection !== null) return yield declined(asked, objection)
  const source = options.toolsFor(asked)
  if ('refused' in source) return yield declined(asked, source.refused)

  const entry = catalogue.get(asked.type) as CatalogueAction
  const owner: EvidenceOwner = { runId: run.id, sessionId: asked.session_id, tenant: run.tenant, agent: 'assistant' }
  const measured = await recall(asked, run, options.evidence)
  const tools = ownedTools(source.tools, options.tenants.of(run.tenant))
  const state = await askOne(run, owner, options.evidence, 'target', (context) =>
    tools.controlPlane.resources({ service }, context),
  )
  const told = evidenceEvents(owner, [state])
  const bound = boundTo(entry, { service, namespace, state })
  if ('against' in bound) return yield [...told, declined(asked, bound.against)]
  const words = visibleLines(redactText(asked.reason.slice(0, LONGEST_REASON)).text)
  const exact = proposalOf(
    {
      ...{ entry, bound, namespace, parameters: asked.parameters, since: asked.since },
      ...{ reason: { en: words, 'zh-TW': words }, evidence: [state.id] },
    },
    {
      catalogue,
      observations: { series: seriesIn(measured), edges: edgesOf(resourcesIn(measured)) },
      toolOf: (id) => measured.find((one) => one.id === id)?.tool,
    },
  )
  if ('against' in exact) return yield [...told, declined(asked, exact.against)]
  const asker = { sessionId: asked.session_id, approvalId: asked.approval_id, requestedBy: asked.requested_by }
  yield [...told, approvalRequested(exact.proposal, { ...asker, proposedBy: asked.proposed_by }, run, options)]
}

/** What can be said before anything is read. */
function wrongIn(asked: ActionProposed, { catalogue, tenants }: TakingOptions): Declining | null {
  const { type, service, namespace, parameters } = asked
  const foreign = foreignTo(tenants.of(asked.tenant), { service, affected_services: [], namespace })
  if (foreign !== null) return foreign
  const entry = catalogue.get(type)
  const given = entry === undefined ? parameters : { ...withDefaults(entry, parameters), ...parameters }
  const objection = objectionOf(catalogue, { type, service, namespace, parameters: given, target_state: {} })
  return objection?.code === 'unbound_action' ? null : objection
}

/** The metrics and services that the diagnosis has seen. */
async function recall(asked: ActionProposed, run: Run, store: EvidenceStore): Promise<Evidence[]> {
  const owner = { tenant: run.tenant, sessionId: asked.session_id, runId: asked.diagnosis_run }
  return store.load(await run.step('recall', () => store.idsOf(owner, ['golden-signals', 'resources'])))
}

const resourcesIn = (evidence: readonly Evidence[]): Resource[] =>
  evidence
    .filter((one) => one.operation === 'resources' && one.status === 'ok')
    .flatMap((one) => one.data as Resource[])

interface Declining {
  code: string
  text: Text
}

const FIELDS: Readonly<Record<string, string>> = {
  unknown_action: 'action',
  invalid_parameters: 'parameters',
  nothing_to_do: 'parameters',
  not_found: 'service',
}

const declined = ({ session_id, approval_id }: ActionProposed, { code, text }: Declining): Outgoing =>
  emit('ActionDeclined', { session_id, approval_id, code, field: FIELDS[code] ?? null, reason: byLanguage(text) })

/** The answer if the run failed or was cancelled. */
export function givenUp(asked: ActionProposed, { published, status, code }: RunEnd): Outgoing[] {
  if (published.has('ApprovalRequested') || published.has('ActionDeclined')) return []
  const text =
    status === 'cancelled'
      ? { en: 'the session was cancelled', zh: '工作階段已取消' }
      : { en: `it could not be examined (${code})`, zh: `無法檢查此動作（${code}）` }
  return [declined(asked, { code, text })]
}
