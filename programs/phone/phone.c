/* SPDX-License-Identifier: MIT */
/* phone.c - the life of the phone: start, the turn of the loop, end. */
#include "phone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_OTHER 1
#define EXIT_CONFIG 2

static void phone_fail(struct phone *phone, const char *what)
{
	fprintf(stderr, PHONE_PROGRAM ": %s\n", what);
	phone->exit_status = EXIT_OTHER;
	phone_loop_end(phone->loop);
}

static uint32_t network_fds(const struct phone *phone, struct failover_io_fd *out, uint32_t room)
{
	int fd = phone_network_fd(phone->network);

	if (fd < 0)
		return 0;
	if (room)
		*out = (struct failover_io_fd){ fd, FAILOVER_IO_READ };
	return 1;
}

/* Write which descriptors there are, as far as there is room; returns how many. */
static uint32_t fds_fill(struct phone *phone)
{
	uint32_t room = phone->fds_room, count = 0;

	if (phone->ext_io)
		count = phone->ext_io->fds(phone->inst, phone->fds, room);
	phone->fds_of_stack = count;
	room = count < room ? room - count : 0;
	count += phone_resolver_fds(phone->resolver, room ? phone->fds + count : NULL, room);
	room = count < phone->fds_room ? phone->fds_room - count : 0;
	return count + network_fds(phone, room ? phone->fds + count : NULL, room);
}

static int phone_watch(struct phone *phone)
{
	uint32_t count = fds_fill(phone);

	if (count > phone->fds_room) {
		struct failover_io_fd *fds = realloc(phone->fds, count * sizeof(*fds));

		if (!fds)
			return -1;
		phone->fds = fds;
		phone->fds_room = count;
		count = fds_fill(phone);
	}
	return phone_loop_watch(phone->loop, phone->fds, count);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void phone_arm(struct phone *phone)
{
	uint64_t now = phone_now(phone);
	uint64_t at = earlier(failover_next_deadline(phone->engine), phone_lines_deadline(phone));

	at = earlier(at, phone_config_start_at(phone));
	at = earlier(at, phone_state_deadline(phone));
	if (phone->ext_io)
		at = earlier(at, phone->ext_io->deadline(phone->inst));
	if (!phone->quitting) {
		at = earlier(at, phone_resolver_deadline(phone->resolver, now));
		at = earlier(at, phone_network_deadline(phone->network));
	}
	phone_loop_arm(phone->loop, at > now ? at - now : 0);
}

void phone_turn(struct phone *phone)
{
	do {
		failover_handle_timeout(phone->engine, phone_now(phone));
		phone_stack_turn(phone);
	} while (phone_lines_step(phone) || phone_lookup_step(phone) || phone_calls_step(phone));
	phone_record_turn(phone->report.record);
	phone_state_step(phone);
	if (phone->report.broken) {
		phone_fail(phone, "cannot write to the events file");
		return;
	}
	if (phone->quitting && TAILQ_EMPTY(&phone->leaving)) {
		phone_loop_end(phone->loop);
		return;
	}
	if (phone_watch(phone) != 0) {
		phone_fail(phone, "no memory");
		return;
	}
	phone_arm(phone);
}

static int fd_is_of_stack(const struct phone *phone, int32_t fd)
{
	for (uint32_t i = 0; i < phone->fds_of_stack; i++) {
		if (phone->fds[i].fd == fd)
			return 1;
	}
	return 0;
}

static void on_ready(void *user, const struct failover_io_fd *ready)
{
	struct phone *phone = user;

	if (ready->fd == phone_network_fd(phone->network))
		phone_network_read(phone->network, phone_now(phone));
	else if (fd_is_of_stack(phone, ready->fd))
		phone->ext_io->process(phone->inst, ready, 1);
	else
		phone_resolver_process(phone->resolver, ready, 1, phone_now(phone));
	phone_turn(phone);
}

/* B17 */
static void network_step(struct phone *phone)
{
	uint64_t now = phone_now(phone);

	if (phone->quitting || !phone_network_changed(phone->network, now))
		return;
	phone_report_network(&phone->report, now);
	if (phone->ext_io && phone->ext_io->size >= sizeof(*phone->ext_io) &&
	    phone->ext_io->network_changed)
		phone->ext_io->network_changed(phone->inst);
	failover_network_changed(phone->engine, now);
	phone_resolver_refresh(phone->resolver, now);
}

static void on_due(void *user)
{
	struct phone *phone = user;

	if (phone->ext_io && phone->ext_io->deadline(phone->inst) <= phone_now(phone))
		phone->ext_io->process(phone->inst, NULL, 0);
	if (phone_resolver_deadline(phone->resolver, phone_now(phone)) <= phone_now(phone))
		phone_resolver_process(phone->resolver, NULL, 0, phone_now(phone));
	network_step(phone);
	phone_config_start_step(phone);
	phone_turn(phone);
}

static int on_input(void *user)
{
	struct phone *phone = user;
	int ended = phone_console_read(phone);

	phone_turn(phone);
	return ended;
}

/* B24d: nobody could hear the answer to what was under way, so its silence says nothing. */
static void on_woke(void *user, uint64_t slept_ms)
{
	struct phone *phone = user;
	uint64_t now = phone_now(phone);

	phone_report_woke(&phone->report, slept_ms, now);
	for (size_t i = 0; i < phone->lines_by_number.size; i++) {
		const struct phone_line *line = phone->lines_by_number.slots[i].value;
		struct failover_line_state state = { .size = sizeof(state) };

		if (!line || phone->quitting ||
		    failover_line_state(phone->engine, line->id, &state) != 0 || !state.registering)
			continue;
		failover_register(phone->engine, line->id, now);
		phone_stack_turn(phone);
	}
}

static void on_stop(void *user)
{
	struct phone *phone = user;

	phone_quit(phone);
	phone_turn(phone);
}

void phone_quit(struct phone *phone)
{
	if (phone->quitting)
		return;
	phone->quitting = 1;
	for (uint32_t i = 0; i < phone->config->lines_count; i++) {
		uint32_t number = phone->config->lines[i]->number;
		struct phone_line *line = phone_map_get(&phone->lines_by_number, number);

		if (line)
			phone_line_leave(phone, line);
	}
}

static void lines_free(struct phone *phone)
{
	for (size_t i = 0; i < phone->lines_by_number.size; i++) {
		struct phone_line *line = phone->lines_by_number.slots[i].value;

		/* Taking one out may move others into its place: look there again. */
		if (line) {
			phone_line_free(phone, line);
			i--;
		}
	}
	while (!TAILQ_EMPTY(&phone->leaving))
		phone_line_free(phone, TAILQ_FIRST(&phone->leaving));
}

static void phone_close(struct phone *phone)
{
	phone_web_close(phone);
	lines_free(phone);
	phone_config_close(phone);
	phone_lookup_close(phone);
	phone_network_close(phone->network);
	phone_stack_close(phone);
	phone_loop_free(phone->loop);
	phone_web_unload(phone);
	phone_state_close(phone);
	failover_config_free(phone->config);
	phone_map_clear(&phone->lines_by_id);
	phone_map_clear(&phone->lines_by_number);
	phone_map_clear(&phone->calls);
	free(phone->fds);
	phone_record_close(phone->report.record);
	phone_report_close(&phone->report);
}

static int phone_open(struct phone *phone)
{
	const struct phone_loop_handlers handlers = {
		.user = phone,
		.ready = on_ready,
		.due = on_due,
		.input = on_input,
		.stop = on_stop,
		.woke = on_woke,
	};

	phone->loop = phone_loop_new(&handlers);
	if (!phone->loop) {
		fputs(PHONE_PROGRAM ": no memory\n", stderr);
		return EXIT_OTHER;
	}
	phone->report.started_at = phone_loop_clock(phone->loop);
	if (phone_config_load(phone, &phone->config) != 0)
		return EXIT_CONFIG;
	if (phone_report_open(&phone->report, phone->options.events) != 0) {
		fprintf(stderr, PHONE_PROGRAM ": %s: %s\n", phone->options.events, strerror(errno));
		return EXIT_OTHER;
	}
	if (phone_state_open(phone) != 0) {
		fputs(PHONE_PROGRAM ": no memory\n", stderr);
		return EXIT_OTHER;
	}
	if (phone_record_open(&phone->options, phone->loop, &phone->report.record) != 0)
		return EXIT_OTHER;
	if (phone_stack_open(phone) != 0 || phone_lookup_open(phone) != 0 ||
	    phone_web_open(phone) != 0 || phone_config_start(phone) != 0)
		return EXIT_OTHER;
	phone->network = phone_network_open();
	if (!phone->network)
		fputs(PHONE_PROGRAM ": changes of the network are not noticed here\n", stderr);
	return 0;
}

int phone_run(const struct phone_options *options)
{
	struct phone phone = { .options = *options };

	TAILQ_INIT(&phone.leaving);
	TAILQ_INIT(&phone.touched);
	TAILQ_INIT(&phone.byes);
	phone.exit_status = phone_open(&phone);
	if (phone.exit_status == 0) {
		phone_loop_arm(phone.loop, 0); /* the first turn */
		if (phone_loop_run(phone.loop) != 0)
			phone.exit_status = EXIT_OTHER;
	}
	phone_close(&phone);
	return phone.exit_status;
}
