/* SPDX-License-Identifier: MIT */
/*
 * phone_rows.c - the words of other vendors' phones: one row a key. Names, defaults and meanings
 * are those of their administrators' manuals and published templates.
 */
#include <string.h>

#include "phone.h"

#define NAMES(...)                                                                                 \
	(const struct phone_name[])                                                                \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			NULL, NULL, NULL                                                           \
		}                                                                                  \
	}
#define ROWS(list) list, sizeof(list) / sizeof(list[0])

/* Sentences that several phones share. */
#define NEW_REQUESTS                                                                               \
	"every new request goes to the primary first there; here so do those of "                  \
	"signal_failback_methods, and the probe of failback_interval runs as well"
#define BY_TTL "the TTL of the name ends the stay at the backup there; here failback_interval does"
#define AT_RENEWAL                                                                                 \
	"the renewal of the registration tries the primary first; the probe of failback_interval " \
	"runs here as well"
#define ASK_DNS "0 there means: ask the DNS for the port, as no port does here"
#define UNTIL_IT_FAILS "the phone stays until the backup fails"
#define NOT_UNREGISTERED                                                                           \
	"here a backup is registered at before it is used, and no request goes to a server "       \
	"without"
#define ONE_REGISTRATION "here a line is registered at one server at a time"
#define NO_STORM "here jitter spreads all periodic timers, and boots are not spread"

/* ---- Yealink: account.1.sip_server.1.address = ... ---- */

static const struct phone_row yealink[] = {
	{ .key = "account.#.enable", .ours = "line.#.enable", .how = PHONE_SWITCH, .initial = "0" },
	{ .key = "account.#.user_name", .ours = "line.#.user", .how = PHONE_TEXT },
	{ .key = "account.#.display_name", .ours = "line.#.display_name", .how = PHONE_TEXT },
	{ .key = "account.#.auth_name", .ours = "line.#.auth_user", .how = PHONE_TEXT },
	{ .key = "account.#.password",
	  .ours = "line.#.auth_password",
	  .how = PHONE_TEXT,
	  .is_secret = true },
	{ .key = "account.#.sip_server.*.address",
	  .ours = "line.#.server.*.address",
	  .how = PHONE_HOST },
	{ .key = "account.#.sip_server.*.port",
	  .ours = "line.#.server.*.port",
	  .how = PHONE_NUMBER,
	  .names = NAMES({ "0", "", ASK_DNS }),
	  .initial = "5060" },
	{ .key = "account.#.sip_server.*.expires",
	  .ours = "line.#.server.*.expires",
	  .how = PHONE_NUMBER },
	{ .key = "account.#.sip_server.*.transport_type",
	  .ours = "line.#.server.*.transport",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "0", "udp", NULL }, { "1", "tcp", NULL }, { "2", "tls", NULL },
			 { "3", "auto", NULL }) },
	{ .key = "account.#.sip_server.*.retry_counts",
	  .ours = "line.#.signal_retry_counts",
	  .how = PHONE_NUMBER,
	  .initial = "3" },
	{ .key = "account.#.sip_server.*.invite_retry_counts",
	  .ours = "line.#.invite_retry_counts",
	  .how = PHONE_NUMBER,
	  .initial = "3" },
	{ .key = "account.#.sip_server.*.failback_mode",
	  .how = PHONE_NAMES,
	  .initial = "0",
	  .names = NAMES({ "0", "failback=true signal_failback=true", NEW_REQUESTS },
			 { "1", "failback=true", BY_TTL },
			 { "2",
			   "failback=true signal_failback=true signal_failback_methods=register",
			   AT_RENEWAL },
			 { "3", "failback=true signal_failback=false", NULL }) },
	{ .key = "account.#.sip_server.*.failback_timeout",
	  .ours = "line.#.failback_interval",
	  .how = PHONE_NUMBER,
	  .names = NAMES({ "0", "!failback=false", UNTIL_IT_FAILS }),
	  .initial = "3600" },
	{ .key = "account.#.sip_server.*.register_on_enable",
	  .ours = "line.#.register_before",
	  .how = PHONE_NAMES,
	  .initial = "0",
	  .names = NAMES({ "0", "never", NULL }, { "1", "registrar", NULL }) },
	{ .key = "account.#.sip_server.*.only_signal_with_registered",
	  .ours = "line.#.only_registered",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "0", "false", NULL }, { "1", "true", NULL }) },
	{ .key = "account.#.sip_server.*.failback_subscribe.enable",
	  .how = PHONE_NOTHING,
	  .note = "subscriptions are the SIP stack's own" },
	{ .key = "account.#.fallback.redundancy_type",
	  .how = PHONE_NAMES,
	  .initial = "0",
	  .names = NAMES({ "0", NULL, "registered at both at once there; " ONE_REGISTRATION },
			 { "1", "", NULL }) },
	{ .key = "account.#.fallback.timeout",
	  .ours = "line.#.failback_interval",
	  .how = PHONE_NUMBER,
	  .note = "the interval of a phone that registers at both" },
	{ .key = "account.#.outbound_proxy.*.address",
	  .ours = "line.#.proxy.*.address",
	  .how = PHONE_HOST,
	  .only_with = "account.#.outbound_proxy_enable" },
	{ .key = "account.#.outbound_proxy.*.port",
	  .ours = "line.#.proxy.*.port",
	  .how = PHONE_NUMBER,
	  .only_with = "account.#.outbound_proxy_enable",
	  .names = NAMES({ "0", "", ASK_DNS }) },
	{ .key = "account.#.outbound_proxy_enable",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "0", "", NULL }, { "1", "", NULL }) },
	{ .key = "account.#.outbound_proxy_fallback_interval",
	  .how = PHONE_NOTHING,
	  .note = "failback_interval is for proxies as well" },
	{ .key = "account.#.reg_fail_retry_interval",
	  .ours = "line.#.reg_fail_interval",
	  .how = PHONE_NUMBER,
	  .initial = "30" },
	{ .key = "account.#.redundancy_with_reg_fail.enable",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "0", NULL, "here the responses of unavailable_codes lead on, too" },
			 { "1", "", "the responses of unavailable_codes lead on" }) },
	{ .key = "account.#.advanced.timer_t1",
	  .ours = "line.#.t1",
	  .how = PHONE_NUMBER,
	  .factor = 1000 },
	{ .key = "account.#.advanced.timer_t2",
	  .ours = "line.#.t2",
	  .how = PHONE_NUMBER,
	  .factor = 1000 },
	{ .key = "account.#.advanced.timer_t4",
	  .ours = "line.#.t4",
	  .how = PHONE_NUMBER,
	  .factor = 1000 },
	{ .key = "account.#.nat.udp_update_enable",
	  .ours = "line.#.keepalive",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "0", "off", NULL }, { "1", "crlf", "an empty packet there" },
			 { "2", "options", NULL }, { "3", "crlf", "NOTIFY there" }) },
	{ .key = "account.#.nat.udp_update_time",
	  .ours = "line.#.keepalive_interval",
	  .how = PHONE_NUMBER },
	{ .key = "account.#.sip_listen_port",
	  .ours = "sip_port",
	  .how = PHONE_NUMBER,
	  .note = "one port for all lines here" },
	{ .key = "sip.listen_port", .ours = "sip_port", .how = PHONE_NUMBER },
	{ .key = "sip.reg_surge_prevention", .how = PHONE_NOTHING, .note = NO_STORM },
	{ .key = "sip.skip_redundant_failover_addr",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "0", NULL, "here an address that came twice is tried once" },
			 { "1", "", NULL }) },
};

/* ---- Poly: reg.1.server.1.address="..." ---- */

#define POLY_TRANSPORTS                                                                            \
	NAMES({ "DNSnaptr", "auto", NULL }, { "UDPOnly", "udp", NULL }, { "TLS", "tls", NULL },    \
	      { "TCPOnly", "tcp", NULL },                                                          \
	      { "TCPpreferred", "tcp", "UDP is tried after TCP there; a target has one here" })
#define POLY_FAILBACK                                                                              \
	NAMES({ "newRequests", "failback=true signal_failback=true", NEW_REQUESTS },               \
	      { "DNSTTL", "failback=true", BY_TTL },                                               \
	      { "registration",                                                                    \
		"failback=true signal_failback=true signal_failback_methods=register",             \
		AT_RENEWAL },                                                                      \
	      { "duration", "failback=true signal_failback=false", NULL },                         \
	      { "disabled", "failback=false signal_failback=false", NULL })
#define POLY_TIMEOUT NAMES({ "0", "!failback=false", UNTIL_IT_FAILS })
#define POLY_RETRIES NAMES({ "0", "3", NULL })

/* Of a server of one line, and of all lines; both have the same words. */
#define POLY_SERVER(prefix)                                                                        \
	{ .key = prefix ".address", .ours = "line.#.server.*.address", .how = PHONE_HOST },        \
		{ .key = prefix ".port",                                                           \
		  .ours = "line.#.server.*.port",                                                  \
		  .how = PHONE_NUMBER,                                                             \
		  .names = NAMES({ "0", "", ASK_DNS }) },                                          \
		{ .key = prefix ".transport",                                                      \
		  .ours = "line.#.server.*.transport",                                             \
		  .how = PHONE_NAMES,                                                              \
		  .names = POLY_TRANSPORTS },                                                      \
		{ .key = prefix ".expires",                                                        \
		  .ours = "line.#.server.*.expires",                                               \
		  .how = PHONE_NUMBER },                                                           \
		{ .key = prefix ".retryMaxCount",                                                  \
		  .ours = "line.#.signal_retry_counts",                                            \
		  .how = PHONE_NUMBER,                                                             \
		  .names = POLY_RETRIES },                                                         \
		{ .key = prefix ".retryTimeOut",                                                   \
		  .how = PHONE_NAMES,                                                              \
		  .names = NAMES({ "0", "", NULL },                                                \
				 { "*", NULL, "retransmissions follow RFC 3261: t1 and t2" }) },   \
		{ .key = prefix ".register",                                                       \
		  .how = PHONE_NAMES,                                                              \
		  .names = NAMES({ "0", NULL, NOT_UNREGISTERED }, { "1", "", NULL }) },            \
		{ .key = prefix ".failOver.failBack.mode",                                         \
		  .how = PHONE_NAMES,                                                              \
		  .names = POLY_FAILBACK },                                                        \
		{ .key = prefix ".failOver.failBack.timeout",                                      \
		  .ours = "line.#.failback_interval",                                              \
		  .how = PHONE_NUMBER,                                                             \
		  .names = POLY_TIMEOUT },                                                         \
		{ .key = prefix ".failOver.failRegistrationOn",                                    \
		  .how = PHONE_NAMES,                                                              \
		  .names = NAMES(                                                                  \
			  { "0", "", NULL },                                                       \
			  { "1", NULL, "here only a REGISTER that fails ends a registration" }) }, \
		{ .key = prefix ".failOver.onlySignalWithRegistered",                              \
		  .ours = "line.#.only_registered",                                                \
		  .how = PHONE_NAMES,                                                              \
		  .names =                                                                         \
			  NAMES({ "0", "false", NULL },                                            \
				{ "1", "true", "here what is in a call goes on all the same" }) }, \
	{                                                                                          \
		.key = prefix ".failOver.reRegisterOn", .ours = "line.#.register_before",          \
		.how = PHONE_NAMES,                                                                \
		.names = NAMES({ "0", "never", NULL }, { "1", "registrar", NULL })                 \
	}

static const struct phone_row poly[] = {
	{ .key = "reg.#.address", .ours = "line.#.user", .how = PHONE_USER },
	{ .key = "reg.#.displayName", .ours = "line.#.display_name", .how = PHONE_TEXT },
	{ .key = "reg.#.auth.userId", .ours = "line.#.auth_user", .how = PHONE_TEXT },
	{ .key = "reg.#.auth.password",
	  .ours = "line.#.auth_password",
	  .how = PHONE_TEXT,
	  .is_secret = true },
	{ .key = "reg.#.auth.domain", .ours = "line.#.realm", .how = PHONE_TEXT },
	POLY_SERVER("reg.#.server.*"),
	POLY_SERVER("voIpProt.server.*"),
	{ .key = "reg.#.outboundProxy.address",
	  .ours = "line.#.proxy.primary.address",
	  .how = PHONE_HOST },
	{ .key = "reg.#.outboundProxy.port",
	  .ours = "line.#.proxy.primary.port",
	  .how = PHONE_NUMBER,
	  .names = NAMES({ "0", "", ASK_DNS }) },
	{ .key = "reg.#.outboundProxy.transport",
	  .ours = "line.#.proxy.primary.transport",
	  .how = PHONE_NAMES,
	  .names = POLY_TRANSPORTS },
	{ .key = "reg.#.outboundProxy.failOver.failBack.mode",
	  .how = PHONE_NAMES,
	  .names = POLY_FAILBACK },
	{ .key = "reg.#.outboundProxy.failOver.failBack.timeout",
	  .ours = "line.#.failback_interval",
	  .how = PHONE_NUMBER,
	  .names = POLY_TIMEOUT },
	{ .key = "voIpProt.SIP.outboundProxy.address",
	  .ours = "line.#.proxy.primary.address",
	  .how = PHONE_HOST },
	{ .key = "voIpProt.SIP.outboundProxy.port",
	  .ours = "line.#.proxy.primary.port",
	  .how = PHONE_NUMBER,
	  .names = NAMES({ "0", "", ASK_DNS }) },
	{ .key = "voIpProt.SIP.local.port",
	  .ours = "sip_port",
	  .how = PHONE_NUMBER,
	  .names = NAMES({ "0", NULL, "0 there means 5060" }) },
	/* What holds where a line does not say it. */
	{ .key = "reg.#.server.1.failOver.failBack.mode",
	  .how = PHONE_NAMES,
	  .initial = "newRequests",
	  .names = POLY_FAILBACK },
	{ .key = "reg.#.server.1.failOver.failBack.timeout",
	  .ours = "line.#.failback_interval",
	  .how = PHONE_NUMBER,
	  .initial = "3600",
	  .names = POLY_TIMEOUT },
	{ .key = "reg.#.server.*.transport",
	  .ours = "line.#.server.*.transport",
	  .how = PHONE_NAMES,
	  .initial = "DNSnaptr",
	  .names = POLY_TRANSPORTS },
};

/* ---- Cisco SPA and MPP: <Proxy_1_>...</Proxy_1_> ---- */

static const struct phone_row cisco[] = {
	{ .key = "Line_Enable_#_", .ours = "line.#.enable", .how = PHONE_SWITCH, .initial = "Yes" },
	{ .key = "User_ID_#_", .ours = "line.#.user", .how = PHONE_TEXT },
	{ .key = "Display_Name_#_", .ours = "line.#.display_name", .how = PHONE_TEXT },
	{ .key = "Auth_ID_#_",
	  .ours = "line.#.auth_user",
	  .how = PHONE_TEXT,
	  .only_with = "Use_Auth_ID_#_" },
	{ .key = "Use_Auth_ID_#_",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "No", "", NULL }, { "Yes", "", NULL }) },
	{ .key = "Password_#_",
	  .ours = "line.#.auth_password",
	  .how = PHONE_TEXT,
	  .is_secret = true },
	{ .key = "Proxy_#_", .ours = "line.#.server.primary.address", .how = PHONE_HOST },
	{ .key = "Alternate_Proxy_#_", .ours = "line.#.server.backup.address", .how = PHONE_HOST },
	{ .key = "Outbound_Proxy_#_", .ours = "line.#.proxy.primary.address", .how = PHONE_HOST },
	{ .key = "Alternate_Outbound_Proxy_#_",
	  .ours = "line.#.proxy.backup.address",
	  .how = PHONE_HOST },
	{ .key = "SIP_Transport_#_",
	  .ours = "line.#.server.%.transport",
	  .how = PHONE_NAMES,
	  .initial = "UDP",
	  .names = NAMES({ "UDP", "udp", NULL }, { "TCP", "tcp", NULL }, { "TLS", "tls", NULL },
			 { "AUTO", "auto", NULL }, { "Auto", "auto", NULL }) },
	{ .key = "SIP_Port_#_",
	  .ours = "sip_port",
	  .how = PHONE_NUMBER,
	  .note = "one port for all lines here" },
	{ .key = "Register_#_",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "Yes", "", NULL },
			 { "No", NULL, "here a line that is enabled is registered" }) },
	{ .key = "Register_Expires_#_", .ours = "line.#.server.%.expires", .how = PHONE_NUMBER },
	{ .key = "Use_DNS_SRV_#_",
	  .ours = "line.#.dns_mode",
	  .how = PHONE_NAMES,
	  .initial = "No",
	  .names = NAMES({ "Yes", "srv", NULL }, { "No", "a", NULL }) },
	{ .key = "DNS_SRV_Auto_Prefix_#_",
	  .how = PHONE_NOTHING,
	  .note = "names of services are made as RFC 3263 says" },
	{ .key = "Proxy_Redundancy_Method_#_",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "Normal", "", NULL },
			 { "Based on SRV Port", NULL,
			   "here priorities and weights of the records count (RFC 2782)" }) },
	{ .key = "Proxy_Fallback_Intvl_#_",
	  .ours = "line.#.failback_interval",
	  .how = PHONE_NUMBER,
	  .initial = "3600" },
	{ .key = "Dual_Registration_#_",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "No", "", NULL }, { "Yes", NULL, ONE_REGISTRATION }) },
	{ .key = "Auto_Register_When_Failover_#_",
	  .how = PHONE_NAMES,
	  .initial = "No",
	  .names = NAMES({ "Yes", "failback=true", NULL },
			 { "No", "failback=true", NOT_UNREGISTERED }) },
	{ .key = "NAT_Keep_Alive_Enable_#_",
	  .ours = "line.#.keepalive",
	  .how = PHONE_NAMES,
	  .names =
		  NAMES({ "No", "off", NULL }, { "Yes", "crlf", "NOTIFY or another text there" }) },
	{ .key = "NAT_Keep_Alive_Intvl", .ours = "line.#.keepalive_interval", .how = PHONE_NUMBER },
	{ .key = "SIP_T1", .ours = "line.#.t1", .how = PHONE_NUMBER, .factor = 1000 },
	{ .key = "SIP_T2", .ours = "line.#.t2", .how = PHONE_NUMBER, .factor = 1000 },
	{ .key = "SIP_T4", .ours = "line.#.t4", .how = PHONE_NUMBER, .factor = 1000 },
	{ .key = "Try_Backup_RSC", .ours = "line.#.unavailable_codes", .how = PHONE_CODES },
	{ .key = "Retry_Reg_RSC",
	  .how = PHONE_NOTHING,
	  .note = "here every registration that fails is tried again after reg_fail_interval" },
	{ .key = "Reg_Retry_Intvl",
	  .ours = "reg_fail_interval",
	  .how = PHONE_NUMBER,
	  .initial = "30" },
	{ .key = "Reg_Retry_Long_Intvl",
	  .how = PHONE_NOTHING,
	  .note = "reg_fail_backoff = true doubles reg_fail_interval up to 1800 s" },
	{ .key = "Reg_Retry_Random_Delay", .how = PHONE_NOTHING, .note = NO_STORM },
};

/* ---- Grandstream: P47 = ..., or <P47>...</P47> ---- */

#define GS_NO_IP "addresses that stand in for the DNS: name them as servers"

/* The numbers of an account, the same in each. */
#define GS_ACCOUNT(line, active, server, second, proxy, backup_proxy, user, auth, password, name,  \
		   dns, expires, ask, ask_interval)                                                \
	{ .key = active, .ours = line "enable", .how = PHONE_SWITCH, .initial = "1" },             \
		{ .key = server, .ours = line "server.primary.address", .how = PHONE_HOST },       \
		{ .key = second, .ours = line "server.backup.address", .how = PHONE_HOST },        \
		{ .key = proxy, .ours = line "proxy.primary.address", .how = PHONE_HOST },         \
		{ .key = backup_proxy, .ours = line "proxy.backup.address", .how = PHONE_HOST },   \
		{ .key = user, .ours = line "user", .how = PHONE_TEXT },                           \
		{ .key = auth, .ours = line "auth_user", .how = PHONE_TEXT },                      \
		{ .key = password,                                                                 \
		  .ours = line "auth_password",                                                    \
		  .how = PHONE_TEXT,                                                               \
		  .is_secret = true },                                                             \
		{ .key = name, .ours = line "display_name", .how = PHONE_TEXT },                   \
		{ .key = dns,                                                                      \
		  .ours = line "dns_mode",                                                         \
		  .how = PHONE_NAMES,                                                              \
		  .initial = "0",                                                                  \
		  .names = NAMES({ "0", "a", NULL }, { "1", "srv", NULL }, { "2", "naptr", NULL }, \
				 { "3", "a", GS_NO_IP }) },                                        \
		{ .key = expires,                                                                  \
		  .ours = line "server.%.expires",                                                 \
		  .how = PHONE_NUMBER,                                                             \
		  .factor = 60 },                                                                  \
		{ .key = ask,                                                                      \
		  .ours = line "keepalive",                                                        \
		  .how = PHONE_NAMES,                                                              \
		  .names = NAMES({ "0", "off", NULL }, { "1", "options", NULL },                   \
				 { "2", "crlf", "NOTIFY there" }) },                               \
	{                                                                                          \
		.key = ask_interval, .ours = line "keepalive_interval", .how = PHONE_NUMBER        \
	}

static const struct phone_row grandstream[] = {
	GS_ACCOUNT("line.1.", "P271", "P47", "P2312", "P48", "P2333", "P35", "P36", "P34", "P3",
		   "P103", "P32", "P2397", "P2398"),
	GS_ACCOUNT("line.2.", "P401", "P402", "P2412", "P403", "P2433", "P404", "P405", "P406",
		   "P407", "P408", "P412", "P2497", "P2498"),
	{ .key = "P967", .ours = "line.1.server.backup.address", .how = PHONE_HOST },
	{ .key = "P2308", .how = PHONE_NOTHING, .note = GS_NO_IP },
	{ .key = "P2309", .how = PHONE_NOTHING, .note = GS_NO_IP },
	{ .key = "P2310", .how = PHONE_NOTHING, .note = GS_NO_IP },
	{ .key = "P31",
	  .line = 1,
	  .how = PHONE_NAMES,
	  .names = NAMES({ "1", "", NULL },
			 { "0", NULL, "here a line that is enabled is registered" }) },
	{ .key = "P40", .ours = "sip_port", .how = PHONE_NUMBER },
	{ .key = "P130",
	  .ours = "line.1.server.%.transport",
	  .how = PHONE_NAMES,
	  .names = NAMES({ "0", "udp", NULL }, { "1", "tcp", NULL }, { "2", "tls", NULL }) },
	{ .key = "P138", .ours = "line.1.reg_fail_interval", .how = PHONE_NUMBER, .initial = "20" },
	/* In hundredths of a second. */
	{ .key = "P209", .ours = "line.1.t1", .how = PHONE_NUMBER, .factor = 10 },
	{ .key = "P250", .ours = "line.1.t2", .how = PHONE_NUMBER, .factor = 10 },
	{ .key = "P60055",
	  .ours = "line.1.signal_retry_counts",
	  .how = PHONE_NUMBER,
	  .note = "whether the first transmission counts there is not published",
	  .initial = "2" },
	{ .key = "P60056",
	  .ours = "line.1.failback_interval",
	  .how = PHONE_NUMBER,
	  .factor = 60,
	  .initial = "60" },
	{ .key = "P4567",
	  .line = 1,
	  .how = PHONE_NAMES,
	  .names = NAMES(
		  { "0", "", NULL },
		  { "1", "signal_failback=true signal_failback_methods=register", AT_RENEWAL }) },
	{ .key = "P26040",
	  .line = 1,
	  .how = PHONE_NAMES,
	  .names = NAMES({ "0", "", NULL }, { "1", NULL, BY_TTL }) },
	{ .key = "P29095",
	  .ours = "line.1.register_before",
	  .line = 1,
	  .how = PHONE_NAMES,
	  .names = NAMES({ "0", "never", NULL }, { "1", "registrar", NULL }) },
	{ .key = "P2399",
	  .how = PHONE_NOTHING,
	  .note = "one OPTIONS without an answer is enough here, after its retransmissions" },
};

const struct phone_vendor phone_vendors[] = {
	{ "yealink", ROWS(yealink), .has_text = true },
	{ "poly", ROWS(poly), .has_xml = true },
	{ "cisco", ROWS(cisco), .has_xml = true },
	{ "grandstream", ROWS(grandstream), .has_text = true, .has_xml = true },
};
const size_t phone_vendors_count = sizeof(phone_vendors) / sizeof(phone_vendors[0]);

const struct phone_vendor *phone_vendor_find(const char *name)
{
	for (size_t i = 0; i < phone_vendors_count; i++) {
		if (strcmp(phone_vendors[i].name, name) == 0)
			return &phone_vendors[i];
	}
	return NULL;
}
