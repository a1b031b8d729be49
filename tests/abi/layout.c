/* SPDX-License-Identifier: MIT */
/*
 * layout.c - the layout of every public struct, for machines with 64-bit pointers (LP64) and with
 * 32-bit ones (ILP32: arm, mips). It is checked by the compiler; there is nothing to run. Structs
 * grow at their end: then their size and last member change here, and nothing else.
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

#if defined(__i386__)
/* 64-bit members are aligned to 4 there: sizes of its own, and no machine of ours. */
#define LAYOUT(name, last, size64, last64, size32, last32)                                         \
	_Static_assert(sizeof(struct name) > 0, #name)
#else
#define LAYOUT(name, last, size64, last64, size32, last32)                                         \
	_Static_assert(sizeof(struct name) == (sizeof(void *) == 8 ? size64 : size32),             \
		       "size of " #name);                                                          \
	_Static_assert(offsetof(struct name, last) == (sizeof(void *) == 8 ? last64 : last32),     \
		       "place of " #last " in " #name)
#endif

/* Where the size is, a reader of any version finds it. */
#define SIZED(name) _Static_assert(offsetof(struct name, size) == 0, "size is first in " #name)

/* struct, its last member; LP64: size, place of the last member; ILP32: the same. */

/* plugin.h */
LAYOUT(failover_target, reserved, 32, 26, 32, 26);
LAYOUT(failover_attempt, ordinal, 112, 108, 112, 108);
LAYOUT(failover_answer, flags, 28, 24, 28, 24);
LAYOUT(failover_attempt_report, status, 40, 36, 40, 36);
LAYOUT(failover_result, reports, 96, 88, 96, 88);
LAYOUT(failover_bad_answer, why, 72, 64, 64, 60);
LAYOUT(failover_host, retrying, 112, 104, 60, 56);
LAYOUT(failover_network, reserved, 24, 18, 24, 18);
LAYOUT(failover_open_params, user, 112, 104, 84, 80);
LAYOUT(failover_plugin, get_extension, 96, 88, 56, 52);

/* ext/call.h */
LAYOUT(failover_ext_call, call_emergency, 40, 32, 24, 20);
LAYOUT(failover_ext_call_events, redirected, 56, 48, 32, 28);

/* ext/io.h */
LAYOUT(failover_io_fd, events, 8, 4, 8, 4);
LAYOUT(failover_ext_io, network_changed, 48, 40, 28, 24);

/* ext/line.h */
LAYOUT(failover_registrar_identity, reserved, 24, 20, 20, 16);
LAYOUT(failover_proxy_identity, password, 32, 24, 20, 16);
LAYOUT(failover_line_identity, emergency, 128, 120, 88, 84);
LAYOUT(failover_ext_line, line_targets, 32, 24, 20, 16);

/* ext/trace.h */
LAYOUT(failover_trace_message, connection, 96, 88, 88, 80);
LAYOUT(failover_ext_trace, message, 24, 16, 16, 12);

/* ext/subscription.h */
LAYOUT(failover_subscription_news, body, 96, 88, 80, 76);
LAYOUT(failover_ext_subscription, serve, 24, 16, 16, 12);
LAYOUT(failover_ext_subscription_events, news, 32, 24, 20, 16);

/* ext/test.h */
LAYOUT(failover_ext_test, call_free, 72, 64, 40, 36);

/* ext/wakeup.h */
LAYOUT(failover_ext_wakeup, wake, 24, 16, 16, 12);

/* failover.h */
LAYOUT(failover_memory, release, 24, 16, 12, 8);
LAYOUT(failover_engine_params, memory, 48, 24, 40, 24);
LAYOUT(failover_statistics, line_bytes, 56, 52, 56, 52);
LAYOUT(failover_line_settings, reserved, 224, 220, 224, 220);
LAYOUT(failover_line_params, settings, 264, 40, 256, 32);
LAYOUT(failover_line_state, room, 96, 92, 96, 92);
LAYOUT(failover_target_health, until, 24, 16, 24, 16);
LAYOUT(failover_request_params, flags, 32, 28, 32, 24);
LAYOUT(failover_plan_step, at_ms, 32, 24, 32, 24);
LAYOUT(failover_plan, fails_ms, 40, 32, 40, 32);
LAYOUT(failover_event, why, 160, 152, 152, 144);
LAYOUT(failover_output, u, 208, 16, 208, 16);
LAYOUT(failover_stack_params, get_extension, 256, 248, 228, 224);

/* dns.h */
LAYOUT(failover_dns_params, reserved_too, 80, 76, 64, 60);
LAYOUT(failover_dns_query, transport, 24, 20, 20, 16);
LAYOUT(failover_dns_news, seconds, 56, 52, 48, 40);

/* wire.h */
LAYOUT(failover_wire_params, log, 128, 120, 104, 100);
LAYOUT(failover_wire_challenge, peer, 72, 40, 56, 24);
LAYOUT(failover_wire_trouble, quoted_count, 64, 56, 56, 52);
LAYOUT(failover_wire_output, count, 64, 56, 56, 52);
LAYOUT(failover_wire_statistics, lost, 88, 80, 88, 80);

/* wire_net.h */
LAYOUT(failover_wire_net_params, get_extension, 152, 144, 104, 100);

/* config.h */
LAYOUT(failover_config_server, transport, 32, 24, 20, 16);
LAYOUT(failover_config_proxy, password, 48, 40, 28, 24);
LAYOUT(failover_config_sources, network, 16, 8, 12, 8);
LAYOUT(failover_config_texts, text, 16, 8, 8, 4);
LAYOUT(failover_config_line, emergency, 1104, 1088, 792, 784);
LAYOUT(failover_config, reserved, 152, 148, 100, 96);
LAYOUT(failover_config_error, text_zh, 40, 32, 24, 20);
LAYOUT(failover_config_item, label_backup_zh, 256, 248, 140, 136);
LAYOUT(failover_config_group, note_zh, 48, 40, 24, 20);
LAYOUT(failover_config_change, value, 16, 8, 8, 4);
LAYOUT(failover_config_format, note_zh, 32, 24, 20, 16);

SIZED(failover_attempt);
SIZED(failover_answer);
SIZED(failover_result);
SIZED(failover_bad_answer);
SIZED(failover_host);
SIZED(failover_open_params);
SIZED(failover_ext_call);
SIZED(failover_subscription_news);
SIZED(failover_ext_subscription);
SIZED(failover_ext_subscription_events);
SIZED(failover_ext_call_events);
SIZED(failover_ext_io);
SIZED(failover_trace_message);
SIZED(failover_ext_trace);
SIZED(failover_ext_test);
SIZED(failover_ext_wakeup);
SIZED(failover_registrar_identity);
SIZED(failover_proxy_identity);
SIZED(failover_line_identity);
SIZED(failover_ext_line);
SIZED(failover_engine_params);
SIZED(failover_statistics);
SIZED(failover_line_settings);
SIZED(failover_line_params);
SIZED(failover_line_state);
SIZED(failover_request_params);
SIZED(failover_event);
SIZED(failover_stack_params);
SIZED(failover_dns_params);
SIZED(failover_dns_query);
SIZED(failover_dns_news);
SIZED(failover_wire_params);
SIZED(failover_wire_net_params);
SIZED(failover_wire_challenge);
SIZED(failover_wire_trouble);
SIZED(failover_wire_output);
SIZED(failover_wire_statistics);
SIZED(failover_config_item);
SIZED(failover_config_group);
SIZED(failover_config_format);

/* The descriptor is read before any code of the plugin runs: abi and size never move. */
_Static_assert(offsetof(struct failover_plugin, abi) == 0, "abi is first");
_Static_assert(offsetof(struct failover_plugin, size) == 4, "size is second");
