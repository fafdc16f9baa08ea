/** Secrets as they appear in logs, configurations and responses, planted in otherwise harmless lines. */
import { type Draw, drawFrom } from './draw.ts'
import { STRUCTURES } from './structures.ts'
import { TOKENS } from './vendor-tokens.ts'

export interface Planted {
  kind: string
  /** a line, or a plain-JSON value */
  given: unknown
  /** none of these may remain after redaction */
  secrets: readonly string[]
}

/** A line that contains the given password. */
type Line = (secret: string, draw: Draw) => string

const LINES: Readonly<Record<string, readonly Line[]>> = {
  'name and equals sign': [
    (s) => `login failed user=bob password=${s} from 10.0.0.7`,
    (s) => `DB_PASS=${s} PORT=5432`,
    (s) => `MYSQL_PWD=${s}`,
    (s) => `export PGPASSWORD=${s}`,
    (s) => `spring.datasource.password=${s}`,
    (s) => `Server=db;User Id=app;Password=${s};Encrypt=true`,
  ],
  'name and colon': [
    (s) => `password: ${s}`,
    (s) => `  secret: ${s}`,
    (s) => `using passphrase : ${s}`,
    (s) => `  redis_password: ${s}`,
  ],
  'token and colon': [(s) => `token: ${s}9`, (s) => `got session token: ${s}9, retrying`, (s) => `auth-token : ${s}9`],
  'full-width colon': [(s) => `password：${s}`, (s) => `user：bob，password：${s}，登入失敗`, (s) => `token＝${s}9`],
  'Chinese key, Taiwan': [
    (s) => `密碼：${s}`,
    (s) => `使用者 bob 以密碼 ${`「${s}」`} 登入`,
    (s) => `資料庫金鑰=${s}`,
    (s) => `存取權杖：${s}`,
    (s) => `新密碼為 ${s}`,
    (s) => `"密碼":"${s}"`,
  ],
  'Chinese key, mainland': [(s) => `密码: ${s}`, (s) => `登录口令：${s}`, (s) => `密钥=${s}`, (s) => `访问令牌：${s}`],
  'query parameter': [
    (s) => `GET /api/v1/items?token=${s}&page=2 200`,
    (s) => `https://shop.example/cb?access_token=${s}#x`,
    (s) => `POST /hook?user=bob&api_key=${s}`,
    (s) => `/login?passwd=${s}`,
  ],
  'authorization code': [(s, d) => `GET /callback?code=${s}${d.of('word', 12)}&x=1`],
  'URL userinfo': [
    (s) => `postgres://app:${s.replaceAll(/[@#]/g, '-')}@db:5432/shop`,
    (s) => `amqp://guest:${s.replaceAll(/[@#]/g, '-')}@rabbit/`,
    (s) => `redis://:${s.replaceAll(/[@#]/g, '-')}@cache:6379/0`,
  ],
  'URL userinfo with a second @': [
    (s) => `mysql://app:x@${s.replaceAll('#', '')}@db:3306/shop failed`,
    (s) => `https://bob:p@${s.replaceAll('#', '')}@git.example/repo.git`,
  ],
  'URL with a token for a user': [
    (_s, d) => `cloning https://${'x'.concat(d.of('word', 24), '9')}@git.example/repo.git`,
  ],
  'Go DSN': [(s) => `dial app:${s}@tcp(db:3306)/shop?parseTime=true`, (s) => `root:${s}@unix(/run/mysqld.sock)/shop`],
  'host with credentials, no scheme': [(s) => `connecting to guest:${s.replaceAll(/[@#!]/g, '')}@rabbit:5672`],
  'JDBC Oracle': [(s) => `jdbc:oracle:thin:scott/${s.replaceAll(/[@#]/g, '')}@//ora:1521/XE`],
  'percent-encoded': [
    (s) => `body=user%3Dbob%26password%3D${encodeURIComponent(s)}%26x%3D1`,
    (s) => `next=%2Fcb%3Ftoken%3D${encodeURIComponent(s)}9`,
    (s) => `q=%7B%22password%22%3A%22${encodeURIComponent(s)}%22%7D`,
    (s) => `url=postgres%3A%2F%2Fapp%3A${encodeURIComponent(s)}%40db%2Fshop`,
  ],
  'long flag': [
    (s) => `exec: deploy --password ${s} --force`,
    (s) => `psql-run --db-password='${s}'`,
    (s) => `tool --api-key ${s} list`,
    (s) => `helm install --set auth.password=${s}`,
  ],
  'mysql -p': [(s) => `sh -c mysqldump -uroot -p${s} shop`, (s) => `mysql -h db -u app -p'${s}' -e 'select 1'`],
  'other short flags': [
    (s) => `sshpass -p ${s} ssh bob@host`,
    (s) => `docker login -u bob -p ${s} registry.example`,
    (s) => `redis-cli -h cache -a ${s} ping`,
    (s) => `ldapsearch -D cn=admin -w ${s} -b dc=x`,
  ],
  'curl -u': [(s) => `curl -s -u bob:${s} https://api.example/x`, (s) => `curl --user 'bob:${s}' https://api.example`],
  'curl -H': [
    (s) => `curl -H 'Authorization: Bearer ${s}9' https://api.example`,
    (s) => `curl --header "X-Api-Key: ${s}" https://api.example`,
    (s) => `curl -H "PRIVATE-TOKEN: ${s}9" https://git.example`,
  ],
  'XML element': [
    (s) => `<user>bob</user><password>${s.replaceAll(/[&<]/g, '')}</password>`,
    (s) => `<wsse:Password Type="PasswordText">${s}</wsse:Password>`,
    (s) => `<apiKey><![CDATA[${s}]]></apiKey>`,
  ],
  'XML attribute': [
    (s) => `<add key="Password" value="${s}" />`,
    (s) => `<property name="db.password" value="${s}"/>`,
    (s) => `<connection user="bob" password="${s}"/>`,
  ],
  'XML attributes the other way round': [
    (s) => `<property value="${s}" name="db.password"/>`,
    (s) => `{"value":"${s}","name":"DB_PASSWORD"}`,
  ],
  'hash rocket': [
    (s) => `{:user => "bob", :password => "${s}"}`,
    (s) => `Parameters: {"login"=>"bob", "password"=>"${s}"}`,
    (s) => `'secret' => '${s}',`,
  ],
  JSON: [
    (s) => `{"client_secret":"${s}","user":"bob"}`,
    (s) => `{"user": "bob", "pass": "${s}"}`,
    (s) => `body: {'api_key': '${s}'}`,
  ],
  'JSON in JSON': [
    (s) => JSON.stringify({ body: JSON.stringify({ password: s, user: 'bob' }) }),
    (s) => JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ token: `${s}9` }) }) }),
  ],
  'HTML-escaped JSON': [
    (s) => `{&quot;password&quot;:&quot;${s}&quot;}`,
    (s) => `{\\u0022secret\\u0022:\\u0022${s}\\u0022}`,
  ],
  'name and value as JSON text': [
    (s) => `env: [{"name":"DB_PASSWORD","value":"${s}"}]`,
    (s) => `{"key": "api.secret", "value": "${s}"}`,
  ],
  'name and value as YAML': [(s) => `- name: DB_PASSWORD\n  value: ${s}\n- name: PORT\n  value: "1"`],
  'Authorization header': [
    (s) => `Authorization: Bearer ${s}9`,
    (_s, d) => `authorization: Basic ${Buffer.from(`bob:${d.of('word', 9)}`).toString('base64')}`,
    (s) => `"authorization":"Custom ${s}"`,
    (s) => `Proxy-Authorization: Basic ${Buffer.from(`bob:${s}`).toString('base64')}`,
  ],
  Negotiate: [
    (_s, d) => `WWW-Authenticate: Negotiate ${'YII'.concat(d.of('word', 60))}==`,
    (_s, d) => `Authorization: NTLM ${'TlRMTVNTUAAB'.concat(d.of('word', 30))}`,
  ],
  'base64 of user and password': [
    (_s, d) => `registry said 401 for ${Buffer.from(`bob:${d.of('word', 9)}7`).toString('base64')}`,
  ],
  'other headers': [
    (s) => `X-Api-Key: ${s}`,
    (s) => `x-auth-token: ${s}9`,
    (s) => `X-Vault-Token: ${s}9`,
    (s) => `Ocp-Apim-Subscription-Key: ${s}`,
  ],
  cookie: [
    (s) => `Cookie: session=${s}; theme=dark`,
    (s) => `Set-Cookie: sid=${s}; Path=/; HttpOnly`,
    (s) => `{"cookie":"sid=${s}"}`,
    (s, d) => `JSESSIONID=${s}${d.of('hex', 12)}`,
  ],
  'Azure SAS': [
    (_s, d) => `https://x.blob.core.windows.net/c?sv=2022-11-02&se=2026-01-01&sig=${d.of('word', 40)}%3D`,
    (_s, d) => `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${d.of('word', 86)}==;EndpointSuffix=core`,
  ],
  'signed URL': [
    (_s, d) => `GET /b?X-Amz-Expires=60&X-Amz-Signature=${d.of('hex', 64)}&x=1`,
    (_s, d) => `https://storage.example/o?X-Goog-Signature=${d.of('hex', 64)}`,
  ],
  'one-time code': [
    (_s, d) => `OTP ${d.of('digit', 6)} sent to +886 9xx`,
    (_s, d) => `Your verification code is ${d.of('digit', 6)}.`,
    (_s, d) => `${d.of('digit', 6)} is your login code`,
    (_s, d) => `sms body: code is ${d.of('digit', 6)}`,
  ],
  'one-time code in Chinese': [
    (_s, d) => `驗證碼：${d.of('digit', 6)}，請於五分鐘內輸入`,
    (_s, d) => `您的驗證碼是 ${d.of('digit', 6)}`,
    (_s, d) => `简讯验证码为${d.of('digit', 6)}`,
  ],
  '.netrc': [(s) => `machine git.example login bob password ${s}`],
  '.pgpass': [(s) => `db.example:5432:shop:app:${s.replaceAll(':', '')}`],
  SQL: [(s) => `CREATE USER bob IDENTIFIED BY '${s}'`, (s) => `ALTER ROLE app WITH PASSWORD '${s}'`],
  'password in words': [(s) => `the password is ${s}`, (s) => `generated password "${s}" for bob`],
  'hash of a password': [
    (_s, d) => `shadow bob:${'$6$'.concat(d.of('word', 8), '$', d.of('word', 86))}:19000`,
    (_s, d) => `stored ${'$2'.concat('b$12$', d.of('word', 53))}`,
    (_s, d) => `userPassword ${'{SS'.concat('HA}', d.of('word', 32))}`,
  ],
  'docker config': [(s) => `{"auths":{"registry.example":{"auth":"${Buffer.from(`bob:${s}`).toString('base64')}"}}}`],
  kubeconfig: [(_s, d) => `    client-key-data: ${'LS0tLS1CRUdJTiBSU0Eg'.concat(d.of('word', 200))}`],
  'openssl and others': [
    (s) => `openssl pkcs12 -in a.p12 -passin pass:${s}`,
    (s) => `.npmrc: //registry.example/:_authToken=${s}9`,
    (s) => `ANSIBLE_VAULT_PASSWORD=${s}`,
  ],
}

const SLOW = { block: 'KEY-----' }
/** A private key as a block of lines. */
const key = (kind: string, body: string): string =>
  `-----BEGIN ${kind}PRIVATE ${SLOW.block}\n${body}\n-----END ${kind}PRIVATE ${SLOW.block}`

const BLOCKS: Readonly<Record<string, (draw: Draw) => [given: unknown, secrets: string[]]>> = {
  'PEM': (d) => { const body = d.of('word', 64); return [`loaded ${key('RSA ', `${body}\n${d.of('word', 20)}==`)} ok`, [body]] },
  'PEM with escaped line ends': (d) => { const body = d.of('word', 64); return [`{"k":"${key('', body).replaceAll('\n', '\\n')}"}`, [body]] },
  'PEM, one line of log each': (d) => { const [one, two] = [d.of('word', 64), d.of('word', 64)]; return [key('EC ', `${one}\n${two}`).split('\n').map((message) => ({ message, service: 'cart' })), [one, two]] },
  'PGP': (d) => { const body = d.of('word', 64); return [`-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${body}\n-----END PGP PRIVATE KEY BLOCK-----`, [body]] },
  'PuTTY': (d) => { const [body, mac] = [d.of('word', 64), d.of('hex', 40)]; return [`PuTTY-User-Key-File-2: ssh-rsa\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n${body}\nPrivate-MAC: ${mac}\n`, [body, mac]] },
  'key cut off': (d) => { const body = d.of('word', 64); return [`-----BEGIN PRIVATE ${SLOW.block}\n${body}`, [body]] },
} // prettier-ignore

/** The same in every run with this seed. */
export function plantedSecrets(seed: number): Planted[] {
  const draw = drawFrom(seed)
  const all: Planted[] = []
  for (const [kind, lines] of Object.entries(LINES))
    for (const line of lines)
      for (let times = 0; times < 2; times++) {
        const secret = draw.password()
        const given = line(secret, draw)
        all.push({ kind, given, secrets: [told(given, secret)] })
      }
  for (const [kind, parts, alphabet, length] of TOKENS) {
    const token = parts.join('') + draw.of(alphabet, length)
    all.push({ kind: `token: ${kind}`, given: `call to api failed with ${token} after 3 tries`, secrets: [token] })
    all.push({ kind: `token: ${kind}`, given: `{"message":"using ${token}"}`, secrets: [token] })
  }
  for (const [kind, block] of Object.entries(BLOCKS))
    for (let times = 0; times < 2; times++) {
      const [given, secrets] = block(draw)
      all.push({ kind: `key: ${kind}`, given, secrets })
    }
  for (const [kind, structure] of Object.entries(STRUCTURES)) {
    const secret = draw.password()
    all.push({ kind: `field: ${kind}`, given: structure(secret, draw), secrets: [secret] })
  }
  return all
}

/** The secret as it is written in the line. If the line contains another secret instead, its longest word that looks generated. */
function told(line: string, secret: string): string {
  const forms = [secret, encodeURIComponent(secret), secret.replaceAll(/[@#]/g, '-'), secret.replaceAll('#', ''), secret.replaceAll(/[@#]/g, ''), secret.replaceAll(/[@#!]/g, ''), Buffer.from(`bob:${secret}`).toString('base64')] // prettier-ignore
  const found = forms.find((form) => line.includes(form))
  if (found !== undefined) return found
  const words = line.match(/\d{6}|[\w$/.-]{14,}/g) ?? []
  return words.sort((a, b) => b.length - a.length)[0] ?? line
}
