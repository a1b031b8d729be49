/* SPDX-License-Identifier: MIT */
/*
 * failover.test/1 - what failover-validate needs of a plugin that has the three hooks alone: a way
 * to give it an account, to run its loop, and to prepare a call. A sender inside of firmware has
 * functions of its own for that; this table is some lines around them, for a test build.
 *
 * The functions mean what those of the same name in failover.line/1, failover.io/1 and
 * failover.call/1 mean, and are asked for only where the plugin has not got these. Called on the
 * engine's thread, as the hooks are. The host layer and failover-phone do not ask for it.
 */
#ifndef FAILOVER_EXT_TEST_H
#define FAILOVER_EXT_TEST_H

#include <failover/plugin.h>
#include <failover/ext/io.h>
#include <failover/ext/line.h>

#define FAILOVER_EXT_TEST "failover.test/1"

/* What this sender does not do at all: its checks are skipped, and that is said. */
enum failover_test_lack {
	FAILOVER_TEST_NO_DIGEST = 1u << 0,   /* it answers no challenge (401, 407) */
	FAILOVER_TEST_NO_INCOMING = 1u << 1, /* it takes no calls */
	FAILOVER_TEST_ONE_LINE = 1u << 2,    /* it has one account */
	FAILOVER_TEST_OWN_OFFER = 1u << 3,   /* it makes the offer itself: `sdp` is not used */
};

struct failover_ext_test {
	uint32_t size;
	uint32_t lacks; /* enum failover_test_lack */
	/* The account of a line; replaces that of before. Read what you need of it: `user`,
	 * `domain`, and `address` and `port` of each registrar are enough. Strings are to be
	 * copied. Returns 0 or a negative error. */
	int (*line_set)(void *inst, const struct failover_line_identity *identity);
	/* The places that requests may come from. May be NULL. */
	int (*line_targets)(void *inst, uint32_t line, const struct failover_target *targets,
			    uint32_t count);
	/* The line goes with its calls. NULL with ONE_LINE. */
	void (*line_remove)(void *inst, uint32_t line);
	/* The sender's descriptors, its next deadline in host time (FAILOVER_NO_DEADLINE = none),
	 * and one turn of its loop. */
	uint32_t (*fds)(void *inst, struct failover_io_fd *out, uint32_t max);
	uint64_t (*deadline)(void *inst);
	void (*process)(void *inst, const struct failover_io_fd *ready, uint32_t count);
	/* Prepare an outgoing call to `uri`, "1002" or "sip:1002@example.net"; *call is the cookie
	 * of its INVITE and BYE. NULL: it makes no calls. */
	int (*call_new)(void *inst, uint32_t line, const char *uri, const char *sdp,
			uint64_t *call);
	/* Forget a call; nothing is sent. NULL with `call_new`. */
	void (*call_free)(void *inst, uint64_t call);
};

#endif
