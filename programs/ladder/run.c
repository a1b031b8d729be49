/* SPDX-License-Identifier: MIT */
/* run.c - goes through the script: starts the programs, acts, waits, sums up. */
#include "demo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS_MOST 16
#define ALL_MOST_MS 58000 /* the demo ends by itself, whatever happens */
#define READY_MOST_MS 5000
#define PASSWORD "secret"
#define FAILBACK_INTERVAL_S 6

static void path_make(const struct demo *demo, const char *name, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s/%s", demo->directory, name);
}

static void timer_arm(struct demo *demo, unsigned ms)
{
	const struct timeval delay = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	evtimer_add(demo->timer, &delay);
}

static void demo_end(struct demo *demo)
{
	demo->ending = 1;
	event_base_loopbreak(demo->base);
}

static void demo_fail(struct demo *demo, const char *what)
{
	printf("\ndemo: step %u: %s\n", demo->step + 1, what);
	demo->failed = 1;
	demo_end(demo);
}

/* ---- the programs ------------------------------------------------------------------------- */

static int child_run(struct demo *demo, enum party party, const char *const *words)
{
	char errors[96], *argv[WORDS_MOST + 1] = { NULL };
	int started;

	for (unsigned i = 0; i < WORDS_MOST && words[i]; i++)
		argv[i] = strdup(words[i]);
	path_make(demo, party_name(party), errors, sizeof(errors));
	started = child_start(&demo->children[party], demo->base, argv, errors);
	for (unsigned i = 0; i < WORDS_MOST; i++)
		free(argv[i]);
	return started;
}

/* The first time at any free port, later at the one it had. */
static int server_run(struct demo *demo, enum party party)
{
	char listen[TARGET_BYTES] = "127.0.0.1:0";
	const char *const words[WORDS_MOST] = {
		demo->server_path, "--listen", listen, "--user", "1001:" PASSWORD,
	};

	if (*demo->targets[party])
		snprintf(listen, sizeof(listen), "%.*s", (int)strcspn(demo->targets[party], ";"),
			 demo->targets[party]);
	return child_run(demo, party, words);
}

/* "127.0.0.1:5060;transport=udp" -> the port */
static int target_port(const struct demo *demo, enum party party)
{
	const char *colon = strchr(demo->targets[party], ':');

	return colon ? atoi(colon + 1) : 0;
}

static int config_write(const struct demo *demo, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int written;

	if (fd < 0)
		return -1;
	written = dprintf(fd,
			  "profile = %s\n"
			  "line 1 {\n"
			  "  user = \"1001\"\n"
			  "  auth_password = \"" PASSWORD "\"\n"
			  "  server primary { address = \"127.0.0.1\" port = %d }\n"
			  "  server backup { address = \"127.0.0.1\" port = %d }\n"
			  "  failback_interval = %d\n"
			  "}\n",
			  demo->profile, target_port(demo, PARTY_PRIMARY),
			  target_port(demo, PARTY_BACKUP), FAILBACK_INTERVAL_S);
	close(fd);
	return written > 0 ? 0 : -1;
}

static int phone_run(struct demo *demo)
{
	char config[96];
	const char *const words[WORDS_MOST] = {
		demo->phone_path,
		"--stack",
		demo->stack,
		"--plugin-dir",
		demo->plugin_dir,
		"--listen",
		"127.0.0.1:0",
		"--events",
		"-",
		config,
		demo->pcap ? "--pcap" : NULL,
		demo->pcap,
	};

	path_make(demo, "phone.conf", config, sizeof(config));
	if (config_write(demo, config) != 0)
		return -1;
	return child_run(demo, PARTY_PHONE, words);
}

static void primary_die(struct demo *demo)
{
	demo->drawing.primary_dead = 1;
	if (demo->death_kills) {
		child_kill(&demo->children[PARTY_PRIMARY]);
		draw_say(&demo->drawing, LADDER_BAD, "the primary's process is killed (SIGKILL)");
	} else {
		child_tell(&demo->children[PARTY_PRIMARY], "silent");
		draw_say(&demo->drawing, LADDER_BAD,
			 "the primary is silent now, as if its cable were cut");
	}
}

static int primary_return(struct demo *demo)
{
	demo->drawing.primary_dead = 0;
	draw_say(&demo->drawing, LADDER_CALM, "the primary is back");
	if (demo->death_kills)
		return server_run(demo, PARTY_PRIMARY);
	child_tell(&demo->children[PARTY_PRIMARY], "up");
	return 0;
}

/* ---- the script --------------------------------------------------------------------------- */

static int step_act(struct demo *demo, const struct script_step *step)
{
	switch (step->action) {
	case ACTION_PHONE_START:
		return phone_run(demo);
	case ACTION_PHONE_COMMAND:
		child_tell(&demo->children[PARTY_PHONE], step->command);
		return 0;
	case ACTION_PRIMARY_DIES:
		primary_die(demo);
		return 0;
	case ACTION_PRIMARY_RETURNS:
		return primary_return(demo);
	}
	return -1;
}

static void step_start(struct demo *demo)
{
	const struct script_step *step = &script[demo->step];

	if (!step->title) {
		demo_end(demo);
		return;
	}
	draw_step(&demo->drawing, demo->step + 1, step->title);
	demo->seen = 0;
	demo->step_runs = 1;
	demo->step_started_ms = draw_now_ms();
	timer_arm(demo, step->limit_ms);
	if (step_act(demo, step) != 0)
		demo_fail(demo, strerror(errno));
	else
		demo_advance(demo);
}

void demo_advance(struct demo *demo)
{
	if (!demo->step_runs || look_missing(demo))
		return;
	demo->step_runs = 0;
	timer_arm(demo, script[demo->step].pause_ms);
}

static void missing_say(struct demo *demo)
{
	const struct expectation *missing = look_missing(demo);
	char what[256];

	if (!missing)
		return;
	snprintf(what, sizeof(what), "not seen in time: %s: %s %s", party_name(missing->party),
		 missing->what, missing->members ? missing->members : "");
	demo_fail(demo, what);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct demo *demo = arg;

	(void)fd;
	(void)what;
	if (demo->servers_ready < 2) {
		demo_fail(demo, "the servers do not start");
	} else if (demo->step_runs) {
		missing_say(demo);
	} else {
		demo->step++;
		step_start(demo);
	}
}

static void on_held(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	look_at_held(arg);
}

static void on_all_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	demo_fail(arg, "the demo takes too long");
}

/* ---- what the programs say ---------------------------------------------------------------- */

static enum party child_party(const struct demo *demo, const struct child *child)
{
	return (enum party)(child - demo->children);
}

static void server_ready(struct demo *demo, enum party party, const char *target)
{
	if (*demo->targets[party])
		return; /* it has come back */
	snprintf(demo->targets[party], TARGET_BYTES, "%s", target);
	demo->servers_ready++;
	if (demo->servers_ready == 2) {
		draw_head(&demo->drawing);
		step_start(demo);
	}
}

static void on_line(void *user, struct child *child, const char *text)
{
	static const char listening[] = "listening on ";
	struct demo *demo = user;
	enum party party = child_party(demo, child);
	const char *at = strstr(text, listening);

	if (party == PARTY_PHONE)
		look_at_phone(demo, text);
	else if (at)
		server_ready(demo, party, at + strlen(listening));
	else if (demo->servers_ready == 2)
		look_at_server(demo, party, text);
}

static void on_ended(void *user, struct child *child)
{
	struct demo *demo = user;
	enum party party = child_party(demo, child);
	char what[96];

	if (demo->ending)
		return;
	if (party == PARTY_PHONE)
		look_at_exit(demo, child->exit_status);
	if (party == PARTY_PHONE && child->exit_status == 0)
		return;
	snprintf(what, sizeof(what), "the %s has ended by itself, status %d", party_name(party),
		 child->exit_status);
	demo_fail(demo, what);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	demo_fail(arg, "interrupted");
}

/* ---- from start to end -------------------------------------------------------------------- */

static struct event *signal_watch(struct demo *demo, int number)
{
	struct event *event = evsignal_new(demo->base, number, on_signal, demo);

	if (event)
		event_add(event, NULL);
	return event;
}

static int demo_start(struct demo *demo)
{
	for (int party = 0; party < PARTIES; party++) {
		demo->children[party].line = on_line;
		demo->children[party].ended = on_ended;
		demo->children[party].user = demo;
	}
	demo->drawing.started_ms = draw_now_ms();
	snprintf(demo->directory, sizeof(demo->directory), "/tmp/failover-demo.XXXXXX");
	if (!mkdtemp(demo->directory)) {
		*demo->directory = '\0';
		return -1;
	}
	timer_arm(demo, READY_MOST_MS);
	if (server_run(demo, PARTY_PRIMARY) != 0)
		return -1;
	return server_run(demo, PARTY_BACKUP);
}

static void file_print(const char *path, const char *title)
{
	FILE *file = fopen(path, "re");
	char line[256];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		printf("%s: %s", title, line);
	fclose(file);
}

/* Remove what was written; before, after a failure, show what the programs complained about. */
static void directory_remove(const struct demo *demo)
{
	char path[96];

	if (!*demo->directory)
		return;
	for (int party = 0; party < PARTIES; party++) {
		path_make(demo, party_name((enum party)party), path, sizeof(path));
		if (demo->failed)
			file_print(path, party_name((enum party)party));
		unlink(path);
	}
	path_make(demo, "phone.conf", path, sizeof(path));
	unlink(path);
	rmdir(demo->directory);
}

static void sum_up(const struct demo *demo)
{
	double seconds = (double)(draw_now_ms() - demo->drawing.started_ms) / 1000.0;

	if (demo->failed)
		printf("\ndemo: FAILED at step %u after %.1f s\n", demo->step + 1, seconds);
	else
		printf("\ndemo: all %u steps were seen, in %.1f s (profile %s, stack %s)\n",
		       demo->step, seconds, demo->profile, demo->stack);
}

static void picture_save(struct demo *demo)
{
	if (!demo->svg || ladder_save(demo->drawing.ladder, demo->svg) == 0)
		return;
	fprintf(stderr, "demo: %s: %s\n", demo->svg, strerror(errno));
	demo->failed = 1;
}

static int picture_begin(struct demo *demo)
{
	char title[LADDER_TEXT_BYTES];

	if (!demo->svg)
		return 0;
	snprintf(title, sizeof(title),
		 "The primary server dies in a call, and returns (profile %s)", demo->profile);
	demo->drawing.ladder = ladder_new(title);
	if (!demo->drawing.ladder)
		return -1;
	ladder_column_add(demo->drawing.ladder, party_name(PARTY_PRIMARY));
	ladder_column_add(demo->drawing.ladder, party_name(PARTY_BACKUP));
	return 0;
}

static void demo_free(struct demo *demo, struct event **events, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (events[i])
			event_free(events[i]);
	}
	free(demo->drawing.ladder);
	json_decref(demo->held);
	event_base_free(demo->base);
}

int demo_run(struct demo *demo)
{
	const struct timeval all = { .tv_sec = ALL_MOST_MS / 1000 };
	struct event *events[5];

	demo->base = event_base_new();
	if (!demo->base)
		return EXIT_FAILURE;
	demo->held = json_array();
	events[0] = demo->timer = evtimer_new(demo->base, on_timer, demo);
	events[1] = demo->held_timer = evtimer_new(demo->base, on_held, demo);
	events[2] = evtimer_new(demo->base, on_all_over, demo);
	events[3] = signal_watch(demo, SIGTERM);
	events[4] = signal_watch(demo, SIGINT);
	if (!demo->held || !demo->timer || !demo->held_timer || !events[2] ||
	    evtimer_add(events[2], &all) != 0 || picture_begin(demo) != 0 ||
	    demo_start(demo) != 0) {
		perror("demo");
		demo->failed = 1;
	} else {
		event_base_dispatch(demo->base);
		look_at_held(demo);
	}
	for (int party = 0; party < PARTIES; party++)
		child_kill(&demo->children[party]);
	directory_remove(demo);
	sum_up(demo);
	picture_save(demo);
	demo_free(demo, events, 5);
	return demo->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
