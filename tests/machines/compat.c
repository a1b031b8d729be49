/* SPDX-License-Identifier: MIT */
/* compat.c - the declarations of compat/, for systems that have none of their own, against those of
 * this system: layout and numbers when it is compiled, lists when it runs. TAP. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/ioctl.h>

#define ITEMS 7
#define STEPS 200000
#define END 1000u
#define EMPTY 1001u

#if __has_include(                                                                                 \
	<sys/queue.h>) && __has_include(<linux/errqueue.h>) && __has_include(<linux/sockios.h>)

/* ---- lists -------------------------------------------------------------------------------- */

#include "../../compat/sys/queue.h"
#define NAMED(name) own_##name
#include "compat_lists.h"
#undef NAMED

#undef LIST_HEAD
#undef LIST_ENTRY
#undef LIST_FIRST
#undef LIST_EMPTY
#undef LIST_NEXT
#undef LIST_FOREACH
#undef LIST_INIT
#undef LIST_INSERT_HEAD
#undef LIST_REMOVE
#undef STAILQ_HEAD
#undef STAILQ_ENTRY
#undef STAILQ_FIRST
#undef STAILQ_EMPTY
#undef STAILQ_NEXT
#undef STAILQ_FOREACH
#undef STAILQ_INIT
#undef STAILQ_INSERT_TAIL
#undef STAILQ_REMOVE_HEAD
#undef STAILQ_REMOVE
#undef TAILQ_HEAD
#undef TAILQ_ENTRY
#undef TAILQ_FIRST
#undef TAILQ_EMPTY
#undef TAILQ_NEXT
#undef TAILQ_FOREACH
#undef TAILQ_INIT
#undef TAILQ_INSERT_HEAD
#undef TAILQ_INSERT_TAIL
#undef TAILQ_REMOVE
#include <sys/queue.h>
#define NAMED(name) system_##name
#include "compat_lists.h"

_Static_assert((int)own_head_size == (int)system_head_size, "heads of lists");
_Static_assert((int)own_item_size == (int)system_item_size, "entries of lists");
_Static_assert((int)own_single_at == (int)system_single_at, "entries of LIST");
_Static_assert((int)own_both_at == (int)system_both_at, "entries of STAILQ");

/* ---- errors of sockets -------------------------------------------------------------------- */

#define sock_extended_err own_extended_err
#include "../../compat/linux/errqueue.h"
#undef sock_extended_err
enum {
	OWN_LOCAL = SO_EE_ORIGIN_LOCAL,
	OWN_ICMP = SO_EE_ORIGIN_ICMP,
	OWN_ICMP6 = SO_EE_ORIGIN_ICMP6
};
#undef SO_EE_ORIGIN_LOCAL
#undef SO_EE_ORIGIN_ICMP
#undef SO_EE_ORIGIN_ICMP6
#include <linux/errqueue.h>

_Static_assert(OWN_LOCAL == SO_EE_ORIGIN_LOCAL, "an error of this system");
_Static_assert(OWN_ICMP == SO_EE_ORIGIN_ICMP, "an error by ICMP");
_Static_assert(OWN_ICMP6 == SO_EE_ORIGIN_ICMP6, "an error by ICMPv6");
#define SAME(member)                                                                               \
	_Static_assert(offsetof(struct own_extended_err, member) ==                                \
				       offsetof(struct sock_extended_err, member) &&               \
			       sizeof(((struct own_extended_err *)0)->member) ==                   \
				       sizeof(((struct sock_extended_err *)0)->member),            \
		       #member)
SAME(ee_errno);
SAME(ee_origin);
SAME(ee_type);
SAME(ee_code);
SAME(ee_info);
SAME(ee_data);
_Static_assert(sizeof(struct own_extended_err) == sizeof(struct sock_extended_err), "the whole");

/* ---- what is left to send ----------------------------------------------------------------- */

#include <linux/sockios.h>
_Static_assert(SIOCOUTQ == TIOCOUTQ, "what a socket has still to send");

/* ------------------------------------------------------------------------------------------- */

/* Returns at which step the lists differ, 0 = nowhere. */
static unsigned differ(void)
{
	static struct own_lists own;
	static struct system_lists system;
	unsigned ours[3 * ITEMS + 3], theirs[3 * ITEMS + 3], draw = 1, i, count;

	own_init(&own);
	system_init(&system);
	for (i = 1; i <= STEPS; i++) {
		draw = draw * 1664525u + 1013904223u;
		count = own_step(&own, draw >> 8, ours);
		if (count != system_step(&system, draw >> 8, theirs) ||
		    memcmp(ours, theirs, count * sizeof(*ours)) != 0)
			return i;
	}
	return 0;
}

int main(void)
{
	unsigned at = differ();

	if (at)
		printf("# at step %u\n", at);
	printf("%sok 1 - lists have what the system's have, for %u steps\n1..1\n", at ? "not " : "",
	       STEPS);
	return at != 0;
}

#else

int main(void)
{
	puts("1..0 # SKIP this system has no headers to compare with");
	return 0;
}

#endif
