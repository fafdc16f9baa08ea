/** Secrets recognised by their place in a protocol, a command line or a file format. */
import { finder, type Finder } from './span.ts'
import { looksSecret } from './values.ts'

const SAID = '(?!\\[REDACTED|(?:failed|denied|required|missing|invalid|header|error|ok|none|null|true|false|success\\w*|expired|refused|granted|passed|disabled|enabled|not)\\b)' // prettier-ignore

/** `scheme://user:password@host`: up to the last `@` before the path, because a password may contain one. */
const urls: readonly Finder[] = [
  finder(
    ['://'],
    /(?<keep>\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/?#"'<>]{0,200}:)(?!\[REDACTED)[^\s/?#"'<>]{1,400}(?=@)/gi,
  ),
  finder(
    ['://'],
    /(?<keep>\b[a-z][a-z0-9+.-]{1,20}:\/\/)(?=[A-Za-z_-]{0,60}\d)[\w~.-]{16,400}(?=@|:(?:x-oauth-basic)?@)/gi,
  ),
  // a password with `/`: the host must look like one
  finder(['://'], /(?<keep>\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|clickhouse|cockroachdb):\/\/[^\s:@/?#"'<>]{0,200}:)(?!\[REDACTED)[^\s"'<>]{1,200}(?=@[\w.-]{1,200}(?::\d{2,5})?[/?\s"']|@[\w.-]{1,200}(?::\d{2,5})?$)/gi), // prettier-ignore
  finder(['%3a%2f%2f'], /(?<keep>%(?:25)?3A%(?:25)?2F%(?:25)?2F[\w.~-]{0,100}%(?:25)?3A)(?:%(?!(?:25)?40)[0-9A-F]{2}|[^\s%"'&/]){1,400}(?=%(?:25)?40)/gi), // prettier-ignore
  // user:password@tcp(host)/ and user:password@host:port
  finder(
    ['@'],
    /(?<keep>(?<![\w./:@-])[\w.%+-]{1,64}:)(?!\/\/|\[REDACTED)[^\s"'`(),<>/]{1,200}(?=@(?:tcp6?|unix|udp|cloudsql[\w-]{0,10})?\()/gi,
  ),
  finder(
    ['@'],
    /(?<keep>(?<![\w./:@%-])(?<user>[\w.+-]{1,64}):)(?!\/\/|\[REDACTED|\d{1,5}@)(?=\k<user>@|[A-Za-z]{0,200}[^A-Za-z\s@])[^\s"'`(),;<>/@:]{3,200}(?=@[\w.-]{1,200}:\d{2,5}(?!\d))/gi,
  ),
  finder(['jdbc:oracle'], /(?<keep>jdbc:oracle:\w{2,5}:[^\s/@"']{1,64}\/)(?!\[REDACTED)[^\s@"']{1,200}(?=@)/gi),
  finder(['hooks.', 'webhook'], /(?<keep>(?:hooks\.slack\.com\/(?:services|workflows|triggers)|hooks\.zapier\.com\/hooks\/catch|discord(?:app)?\.com\/api\/webhooks|webhook\.office\.com\/webhookb2|outlook\.office\.com\/webhook)\/)(?!\[REDACTED)[\w/@.-]{8,300}/gi), // prettier-ignore
]

/** Names that mean a secret only in a query string. */
const QUERY = /(?<keep>[?&;](?:key|code|sig|signature|hash|state|session|sessionid|sid|ticket|t|auth|apikey|access|k)=)(?<value>[^\s"'&;?#<>\\]{8,2000})/gi // prettier-ignore
const queries: Finder = {
  hints: [
    'key=',
    'code=',
    'sig=',
    'signature=',
    'hash=',
    'state=',
    'session=',
    'sessionid=',
    'sid=',
    'ticket=',
    't=',
    'auth=',
    'access=',
    'k=',
  ],
  *find(text) {
    for (const match of text.matchAll(QUERY)) {
      const { keep = '', value = '' } = match.groups ?? {}
      const isId = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(value)
      const long = /^.(?:key|hash|state|t|k|access|session|sessionid|sid)=/i.test(keep) ? 16 : 8
      if (value.length >= long && !isId && looksSecret(value))
        yield [match.index + keep.length, match.index + match[0].length]
    }
  },
}

const headers: readonly Finder[] = [
  // schemes whose credential has several words: to the end of the line or of the quotes
  finder(['digest ', 'aws4', 'oauth ', 'hawk ', 'signature '], /(?<keep>\b(?:Digest|AWS4-[\w-]{3,30}|OAuth|Hawk|Signature)[ \t]{1,3})(?=(?:username|Credential|realm|oauth_\w{1,30}|id|keyId|mac)=)[^\r\n]{4,4000}/gi), // prettier-ignore
  finder(['authorization'], new RegExp(String.raw`(?<keep>authorization(?:\\{0,8}["'])?[ \t]{0,3}(?:[:=：]|=>|%3[AD])(?:[ \t]|%20){0,3}(?:\\{0,8}["'])?(?:[a-z-]{2,20}(?:[ \t]|%20){1,3})?)${SAID}(?!(?:[a-z-]{2,20}[ \t]{1,3})?\[REDACTED)[^\s"'\\,;]{4,4000}`, 'gi')), // prettier-ignore
  // after a header name it is always a credential; elsewhere the next word may be prose, so it must have more than letters
  finder(['bearer', 'basic', 'token', 'negotiate', 'ntlm', 'apikey'], /(?<keep>\b(?:Bearer|Basic|Token|Negotiate|NTLM|ApiKey)(?:[ \t]{1,3}|%20|\+))(?!(?:realm|error|scope|charset)=)(?=[a-z._~+/-]{0,60}[\d=])[\w.~+/=-]{8,8000}/gi), // prettier-ignore
  finder(
    ['bearer', 'basic', 'negotiate'],
    /(?<keep>\b(?:Bearer|Basic|Negotiate)[ \t]{1,3})(?=[A-Za-z]{0,200}[a-z][A-Z])[A-Za-z]{20,400}\b/g,
  ),
  // a header to the end of its line, a field to its closing quote
  finder(['cookie'], /(?<keep>\b(?:set-)?cookie2?(?:\\{0,8}["'])?\s{0,3}[:=]\s{0,3}(?<quote>\\{0,8}["']))(?!\[REDACTED)(?:(?!\k<quote>)[^\r\n]){1,4000}/gi), // prettier-ignore
  finder(['cookie'], /(?<keep>\b(?:set-)?cookie2?[ \t]{0,3}[:=：][ \t]{0,3})(?!\\?["']|\[REDACTED|(?:is|was|not|missing|expired|invalid|set|none|null|true|false|rejected|accepted)\b)[^\s"'][^\r\n"']{0,4000}/gi), // prettier-ignore
  finder(['sess', 'connect.sid', 'sid='], /(?<keep>\b(?:[JA](?:SP)?SESSIONID|ASP\.NET_SessionId|ASPSESSIONID\w{0,12}|PHPSESSID|connect\.sid|laravel_session|_session_id|sessionid|__Secure-[\w.-]{1,40}|__Host-[\w.-]{1,40})=)(?!\[REDACTED)[^\s"';,&]{8,1000}/gi), // prettier-ignore
]

/** Credentials on command lines. */
export const commands: readonly Finder[] = [
  finder(['curl'], /(?<keep>\bcurl\b[\s\S]{0,400}?\s(?:-u|-U|--user|--proxy-user)(?:=|[ \t]{0,5})["'])(?!\[REDACTED)(?:(?<=")[^"\r\n]{0,200}:[^"\r\n]{0,200}(?=")|(?<=')[^'\r\n]{0,200}:[^'\r\n]{0,200}(?='))/g), // prettier-ignore
  finder(['curl', 'wget', 'http'], /(?<keep>\b(?:curl|wget|https?)\b[^\r\n|]{0,400}?\s(?:-u|-U|--user|--proxy-user|-a|--auth)(?:=|[ \t]{0,3})["']?[^\s:"'/@]{1,100}:)(?!\/\/|\[REDACTED)[^\s"']{1,200}/gi), // prettier-ignore
  finder(['mysql', 'mariadb', 'xtrabackup'], /(?<keep>\b(?:mysql\w{0,12}|mariadb[\w-]{0,12}|xtrabackup)\b[^\r\n|;]{0,300}?\s-p)(?!\[REDACTED|assword|ort\b)["']?[^\s"']{2,200}/gi), // prettier-ignore
  finder(['sshpass', 'docker', 'mongo', 'sqlcmd', 'az ', 'podman', 'helm', 'oc ', 'psexec', 'plink', 'zip', '7z', 'redis-cli', 'ldap', 'bcp', 'isql', 'tsql', 'rclone', 'skopeo'], /(?<keep>\b(?:sshpass|(?:docker|podman|helm registry|skopeo|az|oc|oras)[ \t]{1,3}login|mongo\w{0,8}|sqlcmd|bcp|isql|tsql|psexec|plink|zip|redis-cli|ldap\w{2,8})\b[^\r\n|;]{0,300}?\s(?:-p|-P|-a|-w|-pw)(?:[ \t]{1,3}|(?=\S{4})))(?!\[REDACTED|-|\d{1,5}(?!\S))["']?[^\s"'-][^\s"']{2,200}/g), // prettier-ignore
  finder(['smbclient', 'rpcclient', 'net use', 'smbmap', 'winexe'], /(?<keep>\b(?:smbclient|rpcclient|winexe|smbmap)\b[^\r\n|;]{0,200}?\s-U[ \t]{0,3}["']?[^\s%"']{1,64}%)(?!\[REDACTED)[^\s"']{1,200}/gi), // prettier-ignore
  finder(['sqlplus', 'expdp', 'impdp', 'rman'], /(?<keep>\b(?:sqlplus|expdp|impdp|rman)\b[^\r\n|;]{0,100}?\s[^\s/"']{1,64}\/)(?!\[REDACTED)[^\s@"']{1,100}(?=@|\s|$)/gi), // prettier-ignore
  finder(['htpasswd'], /(?<keep>\bhtpasswd\b[^\r\n|;]{0,60}?\s-\w{0,4}b\w{0,4}\s{1,3}\S{1,200}\s{1,3}\S{1,64}\s{1,3})(?!\[REDACTED)\S{3,200}/g), // prettier-ignore
  finder(['identified'], /(?<keep>\bIDENTIFIED\s{1,3}(?:WITH\s{1,3}\S{1,40}\s{1,3})?(?:BY|AS)\s{1,3}(?:PASSWORD\s{1,3})?['"])(?!\[REDACTED)[^'"\r\n]{1,200}/gi), // prettier-ignore
]

const piped: readonly Finder[] = [
  finder(
    ['password-stdin'],
    /(?<keep>\becho[ \t]{1,3}(?:-n[ \t]{1,3})?["']?)(?!\[REDACTED|\$)[^\s"'|]{3,200}(?=["']?[ \t]{0,3}\|[^|\r\n]{0,200}--password-stdin)/gi,
  ),
  finder(
    ['chpasswd'],
    /(?<keep>\becho[ \t]{1,3}(?:-n[ \t]{1,3})?["']?[\w.-]{1,40}:)(?!\[REDACTED|\$)[^\s"'|]{3,200}(?=["']?[ \t]{0,3}\|[^|\r\n]{0,40}chpasswd)/gi,
  ),
  finder(['net user'], /(?<keep>\bnet[ \t]{1,3}user[ \t]{1,3}[\w.-]{1,40}[ \t]{1,3})(?!\[REDACTED|\/)[^\s]{3,200}/gi),
  finder(
    ['vault login'],
    /(?<keep>\bvault[ \t]{1,3}login[ \t]{1,3}(?:token=)?)(?!\[REDACTED|-)[\w.-]{8,200}(?![\w=])/gi,
  ),
  finder(['openssl'], /(?<keep>\bopenssl\b[^\r\n|;]{0,200}?[ \t]-k[ \t]{1,3})(?!\[REDACTED|-)[^\s"']{3,200}/g),
  finder(
    ['curl'],
    /(?<keep>\bcurl\b[^\r\n|]{0,300}?[ \t](?:-b|--cookie)(?:=|[ \t]{1,3})["']?)(?!\[REDACTED|-)[^\s"']{1,200}=[^"'\r\n]{3,2000}/g,
  ),
]

const files: readonly Finder[] = [
  // .netrc
  finder(['password'], /(?<keep>\b(?:machine|default|login)\s{1,5}\S{1,200}\s{1,5}(?:(?:login|account|machine)\s{1,5}\S{1,200}\s{1,5}){0,2}password\s{1,5})(?!\[REDACTED)\S{1,200}/gi), // prettier-ignore
  // .pgpass: host:port:database:user:password
  finder([':543', ':643', ':26257:', ':*:'], /(?<keep>(?<![^\s"'`])[\w.*-]{1,200}:(?:543\d|643\d|26257|5439|\*):[\w.*-]{1,64}:[\w.*-]{1,64}:)(?!\[REDACTED)[^\s"'`]{3,200}/g), // prettier-ignore
  // PuTTY: the private lines and the MAC
  finder(['private-lines'], /(?<keep>Private-Lines:[ \t]{0,3}\d{1,3}(?:\r?\n|\\n))(?:[A-Za-z0-9+/=]{4,128}(?:\r?\n|\\n|$)){1,200}/g), // prettier-ignore
  finder(['private-mac'], /(?<keep>Private-MAC:[ \t]{0,3})[0-9a-f]{32,128}/gi),
  // private members of a JWK
  finder(['kty'], /(?<keep>\\{0,3}"(?:d|p|q|dp|dq|qi|k)\\{0,3}"\s{0,3}:\s{0,3}\\{0,3}")(?!\[REDACTED)[\w-]{16,2000}/g),
]

/** The data of a Secret of Kubernetes, printed as YAML or JSON: base64 under any name. */
const ENTRY =
  /(?<keep>[\w.-]{1,100}["']?:\s{0,30}(?:[|>][+-]?\s{0,30})?["']?)[A-Za-z0-9+/]{8,8000}={0,3}(?![\w+/=:.-])/g
const kubernetesSecrets: Finder = {
  hints: ['kind'],
  *find(text) {
    if (!/\bkind["']?:[ \t]{0,30}["']?(?:secret|sealedsecret)\b/i.test(text)) return
    const data = /\bdata["']?:/i.exec(text)
    if (data === null) return
    ENTRY.lastIndex = data.index + data[0].length
    for (let match = ENTRY.exec(text); match !== null; match = ENTRY.exec(text)) {
      const start = match.index + (match.groups?.['keep']?.length ?? 0)
      const named = match[0].slice(0, start - match.index)
      if (!/^(?:kind|type|apiVersion|namespace|name|uid|resourceVersion)\b/.test(named))
        yield [start, match.index + match[0].length]
    }
  },
}

const CODE_NAMES = 'otp|one[- ]time (?:pass(?:word|code)?|code|pin)|(?:verification|security|authentication|auth|login|log-?in|sign-?in|confirmation|access|2fa|mfa|sms|two-factor) (?:code|pin)|passcode|pin(?: code)?|驗證碼|验证码|動態密碼|动态密码|一次性密碼|一次性密码|簡訊碼|簡訊驗證碼|短信验证码|認證碼|认证码|校驗碼|校验码|動態碼|动态码' // prettier-ignore
/** Codes that are not secret. */
const PLAIN_CODE = /(?:exit|status|error|response|return|result|reason|zip|postal|country|area|product|currency|http|op|sub|event|fault|source|bar|qr|promo|discount|language|state|class|type|close|signal|errno|sql|region|store|item|order)[ _-]?$/i // prettier-ignore
const NAMED_CODE = new RegExp(`(?<keep>(?<![A-Za-z])(?:${CODE_NAMES})(?![A-Za-z])[^\\d\\r\\n]{0,24}?[\\s:：=是為为「"'(#[-])(?<code>(?:[A-Z]-)?\\d{3}[ -]?\\d{3}|\\d{4,8})(?!\\d|[.:-]\\d|[A-Za-z%]|[ ]?(?:ms|s|bytes|times)\\b)`, 'giu') // prettier-ignore
const CODE_FIRST = /(?<![\d.:#-])(?<code>(?:[A-Z]-)?\d{4,8})(?=[ \t]{1,2}(?:is|as)[ \t]{1,2}(?:your|the|a)[ \t][\w -]{0,40}?(?:code|otp|pin|passcode|password)\b|[ \t]{0,2}(?:是|為|为)(?:您|你)?的?.{0,12}(?:碼|码))/giu // prettier-ignore
const BARE_CODE =
  /(?<keep>(?<before>[A-Za-z]{0,12}[ _-]?)\bcode(?:[ \t]{1,2}is)?[ \t]{0,2}[:：]?[ \t]{0,2})(?<code>\d{6})(?![\d.:%-]|[A-Za-z])/gi
const codes: Finder = {
  hints: ['otp', 'code', 'pin', '碼', '码'],
  *find(text) {
    for (const pattern of [NAMED_CODE, CODE_FIRST, BARE_CODE])
      for (const match of text.matchAll(pattern)) {
        const { keep = '', before = '', code = '' } = match.groups ?? {}
        if (pattern === BARE_CODE && (PLAIN_CODE.test(before) || !/is|：|:|\b(?:use|enter|your)\b/i.test(keep)))
          continue
        const start = match.index + keep.length
        yield [start, start + code.length]
      }
  },
}

/** Base64 of `user:password`, as in Basic authentication: decodes to printable text with a colon. */
const BASE64 = /(?<![\w+/=.%-])[A-Za-z0-9+/]{12,400}={0,2}(?![\w+/=-])/g
const pairs: Finder = {
  hints: [],
  *find(text) {
    for (const match of text.matchAll(BASE64)) {
      const [word] = match
      if (word.length % 4 !== 0 || !/[a-z]/.test(word) || !/[A-Z]/.test(word)) continue
      const plain = Buffer.from(word, 'base64').toString('latin1')
      const pair = /^[\w.@+-]{2,64}:([\x21-\x7e]{4,200})$/.exec(plain)
      if (pair !== null && !/^(?:\d{1,5}|\/\/.*)$/.test(pair[1] ?? '')) yield [match.index, match.index + word.length]
    }
  },
}

export const protocols: readonly Finder[] = [
  ...urls,
  queries,
  ...headers,
  ...commands,
  ...piped,
  ...files,
  kubernetesSecrets,
  codes,
  pairs,
]
