/* SPDX-License-Identifier: MIT */
/* explain.h - what the lines of a configuration do in the worst case, for people and for programs.
 */
#ifndef CONFIG_EXPLAIN_H
#define CONFIG_EXPLAIN_H

#include <failover/config.h>

#define EXPLAIN_STEPS (4 * FAILOVER_LIMIT_TARGETS)
#define EXPLAIN_METHODS 3u /* REGISTER, INVITE, BYE */

struct explain_method {
	uint32_t method;
	struct failover_plan plan;
	struct failover_plan_step steps[EXPLAIN_STEPS];
};

/* Of one line; times in milliseconds. */
struct explain_line {
	const struct failover_config_line *line;
	uint32_t targets_count; /* 0: it is off, or has no server */
	struct failover_target targets[FAILOVER_LIMIT_TARGETS];
	struct explain_method methods[EXPLAIN_METHODS];
	struct explain_method emergency; /* an INVITE for help: its first round (B36) */
	uint64_t silent_ms;   /* an idle line asks its server after so much silence; 0 = never */
	uint64_t notices_ms;  /* and notices that it is dead after so long, at most */
	uint64_t failback_ms; /* a probe comes so long after the primary is back; 0 = never */
};

/* Returns 0 or a negative error. */
int explain_line(const struct failover_config_line *line, struct explain_line *out);
/* Its server is a name: without DNS, one address stands in for it. */
int explain_is_name(const struct failover_target *target);
/* "192.0.2.1:5060;transport=udp", or with the name in the place of the address. */
const char *explain_target(const struct explain_line *of, uint32_t index, char *buffer,
			   size_t size);

/* Whom such a call may go to. */
const char *explain_emergency(const struct failover_config_line *line);

/* explain_text.c, explain_json.c: the whole; each warning is said in the end. */
void explain_text(const struct failover_config *config, const char *path);
void explain_json(const struct failover_config *config, const char *path);

/* B29: an item of which the line's profile says something else than V3 does. */
struct explain_difference {
	const char *key;
	const char *profile, *v3;	       /* what they say, as written in a file */
	char here[FAILOVER_CONFIG_VALUE_SIZE]; /* what holds: the file may say something else */
};
/* The next one; *n is 0 at first, and moves on. 0 = there are no more. */
int explain_difference(const struct failover_config *config,
		       const struct failover_config_line *line, uint32_t *n,
		       struct explain_difference *out);

#endif
