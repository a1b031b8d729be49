/* SPDX-License-Identifier: MIT */
/* re_loop_test.c - libre's loop, which is the thread's: shared by instances, and by a host that
 * uses libre itself. */
#include "../../plugins/re/libre.h"
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include "plugin_wire.h"

#define STEP_MS 5
#define STEPS 600 /* 3 s */

static void send_register(struct bench *bench, uint64_t id, char request[BENCH_TEXT])
{
	struct failover_attempt attempt = bench_attempt(bench, FAILOVER_REGISTER, 0, id);

	attempt.request = 100 + id;
	bench_send(bench, &attempt);
	peer_expect(bench, 0, "REGISTER ", request);
}

/* The first peer's answer arrives; nothing is handed over. */
static void answer(struct bench *bench, const char *request)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(bench->local.port) };
	char text[BENCH_TEXT];

	wire_response(request, "200 OK", "", text);
	memcpy(&to.sin_addr, bench->local.address, 4);
	ck_assert_int_eq(sendto(bench->peers[0].fd, text, strlen(text), 0, (struct sockaddr *)&to,
				sizeof(to)),
			 (int)strlen(text));
}

static void register_and_be_answered(struct bench *bench, uint64_t id)
{
	char request[BENCH_TEXT];
	unsigned before = bench->answers_count;

	send_register(bench, id, request);
	answer(bench, request);
	ck_assert(bench_turn(bench, 2000));
	ck_assert_uint_eq(bench->answers_count, before + 1);
}

/* ---- instances ---------------------------------------------------------------------------- */

/* Two of one thread share its loop, and the round of one serves the other. */
START_TEST(an_instance_hears_in_a_round_of_another)
{
	struct bench first, second;
	char request[BENCH_TEXT], other[BENCH_TEXT];

	bench_open(&first);
	bench_open(&second);
	send_register(&first, 1, request);
	send_register(&second, 1, other);
	answer(&second, other);
	answer(&first, request);
	ck_assert(bench_turn(&first, 2000));
	ck_assert_uint_eq(first.answers_count, 1);
	ck_assert_uint_eq(second.answers_count, 1);
	bench_close(&first);
	register_and_be_answered(&second, 2);
	bench_close(&second);
}
END_TEST

/* Nothing for this one has come: it is not woken. */
START_TEST(what_another_instance_hears_wakes_nobody_else)
{
	struct bench first, second;
	char request[BENCH_TEXT];

	bench_open(&first);
	bench_open(&second);
	send_register(&second, 1, request);
	answer(&second, request);
	ck_assert(!bench_turn(&first, 100));
	ck_assert(bench_turn(&second, 2000));
	ck_assert_uint_eq(second.answers_count, 1);
	bench_close(&first);
	bench_close(&second);
}
END_TEST

/* ---- a loop of the host's own ------------------------------------------------------------- */

struct own_loop {
	struct bench *bench;
	struct tmr tmr;
	int calls_process, steps;
};

static void step(void *arg)
{
	struct own_loop *own = arg;

	if (own->calls_process)
		own->bench->io->process(own->bench->inst, NULL, 0);
	if (own->bench->answers_count || own->bench->unreachable || ++own->steps == STEPS)
		re_cancel();
	else
		tmr_start(&own->tmr, STEP_MS, step, own);
}

static void run_own_loop(struct bench *bench, int calls_process)
{
	struct own_loop own = { .bench = bench, .calls_process = calls_process };

	tmr_init(&own.tmr);
	tmr_start(&own.tmr, STEP_MS, step, &own);
	ck_assert_int_eq(re_main(NULL), 0);
	tmr_cancel(&own.tmr);
}

/* _i = 1: process() is called in a handler of that loop. */
START_TEST(a_host_may_run_libre_itself)
{
	struct bench bench;
	char request[BENCH_TEXT];

	bench_open(&bench);
	send_register(&bench, 1, request);
	answer(&bench, request);
	run_own_loop(&bench, _i);
	ck_assert_uint_eq(bench.answers_count, 1);
	ck_assert_str_eq(bench.log, "");
	register_and_be_answered(&bench, 2);
	bench_close(&bench);
}
END_TEST

START_TEST(B4_icmp_is_reported_in_a_loop_of_the_hosts_own)
{
	struct bench bench;
	struct failover_attempt attempt;

	bench_open(&bench);
	close(bench.peers[0].fd);
	bench.peers[0].fd = -1;
	attempt = bench_attempt(&bench, FAILOVER_REGISTER, 0, 1);
	bench_send(&bench, &attempt);
	run_own_loop(&bench, 0);
	ck_assert_uint_eq(bench.unreachable, 1);
	ck_assert_uint_eq(bench.unreachable_reason, FAILOVER_REASON_ICMP);
	bench_close(&bench);
}
END_TEST

static void on_datagram(const struct sa *from, struct mbuf *datagram, void *arg)
{
	(void)from, (void)datagram;
	++*(int *)arg;
	re_cancel();
}

START_TEST(what_the_host_listens_to_stays_when_the_last_instance_closes)
{
	struct bench bench;
	struct udp_sock *udp = NULL;
	struct mbuf *datagram = mbuf_alloc(1);
	struct sa address;
	int heard = 0;

	bench_open(&bench);
	ck_assert_int_eq(sa_set_str(&address, "127.0.0.1", 0), 0);
	ck_assert_int_eq(udp_listen(&udp, &address, on_datagram, &heard), 0);
	ck_assert_int_eq(udp_local_get(udp, &address), 0);
	bench_close(&bench);
	datagram->end = 1;
	ck_assert_int_eq(udp_send(udp, &address, datagram), 0);
	ck_assert_int_eq(re_main(NULL), 0);
	ck_assert_int_eq(heard, 1);
	mem_deref(datagram);
	mem_deref(udp);
}
END_TEST

/* ---- threads ------------------------------------------------------------------------------ */

static void *open_and_close(void *arg)
{
	struct bench bench;

	(void)arg;
	bench_open(&bench);
	register_and_be_answered(&bench, 1);
	bench_close(&bench);
	return NULL;
}

START_TEST(each_thread_has_instances_of_its_own)
{
	struct bench bench;
	pthread_t thread;

	bench_open(&bench);
	ck_assert_int_eq(pthread_create(&thread, NULL, open_and_close, NULL), 0);
	register_and_be_answered(&bench, 1);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	register_and_be_answered(&bench, 2);
	bench_close(&bench);
}
END_TEST

static void *run(void *bench)
{
	register_and_be_answered(bench, 1);
	return NULL;
}

START_TEST(what_the_first_thread_has_opened_another_may_run)
{
	struct bench bench;
	pthread_t thread;

	bench_open(&bench);
	ck_assert_int_eq(pthread_create(&thread, NULL, run, &bench), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	bench_close(&bench);
}
END_TEST

struct lender {
	struct bench bench;
	pthread_barrier_t opened, closed;
};

static void *open_only(void *arg)
{
	struct lender *lender = arg;

	bench_open(&lender->bench);
	pthread_barrier_wait(&lender->opened);
	pthread_barrier_wait(&lender->closed);
	return NULL;
}

/* It is told, and nothing waits for ever. */
START_TEST(what_another_thread_has_opened_is_not_served_here)
{
	struct lender lender;
	struct bench *bench = &lender.bench, own;
	pthread_t thread;
	char request[BENCH_TEXT];

	pthread_barrier_init(&lender.opened, NULL, 2);
	pthread_barrier_init(&lender.closed, NULL, 2);
	ck_assert_int_eq(pthread_create(&thread, NULL, open_only, &lender), 0);
	pthread_barrier_wait(&lender.opened);
	bench_open(&own);
	send_register(bench, 1, request);
	answer(bench, request);
	ck_assert(bench_turn(bench, 2000));
	ck_assert_uint_eq(bench->answers_count, 0);
	ck_assert_ptr_nonnull(strstr(bench->log, "not the thread"));
	register_and_be_answered(&own, 1);
	bench_close(bench);
	bench_close(&own);
	pthread_barrier_wait(&lender.closed);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

static void add(TCase *tcase)
{
	tcase_add_test(tcase, an_instance_hears_in_a_round_of_another);
	tcase_add_test(tcase, what_another_instance_hears_wakes_nobody_else);
	tcase_add_loop_test(tcase, a_host_may_run_libre_itself, 0, 2);
	tcase_add_test(tcase, B4_icmp_is_reported_in_a_loop_of_the_hosts_own);
	tcase_add_test(tcase, what_the_host_listens_to_stays_when_the_last_instance_closes);
	tcase_add_test(tcase, each_thread_has_instances_of_its_own);
	tcase_add_test(tcase, what_the_first_thread_has_opened_another_may_run);
	tcase_add_test(tcase, what_another_thread_has_opened_is_not_served_here);
}

int main(void)
{
	return bench_main("loop", add);
}
