/* SPDX-License-Identifier: MIT */
/*
 * failover.wakeup/1 - for a stack with threads of its own (FAILOVER_CAP_OWN_THREAD). The
 * application gives this table through host->get_extension(), and the plugin asks for it in `open`.
 *
 * Whatever its threads find out the plugin keeps, under a lock of its own, and calls wake(). The
 * host's loop turns, and calls process() of failover.io/1: there, on the engine's thread, the
 * plugin tells what it has kept. So the host table, which belongs to that thread, is never called
 * from another one. A plugin that can put an eventfd of its own among the descriptors of
 * failover.io/1 needs none of this.
 */
#ifndef FAILOVER_EXT_WAKEUP_H
#define FAILOVER_EXT_WAKEUP_H

#include <failover/plugin.h>

#define FAILOVER_EXT_WAKEUP "failover.wakeup/1"

struct failover_ext_wakeup {
	uint32_t size;
	uint32_t reserved;
	void *app;
	/* From any thread, from `open` until `close` returns; by then the plugin's threads have
	 * ended. It does not block and calls nothing of the plugin's. The loop turns once at least
	 * after the last call; many calls may be one turn, and a turn may find nothing. */
	void (*wake)(void *app);
};

#endif
