/* SPDX-License-Identifier: MIT */
/*
 * failover.io/1 - file descriptors and timers of a stack, for the host's event loop.
 * After every call into the plugin or the engine the host asks fds() and deadline() again, waits,
 * and calls process(). A plugin without this extension does no I/O of its own on this thread.
 */
#ifndef FAILOVER_EXT_IO_H
#define FAILOVER_EXT_IO_H

#include <failover/plugin.h>

#define FAILOVER_EXT_IO "failover.io/1"
#define FAILOVER_NO_DEADLINE UINT64_MAX

enum failover_io_event {
	FAILOVER_IO_READ = 1u << 0,
	FAILOVER_IO_WRITE = 1u << 1,
	FAILOVER_IO_ERROR = 1u << 2, /* reported only: POLLERR, e.g. an ICMP error in the queue */
};

struct failover_io_fd {
	int32_t fd;
	uint32_t events; /* enum failover_io_event: wanted in fds(), ready in process() */
};

struct failover_ext_io {
	uint32_t size;
	uint32_t reserved;
	/* Write at most `max` descriptors; returns how many there are (may exceed max). */
	uint32_t (*fds)(void *inst, struct failover_io_fd *out, uint32_t max);
	/* When process() is wanted next, in host time, or FAILOVER_NO_DEADLINE. */
	uint64_t (*deadline)(void *inst);
	/* Read, write, run timers. ready may be empty: then it is the deadline. */
	void (*process)(void *inst, const struct failover_io_fd *ready, uint32_t count);
	/* The local address in use toward a target's transport; returns 0 or an error. */
	int (*local)(void *inst, uint32_t transport, struct failover_target *out);
	/* Came later: ask `size` first; may be NULL. The device's addresses or routes are others:
	 * connections whose local address has gone are given up, and the lines that are registered
	 * over them hear of it (failover_host.lost), from process(). */
	void (*network_changed)(void *inst);
};

#endif
