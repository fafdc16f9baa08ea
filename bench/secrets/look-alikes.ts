/** Lines that look as if they contained a secret but do not: redaction must not mask what a diagnosis needs. */
import { type Draw, drawFrom } from './draw.ts'
import { VENDOR_LINES } from './vendor-look-alikes.ts'

const LINES: readonly ((draw: Draw) => string)[] = [
  (d) => `request ${d.uuid()} done in 12 ms`,
  (d) => `commit ${d.of('hex', 40)} by bob`,
  (d) => `HEAD is now at ${d.of('hex', 7)}`,
  (d) => `trace_id=${d.of('hex', 32)} span_id=${d.of('hex', 16)}`,
  (d) => `traceparent: 00-${d.of('hex', 32)}-${d.of('hex', 16)}-01`,
  (d) => `pulled registry.example/shop/cart@sha256:${d.of('hex', 64)}`,
  (d) => `etag "${d.of('hex', 32)}"`,
  (d) => `pod cart-${d.of('hex', 9)}-x7k2p restarted`,
  (d) => `container id ${d.of('hex', 64)}`,
  (d) => `order ${d.of('digit', 10)} shipped, invoice INV-2026-${d.of('digit', 6)}`,
  (d) => `session_id=${d.uuid()} user=bob`,
  (d) => `uploaded ${Buffer.from(`hello world ${d.of('word', 12)} and more`).toString('base64')}`,
  (d) => `thumbnail data:image/png;base64,iVBORw0KGgo${d.of('word', 80)}`,
  (d) => `kafka offset=${d.of('digit', 8)} partition=3 key=${d.of('digit', 6)}`,
  (d) => `cache key=user:${d.of('digit', 5)} miss`,
  (d) => `routing_key=orders.created.${d.of('digit', 3)} exchange=shop`,
  (d) => `primary_key=${d.of('digit', 8)} partition_key=eu-west-${d.of('digit', 1)}`,
  (d) => `public_key=${d.of('word', 40)}`,
  (d) => `fingerprint SHA256:${d.of('word', 43)}`,
  (d) => `10.0.${d.of('digit', 1)}.7:5432 refused; next 10.0.0.8:54321`,
  (d) => `at com.example.SecretKeyFactory.generate(SecretKeyFactory.java:${d.of('digit', 2)})`,
  (d) => `passed: ${d.of('digit', 2)}, failed: 0, skipped: 3`,
  (d) => `pass=${d.of('digit', 2)} fail=0`,
  (d) => `password reset requested for user ${d.of('digit', 6)}`,
  (d) => `token expired at 2026-03-0${d.pick(['1', '2'])}T10:00:00Z`,
  (d) => `input_tokens=${d.of('digit', 4)} output_tokens=${d.of('digit', 3)} max_token=4096`,
  (d) => `exit code is ${d.of('digit', 3)}; status code: 503`,
  (d) => `error code: ${d.of('digit', 6)} from the driver`,
  (d) => `zip code ${d.of('digit', 5)}, country code 886`,
  (d) => `mongodb://db-${d.of('digit', 1)}.shop.svc:27017/orders?replicaSet=rs0`,
  (d) => `http://cart:8080/items?sku=A-${d.of('digit', 4)}&page=2`,
  (d) => `mailto:bob${d.of('digit', 2)}@example.org wrote to ops@example.org`,
  (d) => `secret "cart-db-${d.of('hex', 4)}" not found in namespace shop`,
  (d) => `MountVolume.SetUp failed for volume "tls" : secret "cart-tls" not found (${d.of('digit', 2)})`,
  (d) => `session ${d.of('digit', 4)} ended: token refreshed`,
  (d) => `GET /reset-password/form 200 ${d.of('digit', 2)} ms`,
  (d) => `GET /oauth/token 401 ${d.of('digit', 2)} ms`,
  (d) => `checksum md5 ${d.of('hex', 32)} ok`,
  (d) => `version 1.${d.of('digit', 1)}.0-rc.1+build.${d.of('hex', 7)}`,
  (d) => `node ip-10-0-${d.of('digit', 2)}-7.eu-west-1.compute.internal NotReady`,
]

const FIXED = `the password policy changed; token bucket refilled
author: bob, authority: example, authorization failed for user 12
signature verification failed
invalid signature: expected RS256
invalid token: unexpected end of input
unexpected token: < in JSON at position 0
csrf token: missing
password: required
password: must be at least 8 characters
Password incorrect for user bob
password authentication failed for user "app"
no password supplied
password=null token: none secret=false
password=\${DB_PASSWORD} token=$TOKEN secret={{ .Values.secret }}
password=******** api_key=<redacted> token=[FILTERED]
passphrase: (null)
secretName: cart-tls
secret_name=prod/cart/db
secretKeyRef: cart-db
password_file=/run/secrets/db
token_endpoint=https://id.example/oauth/token
api key is missing
the access key expired
credentials expired, retrying
credentials: not provided
auth: disabled
auth=basic realm=shop
auth method: kerberos
basic authentication is switched off, token refreshed, bearer unknown
WWW-Authenticate: Bearer realm="shop"
authorization: required
cookie: missing
Set-Cookie header was not sent
JWT expired 3 s ago
compass=12 bypass=true
keyboard=qwerty, monkey: 12, turkey=3
the key of the cart is 12, the secretary left
idempotency key reused for order 12
private key file not found: /etc/tls/tls.key
-----BEGIN CERTIFICATE-----
ssh: publickey accepted for bob
otp service is down; verification code sent
驗證碼已寄出
密碼錯誤，請重新輸入
密碼已過期
密碼重設成功
權杖無效
金鑰輪替完成
密码错误
令牌已过期
登入失敗：使用者 bob 不存在
2001:db8::1 and user@example.org wrote https://example.org/a:b@c
curl -s https://api.example/health
mysql -h db -u app shop
docker run -p 8080:80 cart
ssh -p 2222 bob@host
redis-cli -p 6379 ping
deploy --password-stdin --force
option --password requires an argument
git clone git@git.example:shop/cart.git
Accepted password for bob from 10.0.0.7 port 51822 ssh2
Failed password for invalid user admin from 10.0.0.7 port 51822 ssh2
pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.7
SASL authentication failed: invalid credentials (SCRAM-SHA-256)
TokenBucket: token=3 of 10
pinned to core 3, pin: 12
signing with RS256, kid=2026-03
ticket 12345 was closed
hash=12 bucket=7 state=RUNNING
basic auth enabled, digest mismatch, oauth flow started`.split('\n')

export function lookAlikes(seed: number): string[] {
  const draw = drawFrom(seed)
  return [
    ...LINES.flatMap((line) => Array.from({ length: 5 }, () => line(draw))),
    ...FIXED,
    ...VENDOR_LINES.flatMap((line) => Array.from({ length: 15 }, () => line(draw))),
  ]
}
