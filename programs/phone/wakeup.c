/* SPDX-License-Identifier: MIT */
/* wakeup.c - failover.wakeup/1: a stack with threads of its own turns the loop from any of them. */
#include "phone.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct phone_wakeup {
	struct failover_ext_wakeup table;
	struct phone *phone;
	struct event *event;
	int fd;
};

/* On any thread. A full counter is awake already. */
static void wake(void *app)
{
	const struct phone_wakeup *wakeup = app;
	const uint64_t one = 1;

	(void)!write(wakeup->fd, &one, sizeof(one));
}

static void on_woken(evutil_socket_t fd, short what, void *arg)
{
	struct phone_wakeup *wakeup = arg;
	struct phone *phone = wakeup->phone;
	uint64_t count;

	(void)what;
	(void)!read(fd, &count, sizeof(count));
	if (phone->ext_io)
		phone->ext_io->process(phone->inst, NULL, 0);
	phone_turn(phone);
}

const struct failover_ext_wakeup *phone_wakeup_offer(struct phone *phone)
{
	struct phone_wakeup *wakeup;

	if (phone->wakeup)
		return &phone->wakeup->table;
	wakeup = calloc(1, sizeof(*wakeup));
	if (!wakeup)
		return NULL;
	wakeup->table = (struct failover_ext_wakeup){ .size = sizeof(wakeup->table),
						      .app = wakeup,
						      .wake = wake };
	wakeup->phone = phone;
	phone->wakeup = wakeup;
	wakeup->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (wakeup->fd >= 0)
		wakeup->event = event_new(phone_loop_base(phone->loop), wakeup->fd,
					  EV_READ | EV_PERSIST, on_woken, wakeup);
	if (wakeup->event && event_add(wakeup->event, NULL) == 0)
		return &wakeup->table;
	phone_wakeup_close(phone);
	return NULL;
}

void phone_wakeup_close(struct phone *phone)
{
	struct phone_wakeup *wakeup = phone->wakeup;

	if (!wakeup)
		return;
	if (wakeup->event)
		event_free(wakeup->event);
	if (wakeup->fd >= 0)
		close(wakeup->fd);
	free(wakeup);
	phone->wakeup = NULL;
}
