/** zh-TW help texts by their English text, which is defined with each command. test/cli/help.test.ts checks that none is missing. */
export const chineseHelp: Readonly<Record<string, string>> = {
  'diagnose incidents, offline from files or with a running platform': '診斷事故：離線分析檔案，或使用執行中的平台',
  'print the version': '顯示版本',
  'output language (default: the locale, from LC_ALL, LC_MESSAGES, LANG)':
    '輸出語言（預設依語系：LC_ALL、LC_MESSAGES、LANG）',
  'folder for keys, tokens and embedded components (default: DATA_DIR, else .sre)':
    '金鑰、權杖與內建元件的資料夾（預設：DATA_DIR，否則 .sre）',
  'display help for command': '顯示指令說明',
  'start the whole platform on this machine, with a recorded and a live incident':
    '在本機啟動整個平台，並展示一起錄製的事故與一起即時的事故',
  'port of the gateway (default: GATEWAY_PORT, else 8080)': '閘道的連接埠（預設：GATEWAY_PORT，否則 8080）',
  'start only, without the demo incidents': '只啟動平台，不展示事故',
  'show every query to a source, and all findings': '顯示每個查詢與所有發現',
  'run both incidents end to end, from request to verified action; exits 0 on success':
    '完整執行兩起事故，從請求到動作驗證；全部成功時結束碼為 0',
  'deploy the bad release a second time after the rollback': '退版後再次部署有問題的版本',
  'run one component as its own process, configured by the environment (docs/reference/configuration.md)':
    '以獨立程序執行一個元件，由環境變數設定（docs/reference/configuration.md）',
  'which component': '哪個元件',
  'record changes of another system on the bus, so that a diagnosis can name them as causes; read only':
    '將其他系統的變更記錄到匯流排，讓診斷能指出是哪個變更造成的（唯讀）',
  'where changes come from': '變更的來源',
  'faults of the demo shop, to try a diagnosis on': '示範商店的故障，可用來試試診斷',
  'list the faults: what each does, what ends it, and which are on': '列出故障：各自的作用、結束的方法，以及哪些正開啟',
  'switch a fault on, or off': '開啟或關閉故障',
  'fault, as listed by sre lab faults': '故障名稱，見 sre lab faults',
  'switch it off after this time: 90s, 5m, 1h (default: it stays on)':
    '經過這段時間後關閉：90s、5m、1h（預設：持續開啟）',
  'switch it off': '關閉它',
  'Lab: LAB_URL and LAB_TOKEN; if they are not set, that of the platform started in DATA_DIR':
    'lab：LAB_URL 與 LAB_TOKEN；若未設定，則為在 DATA_DIR 啟動的平台的 lab',
  'create or update the schemas of all components in PostgreSQL (DATABASE_URL); components also do this at start':
    '在 PostgreSQL（DATABASE_URL）建立或更新所有元件的 schema；元件啟動時也會自行處理',
  'check the configuration and every system it names; exits 1 if a check fails':
    '檢查設定與其中的每個系統；有檢查未通過時結束碼為 1',
  'check the configuration of these components (default: those configured)': '檢查這些元件的設定（預設：已設定的元件）',
  'compare the answers of a control-plane with docs/reference/control-plane.yaml, read only':
    '將控制平面的回覆與 docs/reference/control-plane.yaml 比對（唯讀）',
  'its URL; absent: check the configuration of this component': '其 URL；省略時檢查此元件的設定',
  'record the data of Prometheus, Loki, traces and the control-plane on these services and those around them, or on all':
    '將 Prometheus、Loki、追蹤與控制平面中這些服務及其周邊服務（或所有服務）的資料存成錄製資料',
  'record only the services named, not those that may be involved': '只錄製指定的服務，不含可能相關的服務',
  'folder to create; if it exists, it must be empty': '要建立的資料夾；若已存在，必須是空的',
  'service to record; repeatable (default: all)': '要錄製的服務；可重複指定（預設：全部）',
  'how far back: 90s, 30m, 2h, 1d; the same time before it, at least 30m, is recorded as the baseline (default: 1h)':
    '往回多久：90s、30m、2h、1d；並錄製之前同樣長度（至少 30m）作為基準時段（預設：1h）',
  'one JSON document: what was recorded, and what was missing': '一份 JSON 文件：錄到的內容與缺少的內容',
  'sign in with the browser (authorization code with PKCE)': '以瀏覽器登入（authorization code 與 PKCE）',
  'print a URL to sign in with a browser on another device': '顯示網址，以另一台裝置的瀏覽器登入',
  'identity provider (default: OIDC_ISSUER, else the one of the platform running in DATA_DIR)':
    '身分提供者（預設：OIDC_ISSUER，否則為 DATA_DIR 中執行的平台所用者）',
  'sign in as this person without a browser': '不用瀏覽器，以此人員登入',
  'with --username: read the password from standard input': '搭配 --username：從標準輸入讀取密碼',
  'scopes to request, separated by spaces': '要請求的 scope，以空白分隔',
  'print JSON instead of text': '輸出 JSON 而非文字',
  'sign out and revoke the token': '登出並撤銷權杖',
  'say whether a diagnosis was right': '評價診斷是否正確',
  'your verdict on it': '您的評價',
  'what the cause was': '實際的原因',
  'a remark': '備註',
  'find out what is wrong, since when, and why': '找出異常、開始時間與原因',
  'service to diagnose': '要診斷的服務',
  'its namespace': '該服務的 namespace',
  'how far back to look: 90s, 30m, 2h, 1d': '往回查看多久：90s、30m、2h、1d',
  'a suspected deployment (with --service)': '可疑的部署（搭配 --service）',
  'alert to explain; repeatable': '要解釋的告警；可重複指定',
  'related incident; repeatable': '相關的事故；可重複指定',
  severity: '嚴重程度',
  'wait until the session ends, and print what happens': '等待工作階段結束，並顯示期間的事件',
  'after the diagnosis, wait until its actions are decided and verified, and print what happens':
    '診斷完成後繼續等待，直到其動作已決定並驗證，並顯示期間的事件',
  'print the id of the session as soon as the request is accepted': '請求受理後立即顯示工作階段編號，不等待診斷',
  'exit with 3 on this verdict': '判定符合時以結束碼 3 結束',
  'show every query': '顯示每個查詢',
  'with --watch: show every query': '搭配 --watch：顯示每個查詢',
  'gateway URL (default: SRE_GATEWAY_URL, else the platform running in DATA_DIR)':
    '閘道的 URL（預設：SRE_GATEWAY_URL，否則為 DATA_DIR 中執行的平台）',
  'write the postmortem of incidents or sessions: times, impact, cause and action items':
    '撰寫事故或工作階段的事後檢討：時間、影響、原因與行動項目',
  'print a postmortem that was written': '顯示已完成的事後檢討',
  'postmortem id, or its last characters': '事後檢討編號，或其末幾碼',
  'complete a postmortem in your editor (VISUAL, EDITOR): summary, notes, action items and state':
    '以編輯器（VISUAL、EDITOR）補充事後檢討：摘要、補充說明、行動項目與狀態',
  'print the file to edit, and change nothing': '只顯示可編輯的檔案，不做任何修改',
  'the edited file; -: standard input': '編輯後的檔案；-：標準輸入',
  'only this state': '只改為此狀態',
  'list postmortems, newest first': '列出事後檢討，由新到舊',
  'incident ids, or session ids or their last characters': '事故編號，或工作階段編號（末幾碼亦可）',
  'format of the report': '報告的格式',
  'write the report to this file, and the charts of Markdown beside it':
    '將報告寫入此檔案，Markdown 的圖表則寫入同一目錄',
  'wait for the report, however long it takes': '等待報告完成，不限時間',
  'forecast when services run out of capacity, and what to do about it': '預測服務何時達到容量上限，並提出建議',
  'services or hosts to assess': '要評估的服務或主機',
  'resource to assess': '要評估的資源',
  'forecast horizon in days, 7 to 365': '預測天數，7 至 365',
  'their namespace': '這些服務的 namespace',
  'list diagnoses, newest first': '列出診斷，最新的在前',
  'only for this service': '只列此服務',
  'only in this state': '只列此狀態',
  'page number': '頁碼',
  'full ids and findings, without truncating lines': '顯示完整的編號與結論，不限行寬',
  'show one diagnosis with its result': '顯示一個診斷及其結果',
  'session id, or its last characters': '工作階段編號，或其末幾碼',
  'stop a running diagnosis at its next step': '讓執行中的診斷在下一個步驟停止',
  'list actions waiting for approval, newest first': '列出等待核准的動作，最新的在前',
  'approval id, or its last characters': '核准編號，或其末幾碼',
  'reason, for the audit trail': '理由，供日後稽核',
  'do not ask for confirmation': '不再詢問確認',
  'list the workflows of the agents, how long they take and how often they succeed':
    '列出代理程式的工作流程、所需時間與成功率',
  'list the tools of the agents, and whether they answer': '列出代理程式的工具，以及是否有回應',
  'give an assistant on this machine the tools of the platform, over MCP on standard input and output':
    '以標準輸入與輸出，透過 MCP 讓本機的助理使用平台的工具',
  'The assistant starts it: docs/guides/connect-assistants.md.': '由助理啟動：docs/guides/connect-assistants.md。',
  'stop all actions, approved or not, and resume them': '停止所有動作（含已核准者），以及恢復',
  'freeze: no action starts from now on': '凍結：從現在起不執行任何動作',
  "only this tenant's actions (default: all actions)": '只限此租戶的動作（預設：所有動作）',
  'operator name (default: the current OS user)': '操作者（預設：目前的作業系統使用者）',
  'reason, shown to whoever is refused': '理由，會顯示給被拒絕的人',
  'lift the freeze; actions refused in the meantime stay refused': '解除凍結；期間遭拒的動作不會自動執行',
  'show what is frozen, since when, by whom and why': '顯示凍結的範圍、起始時間、操作者與理由',
  'compare a Kafka cluster with topics.yaml and reconcile it': '比對 Kafka 叢集與 topics.yaml，並使其一致',
  'show the differences without changing anything; exits 1 if there are any':
    '只顯示差異，不做變更；有差異時結束碼為 1',
  'replication factor, for a cluster with too few brokers for topics.yaml':
    '副本數，供 broker 少於 topics.yaml 所需的叢集使用',
  'also add partitions; keys move, so stop all publishers first': '一併增加分割區；鍵會移動，請先停止所有發布者',
  'print KafkaTopic and KafkaUser resources for Strimzi': '輸出 Strimzi 的 KafkaTopic 與 KafkaUser 資源',
  'name of the Kafka resource': 'Kafka 資源的名稱',
  'namespace of the Kafka resource': 'Kafka 資源的 namespace',
  'how the users sign in': '使用者的登入方式',
  "print the commands of Kafka's own tools that make topics and ACLs": '輸出以 Kafka 內建工具建立主題與 ACL 的指令',
  'also the ACLs that topics.yaml implies for producers, consumers and groups':
    '一併處理 topics.yaml 的生產者、消費者與群組所需的 ACL',
  'like --acls, and remove any other rights of components on these topics and groups':
    '同 --acls，並移除元件在這些主題與群組上的其他權限',
  'show what would be done, without changing anything': '只顯示將會做什麼，不做變更',
  'create and configure what differs; exits 1 if differences remain': '建立並設定有差異的主題；仍有差異時結束碼為 1',
  'check, release and register the event schemas': '檢查、發行並註冊事件的 schema',
  'check schemas/*.avsc for compatibility with every release, offline; exits 1 if one is incompatible':
    '離線檢查 schemas/*.avsc 與各發行版本的相容性；不相容時結束碼為 1',
  'store changed schemas as the next release in schemas/released':
    '將變更的 schema 存為 schemas/released 中的下一個發行版本',
  'register the schemas with the schema registry or PostgreSQL; the registry refuses incompatible ones':
    '將 schema 註冊到 schema registry 或 PostgreSQL；registry 會拒絕不相容的 schema',
  "the gateway's signing keys for decisions": '閘道簽署決定所用的金鑰',
  'print a new key, private part included, as a file for a Secret that replicas mount as gateway-keys':
    '輸出一把新金鑰（含私鑰）的檔案內容，供各副本以 Secret 掛載為 gateway-keys',
  'when it starts signing: 15m, 1h; the only key signs at once (default: 1m)':
    '多久後開始簽署：15m、1h；只有一把金鑰時立即開始（預設：1m）',
  'same output: it is JSON anyway': '輸出相同：本來就是 JSON',
  'add a key; it starts signing in a minute, so that every verifier can fetch it first; older keys still verify':
    '新增金鑰；一分鐘後開始簽署，讓各驗證端先取得；舊金鑰仍可驗證',
  'inspect and redrive dead letters': '查看並重送死信',
  'list dead letters, oldest first': '列出死信，最舊的在前',
  'only from this topic': '只限此主題',
  'only of this consumer': '只限此消費者',
  'only with this code': '只限此代碼',
  'only dead-lettered since: 30m, 2h, 1d ago, or 2026-11-28T10:00:00Z':
    '只限此時間之後：30m、2h、1d 前，或 2026-11-28T10:00:00Z',
  'only dead-lettered before this time (same formats)': '只限此時間之前（格式相同）',
  'include redriven ones': '包含已重送者',
  'show one dead letter: reason, origin, headers and bytes': '顯示一封死信：原因、來源位置、標頭與內容',
  'id, as listed by sre dlq list': '編號，如 sre dlq list 所列',
  'print JSON instead of text, with the bytes as base64': '輸出 JSON 而非文字，內容為 base64',
  'republish dead letters to their original topics': '將死信重新發布到原主題',
  'ids, as listed by sre dlq list': '編號，如 sre dlq list 所列',
  'all dead letters not yet redriven that match the filters': '所有符合篩選條件且尚未重送的死信',
  'include those already redriven': '包含先前已重送者',
  "show one piece of evidence: the query and the source's answer": '顯示一項證據：查詢與來源的回應',
  'evidence id as cited by sre show, or its last characters': 'sre show 所引用的證據編號，或其末幾碼',
  'the diagnosis that cites it (default: searched among the newest)': '引用該證據的診斷（預設：在最新的診斷中尋找）',
  'analyze files offline; nothing needs to be running': '離線分析檔案，不需要執行中的平台',
  'find what went wrong in a recording, since when, why, and with what confidence':
    '找出錄製資料中的異常、開始時間、原因與信心分數',
  'recordings: folders with an incident.json': '錄製資料：含 incident.json 的資料夾',
  'one JSON document per line instead of a report': '每行一份 JSON 文件，取代報告',
  'fail on an unreadable row instead of skipping it': '遇到無法讀取的列時失敗，而非略過',
  'score each point of a series against the points before it': '依先前的資料點，為序列中的每一點評分',
  'CSV with timestamp and value, one series per file; .gz accepted': '含時間與值的 CSV，一檔一個序列；可為 .gz',
  'write one CSV per file here instead of to standard output': '每個檔案各寫一份 CSV 到此處，而非標準輸出',
  'one JSON document per file, with the anomalies': '每個檔案一份 JSON 文件，列出異常',
  'list what is unusual in the measurements of services, open anomalies first': '列出服務量測中的異常，未結束的在前',
  'only of this severity': '只列此嚴重程度',
  'keep running, and print what opens, changes and closes': '持續執行，顯示開始、變化與結束的異常',
  'show one anomaly with all its series': '顯示一個異常及其所有序列',
  'anomaly id, or its last characters': '異常編號，或其末幾碼',
  'watch recordings or exported series as if they were measured now, and print what is announced':
    '將錄製資料或匯出的序列當作即時量測來監看，並顯示公告的異常',
  'recordings, or CSV with timestamp and value; .gz accepted': '錄製資料，或含時間與值的 CSV；可為 .gz',
  'length of a step (default: the interval between samples)': '每一步的長度（預設：樣本的間隔）',
  'one JSON document per announcement': '每則公告一份 JSON 文件',
  'which anomalies and forecasts ask for a diagnosis by themselves (POLICY_FILE)':
    '哪些異常與預測會自動要求診斷（POLICY_FILE）',
  'say what the policy means for a service': '說明政策如何套用於某個服務',
  'name of the service': '服務名稱',
  'forecast series, with prediction intervals': '預測序列的走勢與預測區間',
  'CSV with timestamp and value, or series, timestamp and value; .gz accepted':
    '含時間與值（或序列、時間與值）的 CSV；可為 .gz',
  'steps to forecast': '要預測的步數',
  'season length in steps, such as 24 for hourly data (default: detected)':
    '季節長度（步數），例如每小時資料為 24（預設：自動偵測）',
  'coverage of the intervals': '區間的涵蓋率',
  'also report when the mean and the bounds reach this value': '一併回報平均與上下限何時達到此值',
  'one JSON document per series': '每個序列一份 JSON 文件',
  'group log lines by template': '依模板彙整日誌',
  'text lines or logs.jsonl; .gz accepted': '純文字日誌或 logs.jsonl；可為 .gz',
  "print the templates as JSON instead of each line's template as CSV":
    '以 JSON 輸出所有模板，而非以 CSV 輸出每行的模板',
  'the same as --templates': '同 --templates',
  'approve one exact action as the signed-in user': '以登入者身分核准一個動作',
  'reject one exact action as the signed-in user': '以登入者身分拒絕一個動作',
  'Sources: PROMETHEUS_URL, LOKI_URL, TRACES_URL and their settings; if none is set, those of the platform started in DATA_DIR, or its shop':
    '資料來源：PROMETHEUS_URL、LOKI_URL、TRACES_URL 及其設定；都未設定時，使用在 DATA_DIR 啟動的平台的資料來源或其商店',
  'Exit codes: 0 recorded, 1 nothing was recorded, 2 usage error, 4 unknown service':
    '結束碼：0 已錄製、1 沒有錄製、2 用法錯誤、4 不明的服務',
  'Exit codes: 0 diagnosed (with --no-wait: accepted), 1 no diagnosis, 2 usage error, 3 a verdict of --fail-on, 4 unknown service':
    '結束碼：0 已有診斷（搭配 --no-wait：已受理）、1 沒有診斷、2 用法錯誤、3 符合 --fail-on 的判定、4 不明的服務',
  'Usage:': '用法：',
  'Arguments:': '引數：',
  'Options:': '選項：',
  'Global Options:': '全域選項：',
  'Commands:': '指令：',
  'The people of an embedded platform are in <DATA_DIR>/people.json.': '內建平台的人員列於 <DATA_DIR>/people.json。',
  'Run it where the gateway keeps its data (DATA_DIR). Nothing needs a restart.':
    '請在閘道的資料夾（DATA_DIR）所在處執行。不需重新啟動任何程式。',
}
