/* SPDX-License-Identifier: MIT */
/*
 * plain_thread.c - the plugin with a thread of its own (FAILOVER_THREAD in the environment): the
 * thread waits for packets and errors, and wakes the host; the host's thread reads them.
 */
#include "plain.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void *watch(void *arg)
{
	const struct plain_thread *thread = arg;
	struct epoll_event event;

	for (;;) {
		if (epoll_wait(thread->epoll, &event, 1, -1) != 1)
			continue;
		if (event.data.fd == thread->stop)
			return NULL;
		thread->wakeup->wake(thread->wakeup->app);
	}
}

static int watch_fd(const struct plain_thread *thread, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data = { .fd = fd } };

	return epoll_ctl(thread->epoll, EPOLL_CTL_ADD, fd, &event);
}

int plain_thread_start(struct plain *ua)
{
	struct plain_thread *thread = &ua->thread;

	if (!getenv("FAILOVER_THREAD"))
		return 0;
	thread->wakeup = ua->host->get_extension(ua->host->ctx, FAILOVER_EXT_WAKEUP);
	if (!thread->wakeup)
		return FAILOVER_ERR_UNSUPPORTED;
	thread->epoll = epoll_create1(EPOLL_CLOEXEC);
	thread->stop = eventfd(0, EFD_CLOEXEC);
	if (thread->epoll < 0 || thread->stop < 0 || watch_fd(thread, ua->fd) ||
	    watch_fd(thread, thread->stop) || pthread_create(&thread->id, NULL, watch, thread))
		abort(); /* no test can go on */
	thread->runs = true;
	return 0;
}

void plain_thread_stop(struct plain *ua)
{
	struct plain_thread *thread = &ua->thread;
	const uint64_t one = 1;

	if (!thread->runs)
		return;
	if (write(thread->stop, &one, sizeof(one)) != sizeof(one))
		abort();
	pthread_join(thread->id, NULL);
	close(thread->epoll);
	close(thread->stop);
}
