/* SPDX-License-Identifier: MIT */
/*
 * phone.c - the firmware: one line, two servers, commands on standard input. What it adds to a
 * phone that has a SIP sender already is phone_open() and the two failover_ calls of the loop.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <failover/failover.h>
#include "sender.h"

#define QUIT_MS 2000u

struct phone {
	struct failover_engine *engine;
	struct failover_stack *stack;
	struct sender *sender;
	struct sender_app app; /* what the sender knows of this phone */
	uint32_t line;
	uint64_t call;		       /* its number, 0 = none */
	uint64_t request;	       /* its INVITE or BYE under way, 0 = none */
	int bye_waits;		       /* for room in the engine: without it the call stays up */
	struct failover_target dialog; /* where the call was set up (B9) */
	uint64_t quit_at;
};

static uint64_t phone_now(struct phone *phone)
{
	return failover_stack_now(phone->stack);
}

/* ---- news --------------------------------------------------------------------------------- */

static void on_event(void *user, const struct failover_event *event)
{
	char text[256];

	(void)user;
	failover_event_text(event, text, sizeof(text));
	printf("%s: %s\n", failover_event_name(event->kind), text);
}

static void on_result(void *user, const struct failover_result *result)
{
	struct phone *phone = user;

	if (result->request != phone->request)
		return;
	phone->request = 0;
	if (result->method == FAILOVER_INVITE && result->status / 100 == 2) {
		phone->dialog = result->target;
		failover_line_calls(phone->engine, phone->line, 1, phone_now(phone));
		puts("phone: the call is up");
		return;
	}
	phone->call = 0;
	failover_line_calls(phone->engine, phone->line, 0, phone_now(phone));
	printf("phone: %s ended with status %u\n", failover_method_text(result->method),
	       (unsigned)result->status);
}

static void on_ended(void *app, uint64_t call)
{
	struct phone *phone = app;

	if (call != phone->call)
		return;
	phone->call = 0;
	phone->bye_waits = 0;
	failover_line_calls(phone->engine, phone->line, 0, phone_now(phone));
	puts("phone: the other side has hung up");
}

/* ---- start -------------------------------------------------------------------------------- */

/* "192.0.2.1:5060" */
static int target_read(struct failover_target *target, const char *text)
{
	char ip[32];
	unsigned port;

	if (sscanf(text, "%31[0-9.]:%5u", ip, &port) != 2)
		return FAILOVER_ERR_ARGUMENT;
	return failover_target_set(target, ip, port, FAILOVER_UDP);
}

static int account_read(struct sender_account *account, char **words)
{
	uint8_t i;

	if (sscanf(words[0], "%63[a-zA-Z0-9._-]@%63[a-zA-Z0-9.:-]", account->user,
		   account->domain) != 2)
		return FAILOVER_ERR_ARGUMENT;
	for (i = 0; i < SENDER_REGISTRARS; i++) {
		snprintf(account->registrars[i], sizeof(account->registrars[i]), "%s",
			 words[1 + i]);
		if (target_read(&account->targets[i], words[1 + i]))
			return FAILOVER_ERR_ARGUMENT;
		account->targets[i].registrar = i;
	}
	return FAILOVER_OK;
}

static int line_open(struct phone *phone, struct sender_account *account, uint32_t failback_s)
{
	struct failover_line_params params = { .size = sizeof(params),
					       .registrars = SENDER_REGISTRARS,
					       .targets_count = SENDER_REGISTRARS,
					       .targets = account->targets,
					       .settings = FAILOVER_LINE_SETTINGS_INIT };
	int error;

	params.settings.keepalive_interval_s = 5;
	if (failback_s)
		params.settings.failback_interval_s = failback_s;
	error = failover_line_add(phone->engine, &params, phone_now(phone), &account->line);
	if (error)
		return error;
	phone->line = account->line;
	sender_account_set(phone->sender, account);
	return failover_register(phone->engine, phone->line, phone_now(phone));
}

static int phone_open(struct phone *phone, struct sender_account *account, uint32_t failback_s)
{
	struct failover_engine_params engine = { .size = sizeof(engine),
						 .memory = failover_memory_default() };
	struct failover_stack_params stack = { .size = sizeof(stack),
					       .open = { .size = sizeof(stack.open),
							 .user = &phone->app },
					       .user = phone,
					       .event = on_event,
					       .result = on_result };
	int error;

	phone->app = (struct sender_app){ phone, on_ended };
	if (getentropy(&engine.seed, sizeof(engine.seed)))
		return FAILOVER_ERR_IO;
	error = failover_engine_new(&engine, &phone->engine);
	if (error)
		return error;
	stack.engine = phone->engine;
	error = failover_stack_open(&sender_plugin, &stack, &phone->stack);
	if (error)
		return error;
	phone->sender = failover_stack_instance(phone->stack);
	return line_open(phone, account, failback_s);
}

/* ---- commands ----------------------------------------------------------------------------- */

static void dial(struct phone *phone, const char *user)
{
	struct failover_request_params invite = { .size = sizeof(invite),
						  .method = FAILOVER_INVITE };

	invite.cookie = phone->call ? 0 : sender_call(phone->sender, user);
	if (!invite.cookie || failover_submit(phone->engine, phone->line, &invite, phone_now(phone),
					      &phone->request)) {
		puts("phone: cannot call");
		return;
	}
	phone->call = invite.cookie;
}

static void hang_up(struct phone *phone)
{
	struct failover_request_params bye = { .size = sizeof(bye),
					       .method = FAILOVER_BYE,
					       .cookie = phone->call,
					       .dialog = &phone->dialog };

	if (phone->request) /* still ringing, or a BYE under way: no further server is tried (B6c)
			     */
		failover_give_up(phone->engine, phone->request, phone_now(phone));
	else if (phone->call)
		phone->bye_waits = failover_submit(phone->engine, phone->line, &bye,
						   phone_now(phone), &phone->request) != 0;
}

static void quit(struct phone *phone)
{
	if (!phone->quit_at)
		phone->quit_at = phone_now(phone) + QUIT_MS;
	failover_unregister(phone->engine, phone->line, phone_now(phone));
}

static void command(struct phone *phone, char *text)
{
	text[strcspn(text, "\r\n")] = '\0';
	if (!strncmp(text, "call ", 5))
		dial(phone, text + 5);
	else if (!strcmp(text, "hangup"))
		hang_up(phone);
	else if (!strcmp(text, "quit"))
		quit(phone);
	else
		puts("phone: call NAME, hangup, quit");
}

/* ---- loop --------------------------------------------------------------------------------- */

static int wait_ms(struct phone *phone)
{
	uint64_t now = phone_now(phone), next = failover_next_deadline(phone->engine);
	uint64_t sender = sender_deadline(phone->sender);

	if (sender < next)
		next = sender;
	if (phone->quit_at && phone->quit_at < next)
		next = phone->quit_at;
	if (next <= now)
		return 0;
	return next - now < 60000 ? (int)(next - now) : 60000;
}

static int registered(struct phone *phone)
{
	struct failover_line_state state = { .size = sizeof(state) };

	failover_line_state(phone->engine, phone->line, &state);
	return state.registered || state.registering;
}

static void run(struct phone *phone)
{
	struct pollfd fds[2] = { { .fd = sender_fd(phone->sender), .events = POLLIN },
				 { .fd = STDIN_FILENO, .events = POLLIN } };
	char text[128];

	for (;;) {
		failover_handle_timeout(phone->engine, phone_now(phone));
		if (phone->bye_waits)
			hang_up(phone);
		failover_dispatch(phone->stack);
		fflush(stdout);
		if (phone->quit_at && (phone_now(phone) >= phone->quit_at || !registered(phone)))
			return;
		if (poll(fds, phone->quit_at ? 1 : 2, wait_ms(phone)) < 0)
			return;
		sender_process(phone->sender);
		if (!phone->quit_at && fds[1].revents) {
			if (fgets(text, sizeof(text), stdin))
				command(phone, text);
			else
				quit(phone);
		}
	}
}

int main(int argc, char **argv)
{
	struct sender_account account = { .line = 0 };
	struct phone phone = { .call = 0 };
	int error;

	if (argc < 4 || argc > 5 || account_read(&account, argv + 1)) {
		fprintf(stderr,
			"usage: %s USER@DOMAIN PRIMARY:PORT BACKUP:PORT [FAILBACK-SECONDS]\n",
			argv[0]);
		return 2;
	}
	setvbuf(stdin, NULL, _IONBF, 0); /* or poll() would not see what stdio has read */
	error = phone_open(&phone, &account, argc == 5 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0);
	if (error)
		fprintf(stderr, "%s: %s\n", argv[0], failover_strerror(error));
	else
		run(&phone);
	failover_stack_close(phone.stack);
	failover_engine_free(phone.engine);
	return error ? 1 : 0;
}
