/** The commands of README.md and the guides, in order, with the expected output on a fresh platform. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface Documented {
  file: string
  line: string
}

/** Each line of each code block without a language, without comments. */
export function documentedCommands(): Documented[] {
  const guides = readdirSync(join(root, 'docs/guides')).sort().map((name) => `docs/guides/${name}`) // prettier-ignore
  return ['README.md', ...guides].flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^```(\w*)\n([^]*?)^```/gm)]
      .flatMap(([, language, block = '']) => (language === '' ? block.split('\n') : []))
      .map((line) => line.replace(/ {2,}#.*$/, '').trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => ({ file, line })),
  )
}

/** Values known to a reader at this point. */
export interface InHand {
  password: string
  /** full ids, or their last characters */
  session: string
  evidence: string
  approval: string
  postmortem: string
}

/** The arguments for `sre`; `<…>`, `…`, DIR and FILE are replaced by the reader's values. */
export interface Runs {
  args: (given: InHand) => string[]
  input?: (given: InHand) => string
  code?: number
  says: RegExp
}

export type Known = Runs | { elsewhere: string }

const RECORDING = join(root, 'test/scenarios/train-ticket-07')
const words = (line: string): string[] => line.split(' ').slice(2)
const asWritten = (line: string, says: RegExp, code = 0): [string, Runs] => [line, { args: () => words(line), code, says }] // prettier-ignore

/** Commands that cannot run on a fresh platform alone, and the tests that cover them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci && npm start': 'begins this test; npm ci is how it came to be installed',
  'npm test': 'is what this test is a part of',
  'PROMETHEUS_URL=http://… LOKI_URL=http://… npx sre start': 'needs a Prometheus: test/cli/own-systems.test.ts',
  'npx sre record --service checkout --since 1h incident-1': 'needs a Prometheus: test/cli/record.test.ts',
  'export DATABASE_URL=… KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=… OIDC_ISSUER=… CONTROL_PLANE_URL=… PROMETHEUS_URL=… LOKI_URL=…':
    'needs all of these servers: test/cli/serving.test.ts',
  'export ASSISTANT_CLIENT_SECRET=… EXECUTOR_CLIENT_SECRET=… POSTMORTEM_CLIENT_SECRET=… DECISION_KEYS=sre-gateway=http://127.0.0.1:8080/.well-known/jwks.json':
    'needs all of these servers: test/cli/serving.test.ts',
  'npx sre serve gateway': 'test/cli/serving.test.ts',
  'npx sre serve assistant': 'test/cli/serving.test.ts',
  'npx sre serve executor': 'test/cli/serving.test.ts',
  'npx sre postmortem edit <id>': 'needs an editor: test/cli/postmortem.test.ts',
  'npx sre anomalies show <id>': 'needs an anomaly: test/cli/anomalies.test.ts',
  'npx sre anomalies expect <id> --for 2h --reason "load test"': 'needs an anomaly: test/cli/anomalies.test.ts',
  'npx sre anomalies expect <id> --undo': 'needs an anomaly: test/cli/anomalies.test.ts',
  'npx sre forecasts show <id>': 'needs a forecast: test/cli/forecasts.test.ts',
  'npx sre serve postmortem': 'test/cli/serving.test.ts',
  'npx sre serve anomaly': 'needs a Prometheus: test/anomaly/serving.test.ts',
  'npx sre postmortem <session> --format html --output postmortem.html': 'writes a file: test/cli/postmortem.test.ts',
  'LAB_TOKEN=secret npx sre serve lab': 'test/cli/serving-lab.test.ts',
  'npx sre lab faults': 'test/lab/switchboard.test.ts',
  'npx sre lab fault memory-leak --for 5m': 'would disturb the other commands: test/lab/switchboard.test.ts',
  'npx sre lab fault memory-leak --off': 'test/lab/switchboard.test.ts',
  'npx sre record --since 15m incident-1': 'writes a folder: test/cli/record-shop.test.ts',
  'npx sre connect kubernetes': 'needs a cluster: test/connect/watch.test.ts and objects.test.ts',
  'npx sre connect github': 'needs a webhook: test/connect/diagnosis.test.ts',
  'npx sre connect webhook': 'needs a webhook: test/connect/diagnosis.test.ts',
  'docker compose --profile memory up --detach': 'needs containers: test/deploy/servers.test.ts starts this Chroma',
  'docker compose run --rm --volume ./runbooks:/runbooks:ro sre memory ingest /runbooks':
    'needs containers: test/memory/memory.test.ts',
  'export CHROMA_URL=http://127.0.0.1:8000': 'needs a Chroma: test/memory/memory.test.ts',
  'export EMBEDDINGS_URL=http://127.0.0.1:11434/v1 EMBEDDINGS_MODEL=bge-m3':
    'needs an embedding model: test/memory/memory.test.ts',
  'export ANTHROPIC_API_KEY=<key> SRE_MODEL=<name>': 'needs a paid model: test/model/check.test.ts has a stand-in',
  'npx sre model check': 'needs a paid model: test/model/check.test.ts has a stand-in',
  'npx sre memory ingest runbooks': 'needs a Chroma: test/memory/memory.test.ts',
  'npx sre memory search cart answers slowly, and CART-4711 in its log': 'needs a Chroma: test/memory/memory.test.ts',
  'npx sre memory search "pool exhausted" --service cart': 'needs a Chroma: test/memory/memory.test.ts',
  'npx sre memory show <id>': 'needs a Chroma: test/memory/memory.test.ts',
  'npx sre memory forget runbooks/cart.md': 'needs a Chroma: test/memory/memory.test.ts',
  'npx sre doctor': 'needs the systems of a platform: test/cli/doctor.test.ts',
  'npx sre doctor gateway assistant': 'needs the systems of a platform: test/cli/doctor.test.ts',
  'npx sre topics plan': 'needs Kafka: test/cli/operating.test.ts',
  'npx sre topics apply': 'needs Kafka: test/cli/operating.test.ts',
  'npx sre topics apply --acls --dry-run': 'needs Kafka: test/flow/acls.test.ts',
  'npx sre topics strimzi --cluster my-cluster': 'test/cli/administer.test.ts',
  'npx sre topics kafka-tools': 'test/cli/administer.test.ts',
  'npx sre topics apply --acls': 'needs Kafka: test/flow/acls.test.ts',
  'npx sre topics apply --prune-acls': 'needs Kafka: test/flow/acls.test.ts',
  'npx sre schemas register': 'needs a registry: test/cli/operating.test.ts',
  'npx sre schemas release': 'writes into schemas/released: test/cli/operating.test.ts',
  ...Object.fromEntries(
    [
      'export COMPOSE_FILE=docker-compose.kafka.yml',
      '(umask 077 && sh deploy/make-env.sh > .env)',
      'docker compose up --detach --build',
      'docker compose run --rm add-person alice team_manager',
      'docker compose run --rm sre login --device',
      'docker compose run --rm sre diagnose --service checkout --since 1h --watch',
      'docker compose --profile act up --detach',
      'docker compose --profile try up --detach',
    ].map((line) => [line, 'needs a container engine: test/deploy/compose.test.ts and test/identity/keycloak.test.ts']),
  ),
  ...Object.fromEntries(
    [
      'docker build -t registry.example.com/sre-platform:0.1.0 .',
      'docker push registry.example.com/sre-platform:0.1.0',
      'kubectl apply -f deploy/kubernetes/namespace.yaml -n sre-platform',
      'kubectl -n sre-platform create secret generic sre-database --from-literal=url=postgresql://…',
      'kubectl -n sre-platform create secret generic sre-clients --from-literal=assistant=… --from-literal=executor=… --from-literal=postmortem=…',
      'kubectl -n sre-platform create secret generic sre-alerts --from-literal=token=…',
      'kubectl apply -k deploy/kubernetes',
      'kubectl -n sre-platform port-forward service/gateway 8080',
      'kubectl -n sre-platform create secret generic gateway-keys --from-file=first.jwk.json',
      'kubectl -n sre-platform create secret generic gateway-keys --from-file=first.jwk.json --from-file=second.jwk.json --dry-run=client -o yaml | kubectl apply -f -',
      'SRE_GATEWAY_URL=http://127.0.0.1:8080 OIDC_ISSUER=https://… npx sre login',
      'SRE_GATEWAY_URL=http://127.0.0.1:8080 OIDC_ISSUER=https://… npx sre diagnose --service checkout --since 1h --watch',
    ].map((line) => [line, 'needs a cluster: test/deploy/kubernetes.test.ts']),
  ),
  ...Object.fromEntries(
    [
      'npm ci',
      '(umask 077 && sh deploy/make-env.sh deploy/own-systems.env > sre.env)',
      'set -a && . ./sre.env && set +a',
      'KEYCLOAK_ADMIN_PASSWORD=… npx node deploy/keycloak/add-realm.ts',
      'KEYCLOAK_ADMIN_PASSWORD=… npx node deploy/keycloak/add-person.ts alice team_manager',
    ].map((line) => [line, 'needs a Keycloak: test/deploy/own-systems.test.ts']),
  ),
  'npx sre migrate': 'needs a database: test/cli/starting-together.test.ts',
  'npx sre keys create > first.jwk.json': 'test/cli/keys.test.ts',
  'npx sre keys create --signs-in 15m > second.jwk.json': 'test/cli/keys.test.ts',
  'npx sre dlq show <id>': 'needs a dead letter: test/cli/dead-letters.test.ts',
  'npx sre dlq redrive <id>': 'needs a dead letter: test/cli/dead-letters.test.ts',
}

const IS_OR_WAS = /^(incident|inconclusive) \(confidence \d+ %/m

const RUN: Readonly<Record<string, Runs>> = Object.fromEntries<Runs>([
  [
    'npx sre login',
    {
      args: () => ['login', '--username', 'alice', '--password-stdin'],
      input: ({ password }) => `${password}\n`,
      says: /signed in as alice \(team_manager\)/,
    },
  ],
  asWritten('npx sre diagnose --service checkout --since 1h --watch', IS_OR_WAS),
  asWritten('npx sre diagnose --service checkout --since 30m --watch', /^incident \(confidence[^]*cart/m),
  asWritten('npx sre sessions', /^[0-9a-f]{6} .* awaiting approval +(checkout|cart)/m),
  ['npx sre show <session>', { args: ({ session }) => ['show', session], says: /Root causes:\n {2}1\. / }],
  [
    'npx sre evidence <id>',
    { args: ({ evidence }) => ['evidence', evidence], says: /^query: .+\ntime: .+\nanswer: /m },
  ],
  asWritten('npx sre workflows', /^Diagnosis +assistant +\d+ +[\d.]+ s +\d+ % of \d+ +orient → gather → analyse$/m),
  ['npx sre feedback <session> right', { args: ({ session }) => ['feedback', session, 'right'], says: /^diagnosis judged: right \(team_manager, / }], // prettier-ignore
  [
    'npx sre feedback <session> wrong --root-cause "the payment provider was down"',
    {
      args: ({ session }) => ['feedback', session, 'wrong', '--root-cause', 'the payment provider was down'],
      says: /^diagnosis judged: wrong \(team_manager, .*; actual cause: the payment provider was down$/m,
    },
  ],
  ['npx sre postmortem <session>', { args: ({ session }) => ['postmortem', session], says: /^# .+\n\n## Summary\n/m }],
  asWritten('npx sre postmortem list', /^[0-9a-f]{6} +\S+Z +\w+ +\S+/m),
  ['npx sre postmortem show <id>', { args: ({ postmortem }) => ['postmortem', 'show', postmortem], says: /^# .+\n\n## Summary\n/m }], // prettier-ignore
  ['npx sre postmortem edit <id> --state reviewed', { args: ({ postmortem }) => ['postmortem', 'edit', postmortem, '--state', 'reviewed'], says: /^revision 2, reviewed$/m }], // prettier-ignore
  asWritten('npx sre policy explain checkout', /^no policy: anomalies are announced/),
  asWritten('npx sre tools', /^control-plane +available .*\nrecording +available /m),
  asWritten('npx sre approvals', /pending {2}Roll back shop \/ cart from cart:1\.5\.0 to cart:1\.4\.2/),
  [
    'npx sre approve <id> --reason "…"',
    {
      args: ({ approval }) => ['approve', approval, '--reason', 'I looked'],
      says: /approved; next, the executor checks the decision/,
    },
  ],
  [
    'npx sre propose <session> restart --reason "the leak came back last week"',
    {
      args: ({ session }) => ['propose', session, 'restart', '--reason', 'the leak came back last week'],
      says: /pending {2}Restart shop \/ \w+ \(risk: low[^]*proposed by alice \(team_manager\): “the leak came back last week”/,
    },
  ],
  asWritten('npx sre diagnose --service checkout --since 30m', /\(confidence \d+ %[^]*npx sre show [0-9a-f-]{36}/),
  asWritten(
    'npx sre capacity cart --metric memory --days 60',
    /current usage needs eight minutes, a trend needs four days|^cart .*memory/m,
    1,
  ),
  [
    'npx sre analyze rca DIR',
    { args: () => ['analyze', 'rca', RECORDING], says: /Most likely cause: ts-food-service/ },
  ],
  asWritten('npx sre anomalies', /^page 1 of \d+, \d+ in all$/m),
  asWritten('npx sre forecasts', /^page 1 of \d+, \d+ in all$/m),
  asWritten('npx sre anomalies --watch', /^\d+ open, watching/m),
  [
    'npx sre anomalies watch DIR',
    { args: () => ['anomalies', 'watch', RECORDING], says: /of 879 series, 47 services; \d+ anomalies/ },
  ],
  [
    'npx sre anomalies watch FILE',
    {
      args: () => ['anomalies', 'watch', join(root, 'test/scenarios/shop-01/metrics.csv.gz')],
      says: /of 40 series, 5 services; 3 anomalies/,
    },
  ],
  [
    'npx sre analyze logs FILE',
    { args: () => ['analyze', 'logs', join(root, 'docs/reference/recording.md')], says: /^line,template_id/m },
  ],
  [
    'npx sre freeze on --reason "audit week"',
    { args: () => ['freeze', 'on', '--reason', 'audit week'], says: /audit week/ },
  ],
  asWritten('npx sre freeze status', /audit week/),
  asWritten('npx sre freeze off', /nothing is frozen/),
  asWritten('npx sre schemas check', /DiagnosisRequested \(BACKWARD/),
  asWritten('npx sre dlq list --consumer assistant', /0 dead letters/),
  asWritten('npx sre dlq redrive --all --consumer assistant --code unknown_schema --since 2h', /No dead letters to redrive/), // prettier-ignore
])

/** Throws for a command that is neither run here nor covered elsewhere. */
export function known({ file, line }: Documented): Known {
  const found = RUN[line]
  if (found !== undefined) return found
  const elsewhere = ELSEWHERE[line]
  if (elsewhere === undefined) throw new Error(`nobody tries \`${line}\` of ${file}: say in test/cli/documented.ts what it does`) // prettier-ignore
  return { elsewhere }
}

export const knownLines = (): string[] => [...Object.keys(RUN), ...Object.keys(ELSEWHERE)]
