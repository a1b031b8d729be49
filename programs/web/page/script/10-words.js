// SPDX-License-Identifier: MIT
// The page's own words in both languages. What an item is called and means comes from the device.

const WORDS = {
	en: {
		skip: 'Skip to the content', status: 'Status', line: 'Line', sip: 'SIP', global: 'Global Settings',
		login: 'Log in', logout: 'Log out', password: 'Password', show_password: 'Show the password',
		login_of: 'Log in to {program}', login_hint: 'The password was printed when the page was first started.',
		login_empty: 'Enter the password.', login_wait: 'Too many tries. Try again in {n} s.',
		session_ended: 'The session has ended. Log in again; changes that were not applied are kept.',
		theme: 'Appearance', theme_auto: 'Auto', theme_light: 'Light', theme_dark: 'Dark', language: 'Language',
		live: 'Live', lost: 'Connection lost', connecting: 'Connecting', lost_hint: 'What is shown is old. Trying again by itself.',
		loading: 'Loading', no_lines: 'No line matches.', lines: 'Lines', search_lines: 'Search lines', all: 'All', trouble: 'Trouble', calls_only: 'In a call',
		all_lines: 'All lines', line_n: 'Line {n}', no_such_line: 'There is no line {n}.',
		state_registered: 'Registered', state_registering: 'Registering', state_unregistered: 'Not registered', state_off: 'Off', 'state_no-target': 'No server',
		on_backup: 'On a backup', pinned: 'Pinned', probing: 'Probing',
		registration: 'Registration', left: '{t} left', of: 'of {t}', serving: 'Serving', since: 'since {t}', next_refresh: 'Next refresh', next_probe: 'Next probe',
		none: 'None', in_t: 'in {t}', now: 'now', configured: 'Configure', line_status: 'Line status',
		targets: 'Targets', target: 'Target', health: 'Health', why: 'Why', no_targets: 'This line has no target.',
		health_serving: 'Serving', health_good: 'Good', health_unknown: 'Not known', health_dead: 'Unavailable', 'health_asked-to-wait': 'Asked to wait', until: 'for {t}',
		'reason_no-answer': 'no answer', reason_icmp: 'ICMP: nobody there', reason_refused: 'connection refused', reason_reset: 'connection reset',
		'reason_connect-timeout': 'connection timed out', reason_tls: 'TLS failed', 'reason_bad-answer': 'answer not readable', reason_local: 'this device cannot send', reason_unsupported: 'no such transport in this phone', reason_request: 'as asked',
		reason_status: 'answered {n}',
		actions: 'Actions', register: 'Register now', probe: 'Probe now', failback: 'Go back to the primary now', pin: 'Stay where it is', unpin: 'Return by itself again',
		options: 'Send OPTIONS', call: 'Call', answer: 'Answer', hangup: 'Hang up', call_whom: 'Number or SIP address', call_empty: 'Enter a number or a SIP address.',
		pin_help: 'Stay on this server until told otherwise', done: '{what}: accepted.', refused: '{what}: {why}',
		calls: 'Calls', no_calls: 'No call.', call_state_calling: 'Calling', call_state_ringing: 'Ringing', call_state_incoming: 'Incoming', call_state_answered: 'Answered', call_state_up: 'Up', call_state_ending: 'Ending',
		call_state_ended: 'Ended', call_state_failed: 'Failed', via: 'via {t}',
		walk: 'Messages, live', phone: 'phone', walk_quiet: 'Nothing has been sent yet.', walk_text: 'Ladder of the last messages of line {n}. The decisions below say the same in sentences.',
		waiting: 'waiting', again: '{n} × in {t} s', failover: 'failover', to_primary: 'failback', given_up: 'given up', registered_at: 'registered, {n} s', unregistered: 'not registered', probe_word: 'probe',
		plan: 'What would happen now', plan_note: 'The worst case: each server stays silent. At each time, counted from now:', plan_service: 'at the next server after {t} s', plan_only: 'no other server to go to', plan_fails: 'has failed after {t} s',
		plan_empty: 'Nothing to try.',
		decisions: 'Decisions', this_line: 'This line', every_line: 'All lines', no_decisions: 'Nothing has been decided yet.', line_short: 'Line {n}',
		choose_line: 'Line', add_line: 'Add a line', remove_line: 'Remove this line', line_removed: 'This line is removed when you apply.', keep_line: 'Keep it', new_line: 'new',
		server_n: 'SIP Server {n}', proxy_1: 'SIP Proxy', proxy_2: 'Backup Proxy', proxy_n: 'Further Proxy {n}', add_server: 'Add a server', add_proxy: 'Add a proxy',
		primary_word: 'primary', backup_word: 'backup', remove: 'Remove', section_removed: 'Removed when you apply.', keep: 'Keep', note: 'NOTE',
		set: 'Set; never shown', not_set: 'Not set', clear_secret: 'Remove the password', secret_removed: 'Removed when you apply',
		default_is: 'Default: {v}', unset_is: 'If empty: {v}', to_default: 'Use the default', to_default_of: 'Use the default of {label}', range: '{a} to {b}', one_of: 'Of {v}',
		default_choice: '{v} (default)', yes: 'on', no: 'off',
		apply: 'Apply', discard: 'Discard', no_changes: 'No changes.', changes: '{n} changes not applied', change_1: '1 change not applied',
		applying: 'Applying …', applied: 'Applied.', errors_n: '{n} values are not accepted:', errors_1: 'One value is not accepted:', elsewhere: 'The configuration was changed elsewhere meanwhile. Apply shows you what differs.',
		reloaded: 'The configuration was changed elsewhere; this is the new one.', leave: 'There are changes that were not applied.',
		conflict: 'Changed by another meanwhile', conflict_text: 'Somebody applied other values after this page read them. Nothing of yours has been written. Choose for each value, then apply.', conflict_none: 'Nobody has changed the values that you have changed.',
		mine: 'Mine', theirs: 'Now on the device', was: 'Before', item: 'Item', cancel: 'Cancel', apply_chosen: 'Apply what is chosen', also_changed: 'Also changed there:', empty_value: '(default)', secret_value: '(password)', removed_value: '(removed)',
		file: 'File', network_error: 'The device does not answer.', http_error: 'The device answered {n}.', version: 'Version', stack: 'Stack', profile: 'Profile', uptime: 'Running for', up_since: 'Running since {t}', not_found: 'There is no such page.',
	},
	zh: {
		skip: '跳到内容', status: '状态', line: '线路', sip: 'SIP', global: '全局设置',
		login: '登录', logout: '退出', password: '密码', show_password: '显示密码',
		login_of: '登录 {program}', login_hint: '首次启动页面时会打印密码。',
		login_empty: '请输入密码。', login_wait: '尝试次数过多，请在 {n} 秒后重试。',
		session_ended: '会话已结束，请重新登录；未提交的更改会保留。',
		theme: '外观', theme_auto: '自动', theme_light: '浅色', theme_dark: '深色', language: '语言',
		live: '实时', lost: '连接中断', connecting: '正在连接', lost_hint: '显示的内容已过时，正在自动重试。',
		loading: '正在载入', no_lines: '没有匹配的线路。', lines: '线路', search_lines: '搜索线路', all: '全部', trouble: '异常', calls_only: '通话中',
		all_lines: '全部线路', line_n: '线路 {n}', no_such_line: '没有线路 {n}。',
		state_registered: '已注册', state_registering: '正在注册', state_unregistered: '未注册', state_off: '未启用', 'state_no-target': '没有服务器',
		on_backup: '使用备份', pinned: '已固定', probing: '正在探测',
		registration: '注册', left: '剩余 {t}', of: '共 {t}', serving: '当前服务器', since: '自 {t}', next_refresh: '下次刷新', next_probe: '下次探测',
		none: '无', in_t: '{t} 后', now: '现在', configured: '配置', line_status: '线路状态',
		targets: '目标', target: '目标', health: '健康', why: '原因', no_targets: '此线路没有目标。',
		health_serving: '服务中', health_good: '良好', health_unknown: '未知', health_dead: '不可用', 'health_asked-to-wait': '要求等待', until: '持续 {t}',
		'reason_no-answer': '无应答', reason_icmp: 'ICMP 不可达', reason_refused: '连接被拒绝', reason_reset: '连接被重置',
		'reason_connect-timeout': '连接超时', reason_tls: 'TLS 失败', 'reason_bad-answer': '应答无法读取', reason_local: '本机无法发送', reason_unsupported: '本机无此传输方式', reason_request: '按要求',
		reason_status: '应答 {n}',
		actions: '操作', register: '立即注册', probe: '立即探测', failback: '立即回到主服务器', pin: '保持当前服务器', unpin: '恢复自动返回',
		options: '发送 OPTIONS', call: '呼叫', answer: '接听', hangup: '挂断', call_whom: '号码或 SIP 地址', call_empty: '请输入号码或 SIP 地址。',
		pin_help: '在另行指示前保持在此服务器', done: '{what}：已接受。', refused: '{what}：{why}',
		calls: '通话', no_calls: '没有通话。', call_state_calling: '正在呼叫', call_state_ringing: '正在振铃', call_state_incoming: '来电', call_state_answered: '已接听', call_state_up: '通话中', call_state_ending: '正在结束',
		call_state_ended: '已结束', call_state_failed: '失败', via: '经由 {t}',
		walk: '实时消息', phone: '话机', walk_quiet: '尚未发送任何消息。', walk_text: '线路 {n} 最近消息的时序图；下方的决策以文字说明相同内容。',
		waiting: '等待中', again: '{n} 次，{t} 秒', failover: '故障切换', to_primary: '故障恢复', given_up: '已放弃', registered_at: '已注册，{n} 秒', unregistered: '未注册', probe_word: '探测',
		plan: '现在会发生什么', plan_note: '最坏情况：每个服务器都无应答。从现在起的时间：', plan_service: '{t} 秒后使用下一个服务器', plan_only: '没有其他服务器', plan_fails: '{t} 秒后失败',
		plan_empty: '没有可尝试的目标。',
		decisions: '决策', this_line: '此线路', every_line: '全部线路', no_decisions: '尚无决策。', line_short: '线路 {n}',
		choose_line: '线路', add_line: '添加线路', remove_line: '删除此线路', line_removed: '提交后删除此线路。', keep_line: '保留', new_line: '新',
		server_n: 'SIP Server {n}', proxy_1: 'SIP Proxy', proxy_2: 'Backup Proxy', proxy_n: '其他代理 {n}', add_server: '添加服务器', add_proxy: '添加代理',
		primary_word: '主', backup_word: '备份', remove: '删除', section_removed: '提交后删除。', keep: '保留', note: '说明',
		set: '已设置；从不显示', not_set: '未设置', clear_secret: '删除密码', secret_removed: '提交后删除',
		default_is: '默认值：{v}', unset_is: '留空：{v}', to_default: '使用默认值', to_default_of: '{label}：使用默认值', range: '{a} 到 {b}', one_of: '可选 {v}',
		default_choice: '{v}（默认）', yes: '开', no: '关',
		apply: '提交', discard: '放弃更改', no_changes: '没有更改。', changes: '{n} 项更改未提交', change_1: '1 项更改未提交',
		applying: '正在提交……', applied: '已生效。', errors_n: '{n} 个值不被接受：', errors_1: '1 个值不被接受：', elsewhere: '配置已在别处更改。提交时会显示差异。',
		reloaded: '配置已在别处更改，现显示新的配置。', leave: '有未提交的更改。',
		conflict: '配置已被他人更改', conflict_text: '此页面读取配置后，有人提交了其他值。您的更改尚未写入。请逐项选择后再提交。', conflict_none: '您更改的值没有被他人更改。',
		mine: '我的值', theirs: '设备上的值', was: '之前', item: '项目', cancel: '取消', apply_chosen: '提交所选', also_changed: '别处还更改了：', empty_value: '（默认）', secret_value: '（密码）', removed_value: '（已删除）',
		file: '文件', network_error: '设备没有应答。', http_error: '设备应答 {n}。', version: '版本', stack: '协议栈', profile: '配置方案', uptime: '已运行', up_since: '自 {t} 起运行', not_found: '没有此页面。',
	},
};

// A decision in Chinese; English sentences come from the device.
const SENTENCES_ZH = {
	attempt: (e) => `${e.probe ? '探测：' : ''}向 ${e.target} 发送 ${e.method}${e.last ? '（最后一个目标）' : ''}`,
	response: (e) => `${e.target} 对 ${e.method} 应答 ${e.status}`,
	unavailable: (e) => `${e.target} 对 ${e.method} 不可用：${reasonText(e.reason)}${e.transmissions ? `（${e.transmissions} 次，${seconds(e.elapsed)} 秒）` : ''}`,
	registered: (e) => `已在 ${e.target} 注册，有效期 ${e.expires} 秒`,
	unregistered: (e) => `未注册：${reasonText(e.reason)}`,
	moved: (e) => `${e.kind === 'failback' ? '故障恢复' : '故障切换'}：由 ${e.method} 从 ${e.from} 移到 ${e.to}`,
	'request-failed': (e) => `${e.method} 失败：${(e.reasons || []).map(reasonText).join('，')}`,
	'probe-failed': (e) => `${e.target} 尚未恢复：${reasonText(e.reason)}`,
	'probe-good': (e) => e.again ? `${e.target} 已恢复，但还须保持一段时间：${e.again} 秒后再次探测` : `${e.target} 已恢复：没有通话时再次探测`,
	'given-up': (e) => `放弃 ${e.method}`,
	'connection-lost': (e) => `与 ${e.target} 的连接已断开，${e.again ? e.again + ' 秒后' : ''}重新注册`,
	'move-held': (e) => `许多线路正在切换：${e.again} 秒后轮到本线路向 ${e.target} 发送 ${e.method}`,
	'no-options': (e) => `${e.target} 不应答 OPTIONS：改用 CRLF 保活，每 ${e.again} 秒注册一次`,
	'bad-answer': (e) => `${e.target} 对 ${e.method} 的应答无法读取`,
	call: (e) => `通话：${word('call_state_' + e.state)}${e.target ? `，经由 ${e.target}` : ''}${e.status ? `，${e.status}` : ''}`,
	pinned: (e) => `在另行指示前保持在 ${e.target}`,
	unpinned: () => '不再固定在一个服务器',
	'network-changed': () => '网络已更改：所有线路重新注册',
	dns: (e) => `DNS：${e.name} ${(e.targets || []).join('、')}`,
};

const PLAN_ZH = {
	send: (name) => `发送到 ${name}`,
	wait: (name) => `等待 ${name} 上的 REGISTER`,
	move: (name) => `${name} 无应答：转到下一个`,
	'give-up': (name) => `${name} 无应答：请求失败`,
};

const stored = {
	get(name) {
		try { return localStorage.getItem('failover.' + name); } catch { return null; }
	},
	set(name, value) {
		try { localStorage.setItem('failover.' + name, value); } catch { /* a browser that keeps nothing */ }
	},
};

let language = stored.get('language') || (/^zh\b/i.test(navigator.language) ? 'zh' : 'en');

function setLanguage(name) {
	language = name;
	stored.set('language', name);
	document.documentElement.lang = name === 'zh' ? 'zh-CN' : 'en';
}

function fill(text, values) {
	return text.replace(/\{(\w+)\}/g, (_, name) => values?.[name] ?? '');
}

// The page's own word. One that nobody has written is shown as what it names.
function word(name, values) {
	return fill(WORDS[language][name] ?? WORDS.en[name] ?? name.replace(/^[a-z]+_/, ''), values);
}

// A text of the device, which has both languages.
function said(both) {
	return both?.[language] ?? both?.en ?? '';
}

// An error of the device: {text, text_zh}.
function errorText(error) {
	return (language === 'zh' && error?.text_zh) || error?.text || '';
}

// The same beside its field: where it is needs not be said.
function fieldErrorText(error) {
	const option = optionOf(error.path ?? '');
	const text = errorText(error);
	const place = language === 'zh' && option ? optionLabel(option, pathParts(error.path).section) + '：'
		: (error.path ?? '').replace(/^line\.(\d+)\./, 'line $1: ') + ': ';
	const at = text.indexOf(place);

	return at < 0 ? text : text.slice(at + place.length);
}

function reasonText(reason) {
	const status = /^status-(\d+)$/.exec(reason ?? '');

	if (status)
		return word('reason_status', { n: status[1] });
	return reason ? word('reason_' + reason) : '';
}

function decisionText(decision) {
	const sentence = language === 'zh' && SENTENCES_ZH[decision.event?.event];

	// The line's number has a column of its own.
	return sentence ? sentence(decision.event) : decision.text.replace(/^line \d+: /, '');
}
