/* SPDX-License-Identifier: MIT */
/*
 * alone.h - what a test may have for itself, and tests that are skipped, with the reason, where the
 * system refuses it.
 *
 * Namespaces are had as root, or as an ordinary user who becomes root of a user namespace.
 */
#ifndef ALONE_H
#define ALONE_H

#include <check.h>
#include <stddef.h>

enum alone {
	ALONE_NETWORK, /* its loopback is up */
	ALONE_MOUNTS,
	ALONE_TIME, /* for children, once their offsets are set */
};

/* This process has it from now on; 0, or -1 where it is refused. For a test's own process: there is
 * no way back. */
int alone_enter(enum alone what);
/* Why it cannot be had here, or NULL; a child tries. */
const char *alone_refused(enum alone what);
/* Why there are no IPv6 sockets on ::1, or NULL. */
const char *ipv6_refused(void);

/* A test that was left out of the suite. */
struct skipped_test {
	const TTest *test;
	const char *why;
};

/* Runs the suite and prints its results, the skipped tests' too, as TAP; returns the exit status.
 */
int run_with_skips(Suite *suite, const struct skipped_test *skipped, size_t count);

#endif
