/* SPDX-License-Identifier: MIT */
/*
 * wakeup - a stack with a thread of its own, and a host that is woken by failover.wakeup/1; TAP.
 * The thread answers each request; its answers reach the engine on the engine's thread. Meant for a
 * build with TSan.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <failover/failover.h>
#include <failover/ext/io.h>
#include <failover/ext/wakeup.h>

#define REQUESTS 400u
#define QUEUE 64u
#define TURN_MS 10000 /* a turn that takes so long was never woken */

/* ---- the stack: `send` hands an attempt to its thread, the thread hands an answer back ----- */

struct queue {
	uint64_t ids[QUEUE];
	unsigned count;
};

struct stack {
	const struct failover_host *host;
	const struct failover_ext_wakeup *wakeup;
	pthread_t thread, engine;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t asked;
	struct queue to_do, done;
	int ends;
	unsigned elsewhere; /* hooks and turns on another thread */
};

static int queue_put(struct queue *queue, uint64_t id)
{
	if (queue->count == QUEUE)
		return FAILOVER_ERR_MEMORY;
	queue->ids[queue->count++] = id;
	return 0;
}

static void *work(void *arg)
{
	struct stack *stack = arg;
	unsigned i;

	pthread_mutex_lock(&stack->lock);
	for (;;) {
		while (!stack->to_do.count && !stack->ends)
			pthread_cond_wait(&stack->asked, &stack->lock);
		if (stack->ends)
			break;
		for (i = 0; i < stack->to_do.count; i++)
			(void)queue_put(&stack->done, stack->to_do.ids[i]);
		stack->to_do.count = 0;
		pthread_mutex_unlock(&stack->lock);
		stack->wakeup->wake(stack->wakeup->app);
		pthread_mutex_lock(&stack->lock);
	}
	pthread_mutex_unlock(&stack->lock);
	return NULL;
}

static struct stack the_stack; /* one in this program */

static int stack_open(const struct failover_host *host, const struct failover_open_params *params,
		      void **inst)
{
	struct stack *stack = &the_stack;

	(void)params;
	memset(stack, 0, sizeof(*stack));
	stack->host = host;
	stack->wakeup = host->get_extension(host->ctx, FAILOVER_EXT_WAKEUP);
	if (!stack->wakeup)
		return FAILOVER_ERR_UNSUPPORTED;
	stack->engine = pthread_self();
	pthread_mutex_init(&stack->lock, NULL);
	pthread_cond_init(&stack->asked, NULL);
	*inst = stack;
	return pthread_create(&stack->thread, NULL, work, stack) ? FAILOVER_ERR_MEMORY : 0;
}

static void stack_close(void *inst)
{
	struct stack *stack = inst;

	pthread_mutex_lock(&stack->lock);
	stack->ends = 1;
	pthread_cond_signal(&stack->asked);
	pthread_mutex_unlock(&stack->lock);
	pthread_join(stack->thread, NULL);
	pthread_mutex_destroy(&stack->lock);
	pthread_cond_destroy(&stack->asked);
}

static int stack_send(void *inst, const struct failover_attempt *attempt)
{
	struct stack *stack = inst;
	int error;

	pthread_mutex_lock(&stack->lock);
	stack->elsewhere += !pthread_equal(pthread_self(), stack->engine);
	error = queue_put(&stack->to_do, attempt->id);
	pthread_cond_signal(&stack->asked);
	pthread_mutex_unlock(&stack->lock);
	return error;
}

static int stack_timeout(void *inst, uint64_t attempt, uint32_t reason)
{
	(void)inst, (void)attempt, (void)reason;
	return 0;
}

static void stack_response(void *inst, const struct failover_result *result)
{
	(void)inst, (void)result;
}

static uint32_t io_fds(void *inst, struct failover_io_fd *out, uint32_t max)
{
	(void)inst, (void)out, (void)max;
	return 0;
}

static uint64_t io_deadline(void *inst)
{
	(void)inst;
	return FAILOVER_NO_DEADLINE;
}

static void io_process(void *inst, const struct failover_io_fd *ready, uint32_t count)
{
	const struct failover_answer ok = { .size = sizeof(ok), .status = 200, .expires_s = 3600 };
	struct stack *stack = inst;
	struct queue done;
	unsigned i;

	(void)ready, (void)count;
	pthread_mutex_lock(&stack->lock);
	stack->elsewhere += !pthread_equal(pthread_self(), stack->engine);
	done = stack->done;
	stack->done.count = 0;
	pthread_mutex_unlock(&stack->lock);
	for (i = 0; i < done.count; i++)
		(void)stack->host->response(stack->host->ctx, done.ids[i], &ok);
}

static const struct failover_ext_io ext_io = {
	.size = sizeof(ext_io),
	.fds = io_fds,
	.deadline = io_deadline,
	.process = io_process,
};

static const void *stack_extension(const char *id)
{
	return strcmp(id, FAILOVER_EXT_IO) ? NULL : &ext_io;
}

static const struct failover_plugin plugin = {
	.abi = FAILOVER_PLUGIN_ABI,
	.size = sizeof(plugin),
	.id = "threaded",
	.version = "1",
	.stack = "none",
	.license = "MIT",
	.capabilities = FAILOVER_CAP_OWN_THREAD,
	.open = stack_open,
	.close = stack_close,
	.send = stack_send,
	.timeout = stack_timeout,
	.response = stack_response,
	.get_extension = stack_extension,
};

/* ---- the host ------------------------------------------------------------------------------ */

struct host {
	struct failover_engine *engine;
	struct failover_stack *stack;
	struct failover_ext_wakeup wakeup;
	int offers; /* failover.wakeup/1 */
	int fd;
	uint32_t line;
	unsigned answered, sent;
};

static void wake(void *app)
{
	struct host *host = app;
	const uint64_t one = 1;

	(void)!write(host->fd, &one, sizeof(one)); /* it fails only while it is set already */
}

static const void *on_extension(void *user, const char *id)
{
	struct host *host = user;

	return host->offers && !strcmp(id, FAILOVER_EXT_WAKEUP) ? &host->wakeup : NULL;
}

static void on_result(void *user, const struct failover_result *result)
{
	struct host *host = user;

	host->answered += result->method == FAILOVER_OPTIONS && result->status == 200;
}

static int open_stack(struct host *host)
{
	struct failover_stack_params params = { .size = sizeof(params),
						.engine = host->engine,
						.open = { .size = sizeof(params.open) },
						.user = host,
						.result = on_result,
						.get_extension = on_extension };

	return failover_stack_open(&plugin, &params, &host->stack);
}

static int begin(struct host *host)
{
	struct failover_engine_params params = { .size = sizeof(params),
						 .memory = failover_memory_default(),
						 .seed = 1 };
	struct failover_target target = { .registrar = 0 };
	struct failover_line_params line = { .size = sizeof(line),
					     .registrars = 1,
					     .targets_count = 1,
					     .max_requests = FAILOVER_LIMIT_REQUESTS,
					     .targets = &target,
					     .settings = FAILOVER_LINE_SETTINGS_INIT };

	host->wakeup = (struct failover_ext_wakeup){ .size = sizeof(host->wakeup),
						     .app = host,
						     .wake = wake };
	host->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	failover_target_set(&target, "192.0.2.1", 5060, FAILOVER_UDP);
	if (host->fd < 0 || failover_engine_new(&params, &host->engine))
		return -1;
	return failover_line_add(host->engine, &line, 0, &host->line);
}

/* As many requests as the line takes; the thread answers them all. */
static void submit(struct host *host)
{
	const struct failover_request_params params = { .size = sizeof(params),
							.method = FAILOVER_OPTIONS };
	uint64_t request;

	while (host->sent < REQUESTS && !failover_submit(host->engine, host->line, &params,
							 failover_stack_now(host->stack), &request))
		host->sent++;
}

static void run(struct host *host)
{
	struct pollfd fd = { .fd = host->fd, .events = POLLIN };
	uint64_t count;

	while (host->answered < REQUESTS) {
		submit(host);
		failover_handle_timeout(host->engine, failover_stack_now(host->stack));
		failover_dispatch(host->stack);
		if (host->answered < REQUESTS && poll(&fd, 1, TURN_MS) <= 0)
			return;
		(void)!read(host->fd, &count, sizeof(count));
		ext_io.process(failover_stack_instance(host->stack), NULL, 0);
		failover_dispatch(host->stack);
	}
}

static void check(int number, const char *name, int good)
{
	printf("%sok %d - %s\n", good ? "" : "not ", number, name);
}

int main(void)
{
	static struct host host;

	if (begin(&host)) {
		puts("Bail out! no engine");
		return 1;
	}
	check(1, "without failover.wakeup/1 a stack with a thread does not open",
	      open_stack(&host) == FAILOVER_ERR_UNSUPPORTED);
	host.offers = 1;
	check(2, "with it, it opens", !open_stack(&host));
	if (!host.stack)
		return 1;
	run(&host);
	check(3, "each request is answered by the thread", host.answered == REQUESTS);
	check(4, "hooks and process() run on the engine's thread", the_stack.elsewhere == 0);
	failover_stack_close(host.stack);
	failover_engine_free(host.engine);
	close(host.fd);
	puts("1..4");
	return 0;
}
