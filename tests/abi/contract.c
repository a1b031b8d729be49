/* SPDX-License-Identifier: MIT */
/*
 * contract.c - names every struct and enum of the public headers once, so that all are in the debug
 * information of one object, and the dump of it (contract.abi) is the whole contract. check-abi
 * compares both: a type that is not named here fails it.
 */
#include <failover/config.h>
#include <failover/dns.h>
#include <failover/wire.h>
#include <failover/wire_net.h>
#include <failover/ext/call.h>
#include <failover/ext/io.h>
#include <failover/ext/line.h>
#include <failover/ext/subscription.h>
#include <failover/ext/test.h>
#include <failover/ext/trace.h>
#include <failover/ext/wakeup.h>
#include <failover/failover.h>
#include <failover/plugin.h>

#define SHOW(kind, name)                                                                           \
	FAILOVER_API extern kind name abi_##name;                                                  \
	kind name abi_##name

/* plugin.h */
SHOW(enum, failover_error);
SHOW(enum, failover_transport);
SHOW(enum, failover_method);
SHOW(enum, failover_reason);
SHOW(enum, failover_abandon);
SHOW(enum, failover_verdict);
SHOW(enum, failover_outcome);
SHOW(struct, failover_target);
SHOW(enum, failover_attempt_flag);
SHOW(struct, failover_attempt);
SHOW(enum, failover_answer_flag);
SHOW(enum, failover_retrying);
SHOW(struct, failover_answer);
SHOW(struct, failover_bad_answer);
SHOW(struct, failover_attempt_report);
SHOW(struct, failover_result);
SHOW(enum, failover_capability);
SHOW(enum, failover_log_level);
SHOW(struct, failover_host);
SHOW(struct, failover_network);
SHOW(struct, failover_open_params);
SHOW(struct, failover_plugin);

/* ext/call.h */
SHOW(struct, failover_ext_call);
SHOW(struct, failover_ext_call_events);

/* ext/io.h */
SHOW(enum, failover_io_event);
SHOW(struct, failover_io_fd);
SHOW(struct, failover_ext_io);

/* ext/line.h */
SHOW(struct, failover_registrar_identity);
SHOW(struct, failover_proxy_identity);
SHOW(enum, failover_in_dialog);
SHOW(enum, failover_start_at);
SHOW(enum, failover_redirect);
SHOW(struct, failover_line_identity);
SHOW(struct, failover_ext_line);

/* ext/trace.h */
SHOW(enum, failover_trace_way);
SHOW(struct, failover_trace_message);
SHOW(struct, failover_ext_trace);

/* ext/subscription.h */
SHOW(enum, failover_subscription_kind);
SHOW(struct, failover_subscription_news);
SHOW(struct, failover_ext_subscription);
SHOW(struct, failover_ext_subscription_events);

/* ext/test.h */
SHOW(enum, failover_test_lack);
SHOW(struct, failover_ext_test);

/* ext/wakeup.h */
SHOW(struct, failover_ext_wakeup);

/* failover.h */
SHOW(struct, failover_memory);
SHOW(enum, failover_shared_health);
SHOW(struct, failover_engine_params);
SHOW(struct, failover_statistics);
SHOW(enum, failover_profile);
SHOW(enum, failover_request_flag);
SHOW(enum, failover_register_before);
SHOW(enum, failover_failback_when);
SHOW(enum, failover_keepalive);
SHOW(struct, failover_line_settings);
SHOW(struct, failover_line_params);
SHOW(struct, failover_line_state);
SHOW(enum, failover_target_state);
SHOW(struct, failover_target_health);
SHOW(struct, failover_request_params);
SHOW(enum, failover_plan_kind);
SHOW(struct, failover_plan_step);
SHOW(struct, failover_plan);
SHOW(enum, failover_event_kind);
SHOW(enum, failover_direction);
SHOW(struct, failover_event);
SHOW(enum, failover_output_kind);
SHOW(struct, failover_output);
SHOW(struct, failover_stack_params);

/* dns.h */
SHOW(enum, failover_dns_mode);
SHOW(enum, failover_dns_families);
SHOW(struct, failover_dns_params);
SHOW(struct, failover_dns_query);
SHOW(enum, failover_dns_state);
SHOW(enum, failover_dns_reason);
SHOW(struct, failover_dns_news);

/* wire.h */
SHOW(struct, failover_wire_params);
SHOW(struct, failover_wire_challenge);
SHOW(struct, failover_wire_trouble);
SHOW(enum, failover_wire_output_kind);
SHOW(struct, failover_wire_output);
SHOW(struct, failover_wire_statistics);

/* wire_net.h */
SHOW(struct, failover_wire_net_params);

/* config.h */
SHOW(struct, failover_config_sources);
SHOW(struct, failover_config_texts);
SHOW(struct, failover_config_server);
SHOW(struct, failover_config_proxy);
SHOW(struct, failover_config_line);
SHOW(struct, failover_config);
SHOW(struct, failover_config_error);
SHOW(enum, failover_config_scope);
SHOW(enum, failover_config_type);
SHOW(struct, failover_config_item);
SHOW(struct, failover_config_group);
SHOW(struct, failover_config_change);
SHOW(struct, failover_config_format);

/* Numbers that programs have compiled in. */
enum abi_numbers {
	ABI_PLUGIN = FAILOVER_PLUGIN_ABI,
	ABI_LIMIT_REGISTRARS = FAILOVER_LIMIT_REGISTRARS,
	ABI_LIMIT_TARGETS = FAILOVER_LIMIT_TARGETS,
	ABI_LIMIT_REQUESTS = FAILOVER_LIMIT_REQUESTS,
	ABI_LIMIT_LINES = FAILOVER_LIMIT_LINES,
	ABI_CONFIG_LIMIT_PROXIES = FAILOVER_CONFIG_LIMIT_PROXIES,
	ABI_CONFIG_LIMIT_LINES = FAILOVER_CONFIG_LIMIT_LINES,
	ABI_CONFIG_LIMIT_BYTES = FAILOVER_CONFIG_LIMIT_BYTES,
	ABI_CONFIG_CHOICES_MOST = FAILOVER_CONFIG_CHOICES_MOST,
	ABI_CONFIG_VALUE_SIZE = FAILOVER_CONFIG_VALUE_SIZE,
	ABI_DNS_LIMIT_NAMES = FAILOVER_DNS_LIMIT_NAMES,
	ABI_DNS_LIMIT_SERVERS = FAILOVER_DNS_LIMIT_SERVERS,
	ABI_WIRE_MESSAGE_MAX = FAILOVER_WIRE_MESSAGE_MAX,
	ABI_WIRE_LIMIT_WAITING = FAILOVER_WIRE_LIMIT_WAITING,
	ABI_WIRE_LIMIT_OUTPUTS = FAILOVER_WIRE_LIMIT_OUTPUTS,
	ABI_WIRE_LIMIT_DIALOGS = FAILOVER_WIRE_LIMIT_DIALOGS,
};
SHOW(enum, abi_numbers);
