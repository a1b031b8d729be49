/* SPDX-License-Identifier: MIT */
/* script.c - the demo's story. Times leave room for a slow machine; a step ends when all is seen.
 */
#include "script.h"

#include <stddef.h>

/* clang-format off */
#define PHONE(what, ...) { PARTY_PHONE, what, __VA_ARGS__ }
#define PRIMARY(what) { PARTY_PRIMARY, what, NULL, 0 }
#define BACKUP(what) { PARTY_BACKUP, what, NULL, 0 }
#define LIST_END { PARTIES, NULL, NULL, 0 }

const struct script_step script[] = {
	{
		.title = "The phone starts and registers at the primary",
		.action = ACTION_PHONE_START, .pause_ms = 800, .limit_ms = 10000,
		.expectations = {
			PHONE("attempt", "method=REGISTER target=PRIMARY last=false", 0),
			PHONE("registered", "target=PRIMARY", 0),
			PRIMARY("<- REGISTER"), PRIMARY("-> 401"),
			PRIMARY("<- REGISTER"), PRIMARY("-> 200"),
			LIST_END,
		},
	},
	{
		.title = "The user calls 1002",
		.action = ACTION_PHONE_COMMAND, .command = "call 1002",
		.pause_ms = 1000, .limit_ms = 5000,
		.expectations = {
			PHONE("call", "state=calling target=PRIMARY", 0),
			PHONE("call", "state=ringing target=PRIMARY status=180", 0),
			PHONE("call", "state=up target=PRIMARY status=200", 0),
			PRIMARY("<- INVITE"), PRIMARY("-> 180"), PRIMARY("-> 200"),
			PRIMARY("<- ACK"),
			LIST_END,
		},
	},
	{
		.title = "In the call, the primary dies",
		.action = ACTION_PRIMARY_DIES, .pause_ms = 1000, .limit_ms = 1000,
		.expectations = { LIST_END },
	},
	{
		.title = "The user hangs up: BYE, and the primary is not there",
		.action = ACTION_PHONE_COMMAND, .command = "hangup",
		.pause_ms = 1000, .limit_ms = 10000,
		.expectations = {
			PHONE("attempt", "method=BYE target=PRIMARY", 0),
			PHONE("unavailable", "method=BYE target=PRIMARY reason=DEATH", 1),
			PHONE("registered", "target=BACKUP", 0),
			PHONE("moved", "from=PRIMARY to=BACKUP kind=failover", 0),
			PHONE("attempt", "method=BYE target=BACKUP", 0),
			PHONE("call", "state=ended target=BACKUP status=200", 0),
			BACKUP("<- REGISTER"), BACKUP("-> 200"),
			BACKUP("<- BYE"), BACKUP("-> 200"),
			LIST_END,
		},
	},
	{
		.title = "The user calls again, at once through the backup",
		.action = ACTION_PHONE_COMMAND, .command = "call 1002",
		.pause_ms = 1000, .limit_ms = 5000,
		.expectations = {
			PHONE("call", "state=calling target=BACKUP", 0),
			PHONE("call", "state=up target=BACKUP status=200", 0),
			BACKUP("<- INVITE"), BACKUP("-> 200"), BACKUP("<- ACK"),
			LIST_END,
		},
	},
	{
		.title = "The primary returns; the failback timer runs out: a probe goes there",
		.action = ACTION_PRIMARY_RETURNS, .pause_ms = 1000, .limit_ms = 15000,
		.expectations = {
			PHONE("moved", "from=BACKUP to=PRIMARY kind=failback method=REGISTER", 0),
			PHONE("registered", "target=PRIMARY", 0),
			PRIMARY("<- REGISTER"), PRIMARY("-> 200"),
			LIST_END,
		},
	},
	{
		.title = "The user hangs up: this call was set up through the backup, and ends there",
		.action = ACTION_PHONE_COMMAND, .command = "hangup",
		.pause_ms = 1000, .limit_ms = 5000,
		.expectations = {
			PHONE("attempt", "method=BYE target=BACKUP", 0),
			PHONE("call", "state=ended target=BACKUP status=200", 0),
			BACKUP("<- BYE"), BACKUP("-> 200"),
			LIST_END,
		},
	},
	{
		.title = "The user calls once more, through the primary as in the beginning",
		.action = ACTION_PHONE_COMMAND, .command = "call 1002",
		.pause_ms = 1000, .limit_ms = 5000,
		.expectations = {
			PHONE("call", "state=calling target=PRIMARY", 0),
			PHONE("call", "state=up target=PRIMARY status=200", 0),
			PRIMARY("<- INVITE"), PRIMARY("-> 200"), PRIMARY("<- ACK"),
			LIST_END,
		},
	},
	{
		.title = "The user hangs up",
		.action = ACTION_PHONE_COMMAND, .command = "hangup",
		.pause_ms = 500, .limit_ms = 5000,
		.expectations = {
			PHONE("call", "state=ended target=PRIMARY status=200", 0),
			PRIMARY("<- BYE"), PRIMARY("-> 200"),
			LIST_END,
		},
	},
	{
		.title = "The phone is switched off: it removes its registration",
		.action = ACTION_PHONE_COMMAND, .command = "quit",
		.pause_ms = 300, .limit_ms = 5000,
		.expectations = {
			PHONE("unregistered", "reason=request", 0),
			PHONE("exit", "status=0", 0),
			PRIMARY("<- REGISTER"), PRIMARY("-> 200"),
			LIST_END,
		},
	},
	{ .title = NULL },
};
/* clang-format on */
