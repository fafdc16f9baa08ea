/** Names that mean a secret value, in any word form: `client_secret`, `clientSecret`, `DB_PASSWORD`, `X-Api-Key`, 密碼. */

/** A value with one of these names is always secret. */
const SURE = [
  'passw(?:or)?d|passwd|passphrase|pass[_ -]?code|pwd|passwrd|contraseña|mot[_ -]de[_ -]passe|kennwort|passwort|パスワード|비밀번호|пароль|senha|ｐａｓｓｗｏｒｄ|requirepass|masterauth|rootpw',
  'secret|snmp[_ -]?community|community[_-]?string|client[_-]?key[_-]?data|token[_-]?secret|mnemonic|seed[_ -]?phrase|recovery[_ -]?(?:key|phrase|codes?)|backup[_ -]?codes?',
  '(?:api|app|application|private|secret|access|account|shared|shared[_ -]?access|pre[_ -]?shared|signing|signature|encryption|decryption|crypto|master|client|license|subscription|storage|consumer|deploy|ssh|hmac|aes|rsa|session|auth|authentication|functions?|webhook|integration|admin|write|ingest(?:ion)?|instrumentation|service[_ -]?account|root|tls|ssl)[_. -]?key',
  'credentials?|creds|client[_-]?assertion|saml[_-]?(?:response|assertion)|x-amz-signature|x-goog-signature|private[_-]?lines|private[_-]?mac',
  'one[_ -]?time[_ -]?(?:code|pin|password|token)|(?:verification|verify|mfa|2fa|totp|otp|sms|auth|login|security)[_-]?code|totp|otp|cvv2?|cvc2?|pin[_-]?code',
  '密碼|密码|口令|通行碼|通行码|密鑰|密钥|金鑰|金钥|私鑰|私钥|秘鑰|秘钥|令牌|權杖|权杖|授權碼|授权码|驗證碼|验证码|校驗碼|校验码|動態碼|动态码|認證碼|认证码',
].join('|')
/** These also name other things, so their value must look like a secret. */
const LIKELY =
  'token|auth|pass|signature|sig|psk|jwt|sas|hmac|assertion|connect\\.sid|[jp](?:hp)?sess(?:ion)?id|cookies?'
/** Suffixes that may follow the word that means a secret. */
const SUFFIX =
  '(?:[_-]?(?:hash|digest|value|data|confirm(?:ation)?|again|old|new|b64|base64|enc(?:rypted|oded)?|plain(?:text)?|raw|text|string|base|[0-9]{1,2}))?'

export const NAME = new RegExp(`(?:(?<sure>${SURE})|(?<likely>${LIKELY}))${SUFFIX}(?![A-Za-z0-9_]|[.-][A-Za-z])`, 'gi')
const WHOLE = new RegExp(`(?:(?<sure>${SURE})|(?<likely>${LIKELY}))${SUFFIX}$`, 'i')
export const NAME_HINTS = ['pass', 'pwd', 'secret', 'key', 'token', 'auth', 'sig', 'cred', 'assertion', 'saml', 'mnemonic', 'phrase', 'code', 'otp', 'psk', 'jwt', 'sas', 'hmac', 'ticket', 'cvv', 'cvc', 'pin_code', 'pincode', 'pin-code', 'sessid', 'sessionid', 'connect.sid', 'private-', 'contraseña', 'wort', '密', 'ｐ', 'ード', '번호', 'пароль', 'senha', 'community', 'requirepass', 'rootpw', 'cookie', '口令', '碼', '码', '鑰', '钥', '令牌', '杖'] // prettier-ignore

export type Sureness = 'sure' | 'likely'

/** Short words occur inside others (`bypass`, `compass`, `unauth`), so a word boundary or a camel-case hump must precede them. */
const SHORT =
  /^(?:pass|auth|sig|pwd|psk|sas|otp|totp|jwt|cv[cv]2?|hmac|ticket|creds?|token|app|aes|rsa|api|ssh|tls|ssl)(?![a-z])/i
/** Words before `token` that make it a position in a text or a list, not a secret. */
const PLACES = /(?:next|page|pagination|continuation|cancel(?:l?ation)?|unexpected|sync|start|end|stop|eos|bos|pad|syntax|max|min|num|total|per|input|output|completion|prompt|special|last|first|public)[_.-]?$/i // prettier-ignore
const NOT_A_TOKEN =
  /(?:public|primary|partition|foreign|sort|cache|routing|metric|label|object|dict|map|json|row|sub)[_.-]?$/i

/** Whether a name that ends in `word`, after `before`, means a secret. */
export function meansSecret(before: string, word: string): boolean {
  if (SHORT.test(word) && /[A-Za-z]$/.test(before)) {
    const hump = /[a-z]$/.test(before) && /^[A-Z]/.test(word)
    // `dbpassword` matches, `bypass` does not: only long words need no boundary
    if (!hump && !/^token/i.test(word)) return false
  }
  return (
    !(/^(?:token|signature)/i.test(word) && PLACES.test(before)) && !(/key/i.test(word) && NOT_A_TOKEN.test(before))
  )
}

/** How sure a field name means a secret; null: not at all. */
export function nameKind(name: string): Sureness | null {
  const bare = name.length > 200 ? name.slice(-200) : name
  if (/^(?:proxy[_-]?|x[_-]forwarded[_-])?authorization$|cookies?$/i.test(bare)) return 'sure'
  const match = WHOLE.exec(bare)
  if (match === null || !meansSecret(bare.slice(0, match.index), match[0])) return null
  return match.groups?.['sure'] === undefined ? 'likely' : 'sure'
}
