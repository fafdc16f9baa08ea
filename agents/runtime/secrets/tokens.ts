/**
 * Secrets that tell by themselves what they are: their issuers give them a prefix so that they can be found. One row each: what it begins
 * with, what follows, as the issuers document it.
 */
import { finder, type Finder } from './span.ts'

const WORD = String.raw`[A-Za-z0-9]`
const WIDE = String.raw`[\w-]`
const HEX = String.raw`[0-9a-fA-F]`

const TOKENS: readonly (readonly [prefix: string, rest: string])[] = [
  // clouds
  ['(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)', '[A-Z0-9]{16}'],
  ['AIza', `${WIDE}{30,45}`],
  [String.raw`ya29\.`, `${WIDE}{20,500}`],
  ['GOCSPX-', `${WIDE}{20,40}`],
  [String.raw`1//0`, `${WIDE}{30,200}`],
  ['LTAI', `${WORD}{12,26}`],
  ['AKID', `${WORD}{28,40}`],
  [String.raw`do[opr]_v1_`, `${HEX}{40,80}`],
  ['dapi', `${HEX}{32}(?:-\\d)?`],
  [String.raw`ocid1\.credential\.`, String.raw`[\w.-]{20,200}`],
  [String.raw`pscale_(?:tkn|pw|oauth)_`, String.raw`[\w.=-]{20,80}`],
  ['sbp_', `${HEX}{30,60}`],
  ['sb_secret_', `${WIDE}{16,60}`],
  ['rpa_', `${WORD}{30,60}`],
  ['fo1_', `${WIDE}{30,60}`],
  ['fm[12][ar]?_', '[A-Za-z0-9+/=]{60,600}'],
  ['v1\\.0-', `${HEX}{24}-${HEX}{100,160}`],
  ['HRKU-', `${WIDE}{30,80}`],
  ['scw_', `${WIDE}{20,80}`],
  ['nf[pcou]_', `${WORD}{30,60}`],
  ['vcp_', `${WORD}{20,60}`],
  ['rnd_', `${WORD}{24,60}`],
  ['tskey-', `${WIDE}{16,100}`],
  // code and packages
  ['gh[pousr]_', `${WORD}{20,255}`],
  ['github_pat_', String.raw`\w{20,255}`],
  ['gl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas|ffct|rtr|wt)-', String.raw`[\w.-]{16,300}`],
  ['ATATT3', String.raw`[\w=-]{40,400}`],
  ['ATCTT3', String.raw`[\w=-]{40,400}`],
  ['ATBB', `${WORD}{24,60}`],
  ['BBDC-', String.raw`[\w+/-]{30,60}`],
  ['npm_', `${WORD}{30,64}`],
  ['pypi-', `${WIDE}{50,1000}`],
  ['rubygems_', `${HEX}{40,60}`],
  ['oy2', '[a-z0-9]{43}'],
  ['cio', `${WORD}{32}`],
  ['CLOJARS_', '[a-z0-9]{50,70}'],
  ['dckr_(?:pat|oat)_', `${WIDE}{20,60}`],
  ['AKCp', `${WORD}{60,80}`],
  ['cmVmd', `${WORD}{50,70}`],
  ['sq[pua]_', `${HEX}{40}`],
  ['sgp_', String.raw`(?:[0-9a-fA-F]{16}_|local_)?[0-9a-fA-F]{40}`],
  ['PMAK-', `${HEX}{20,30}-${HEX}{30,40}`],
  ['pul-', `${HEX}{40}`],
  ['CCIPAT_', `${WORD}{10,40}_${HEX}{30,60}`],
  ['bkua_', `${HEX}{40}`],
  ['API-', '[A-Z0-9]{24,40}'],
  ['cfpat-|CFPAT-', `${WIDE}{40,60}`],
  // models
  ['sk-', `${WORD}${WIDE}{18,250}`],
  ['hf_', `${WORD}{30,60}`],
  ['api_org_', `${WORD}{30,60}`],
  ['r8_', `${WORD}{30,60}`],
  ['gsk_', `${WORD}{40,80}`],
  ['xai-', `${WORD}{60,100}`],
  ['pplx-', `${WORD}{40,60}`],
  ['nvapi-', `${WIDE}{50,90}`],
  ['lsv2_(?:pt|sk)_', `${HEX}{32}_${HEX}{10}`],
  ['pcsk_', `${WORD}{4,10}_${WORD}{40,80}`],
  // chat and mail
  ['xox[abcdeoprs]-', `${WIDE}{10,250}`],
  [String.raw`xoxe\.`, String.raw`[\w.-]{10,250}`],
  ['xapp-', `${WIDE}{10,250}`],
  [String.raw`(?:bot)?\d{8,10}:AA`, `${WIDE}{30,40}`],
  [String.raw`SG\.`, String.raw`[\w-]{16,32}\.[\w-]{16,64}`],
  ['xkeysib-', String.raw`[0-9a-f]{40,64}-\w{10,20}`],
  ['key-', '[0-9a-f]{32}'],
  ['re_', `${WORD}{6,12}_${WORD}{16,40}`],
  [String.raw`[0-9a-f]{32}-us\d{1,2}`, ''],
  ['EAA[A-Z]', `${WORD}{60,400}`],
  // money and shops
  ['[rsp]k_(?:live|test|prod)_', `${WORD}{10,128}`],
  ['whsec_', '[A-Za-z0-9+/=]{20,80}'],
  ['sq0(?:atp|csp|idp)-', `${WIDE}{20,60}`],
  ['EAAA', `${WIDE}{50,70}`],
  ['shp(?:at|ca|pa|ss|tka)_', `${HEX}{32}`],
  ['FLWSECK(?:_TEST)?-', `${WIDE}{10,60}`],
  ['access_token\\$production\\$', String.raw`[\w$]{20,80}`],
  ['shippo_(?:live|test)_', `${HEX}{40}`],
  ['EZ[AT]K', `${WORD}{40,70}`],
  ['rzp_(?:live|test)_', `${WORD}{14,24}`],
  ['duffel_(?:live|test)_', String.raw`[\w=-]{30,60}`],
  // watching and running
  ['hv[sbr]\\.', `${WIDE}{20,300}`],
  ['glsa_', `${WORD}{24,40}_${HEX}{8}`],
  ['glc_', '[A-Za-z0-9+/=]{32,400}'],
  ['eyJrIjoi', '[A-Za-z0-9+/=]{40,400}'],
  ['NR(?:AK|II|JS|IQ|RA)-', `${WIDE}{16,60}`],
  ['dt0[a-z]\\d{2}\\.', String.raw`[A-Z0-9]{8,24}\.[A-Z0-9]{40,64}`],
  ['sntry[su]_', '[\\w+/=-]{40,500}'],
  ['dp\\.(?:pt|st|ct|sa|scim|audit)\\.', String.raw`[\w.-]{30,80}`],
  ['lin_(?:api|oauth)_', `${WORD}{32,80}`],
  ['ntn_', `${WORD}{40,60}`],
  ['secret_', `${WORD}{43}`],
  ['figd_', `${WIDE}{36,60}`],
  ['rdme_', '[a-z0-9]{60,80}'],
  ['phx_', `${WORD}{32,60}`],
  ['pat[A-Za-z0-9]{14}\\.', `${HEX}{64}`],
  ['tfp_', String.raw`[\w.=-]{40,70}`],
  [`${WORD}{14}\\.atlasv1\\.`, String.raw`[\w=-]{50,80}`],
  ['ops_eyJ', '[A-Za-z0-9+/=]{60,2000}'],
  ['A3-', String.raw`[A-Z0-9]{6}-[A-Z0-9-]{20,40}`],
  ['sha256~', `${WIDE}{40,50}`],
  ['k8s-aws-v1\\.', `${WIDE}{40,2000}`],
  ['sk_[a-z]{2,12}_', `${WORD}{24,80}`],
  [String.raw`[SPT]GT-\d{1,9}-|ST-\d{1,9}-`, String.raw`[\w.-]{20,200}`],
  ['pnu_', `${WORD}{30,40}`],
  ['dnkey-', String.raw`[\w=-]{26,30}-[\w=-]{40,60}`],
  ['tk-us-', `${WIDE}{40,60}`],
  ['fio-u-', String.raw`[\w=-]{60,70}`],
  ['sm_[aps]at_', `${WORD}{16,32}`],
  ['ASIAY|p8e-', `${WORD}{30,40}`],
  [`${WORD}{6}_${WORD}{29}_mmk`, ''],
  [String.raw`[A-Za-z0-9_~.]{3}\dQ~`, String.raw`[A-Za-z0-9_~.-]{30,36}`],
  // keys as one word
  ['AGE-SECRET-KEY-1', '[0-9A-Z]{20,80}'],
  ['age-plugin-[a-z]{2,12}-1', '[0-9a-z]{20,120}'],
  ['LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFURS|BQUklWQVRFI|BFQyBQUklWQVRF|BPUEVOU1NI|BEU0EgUFJJVkFURS|BFTkNSWVBURUQg)', '[A-Za-z0-9+/=]{20,12000}'], // prettier-ignore
  ['xprv', '[1-9A-HJ-NP-Za-km-z]{80,120}'],
  ['v[1-4]\\.(?:local|public)\\.', String.raw`[\w.-]{30,2000}`],
]

/** A hash of a password can be tried out at leisure: crypt, PHC and LDAP write them so. */
const HASHES = String.raw`\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha\d{1,3})?|s0)\$[\w./+=,$-]{20,300}|\{(?:S?SHA|S?MD5|SSHA(?:256|512)|CRYPT|PBKDF2[\w-]{0,10})\}[\w./+=$-]{20,200}`

/** Of the rows above, in lower case: what is in every text one of them finds something in. */
const HINTS = [
  'akia asia abia acca aroa aida aiza ya29. gocspx- 1//0 ltai akid doo_v1_ dop_v1_ dor_v1_ dapi ocid1.cred pscale_ sbp_ sb_secret_',
  'rpa_ fo1_ fm1 fm2_ v1.0- hrku- scw_ nfp_ nfc_ nfo_ nfu_ vcp_ rnd_ tskey- ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- glptt- gldt-',
  'glrt- glcbt- glsoat- glft- glimt- glagent- gloas- glffct- glrtr- glwt- atatt3 atctt3 atbb bbdc- npm_ pypi- rubygems_ oy2 cio',
  'clojars_ dckr_ akcp cmvmd sqp_ squ_ sqa_ sq0 sgp_ pmak- pul- ccipat_ bkua_ api- cfpat- sk- hf_ api_org_ r8_ gsk_ xai- pplx-',
  'nvapi- lsv2_ pcsk_ xox xapp- :aa sg. xkeysib- key- re_ -us eaa k_live_ k_test_ k_prod_ whsec_ shpat_ shpca_ shppa_ shpss_ shptka_',
  'flwseck access_token$ shippo_ ezak eztk rzp_ duffel_ hvs. hvb. hvr. glsa_ glc_ eyjrijoi nrak- nrii- nrjs- nriq- nrra- dt0 sntry',
  'dp. lin_ ntn_ secret_ figd_ rdme_ phx_ pat tfp_ .atlasv1. ops_eyj a3- sha256~ k8s-aws-v1. sk_ pnu_ dnkey- tk-us- fio-u- sm_ p8e-',
  'asiay _mmk q~ gt- st- age- ls0tls1crudjti xprv .local. .public.',
].flatMap((line) => line.split(' '))

/** Any of the prefixes, as the texts of nearly all logs hold none of them. */
const some = TOKENS.map(([prefix, rest]) => `(?:${prefix})${rest}`).join('|')

export const tokens: readonly Finder[] = [
  finder(HINTS, new RegExp(String.raw`(?<![A-Za-z0-9_])(?:${some})`, 'g')),
  // of Vault, as they were
  finder([], /(?<![\w.-])s\.(?=[A-Za-z]{0,23}\d)[A-Za-z0-9]{24}(?![A-Za-z0-9])/g),
  // of Discord: they begin with an id as base64
  finder([], /(?<![\w-])[MNO][\w-]{23,27}\.[\w-]{6,7}\.[\w-]{27,45}/g),
  finder(
    [
      '$1$',
      '$2',
      '$5$',
      '$6$',
      '$7$',
      '$y$',
      '$gy$',
      '$apr1',
      '$argon2',
      '$scrypt',
      '$pbkdf2',
      '$s0$',
      '{ssha',
      '{sha',
      '{smd5',
      '{md5',
      '{crypt',
      '{pbkdf2',
    ],
    new RegExp(HASHES, 'g'),
  ),
  // JSON Web Tokens, signed decisions among them; encrypted ones have five parts
  finder(['zxlk'], /(?<![\w-])ZXlK[\w/\\+-]{8,8000}={0,2}/g),
  finder(['.ey'], /(?<![\w-])ey[A-Za-z0-9]{17,4000}\.ey[\w/\\-]{17,8000}\.(?:[\w/\\-]{10,8000}={0,2})?/g),
  finder(['eyj'], /(?<![\w-])eyJ[\w-]{5,4000}\.{1,2}[\w-]{5,8000}(?:\.[\w-]{0,8000}){0,3}/g),
]
