/* SPDX-License-Identifier: MIT */
/* phone_capture_test.c - the file of --pcap: blocks, packets, what is masked, files put aside. */
#define _GNU_SOURCE /* memmem */
#include "../../programs/phone/capture.h"
#include "../../programs/phone/pcapng.h"
#include "../../programs/phone/redact.h"
#include "../../programs/phone/wire.h"

#include <check.h>
#include <errno.h>
#include <failover/failover.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/failover-capture.XXXXXX", path[64];
static unsigned failures;

/* ---- a second reader of the format --------------------------------------------------------- */

#define SECTION 0x0a0d0d0au
#define PACKETS_MOST 256

struct seen {
	unsigned blocks, sections, packets, comments, statistics;
	struct {
		const unsigned char *bytes;
		size_t count;
		unsigned comments, flags;
		char comment[1200]; /* the last one */
	} packet[PACKETS_MOST];
};

static uint32_t number_at(const unsigned char *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Options from `at` on fill the block up to its end exactly. */
static void options_see(struct seen *seen, const unsigned char *at, const unsigned char *end,
			int is_packet)
{
	while (at < end) {
		unsigned code = at[0] | (unsigned)at[1] << 8, length = at[2] | (unsigned)at[3] << 8;

		ck_assert(at + 4 + length <= end);
		for (unsigned i = length; i % 4; i++)
			ck_assert_uint_eq(at[4 + i], 0);
		if (code == 1)
			seen->comments++;
		if (is_packet && code == 1 && seen->packets <= PACKETS_MOST) {
			char *comment = seen->packet[seen->packets - 1].comment;

			seen->packet[seen->packets - 1].comments++;
			ck_assert_uint_lt(length, 1200);
			memcpy(comment, at + 4, length);
			comment[length] = '\0';
		}
		if (is_packet && code == 2)
			seen->packet[seen->packets - 1].flags = number_at(at + 4);
		at += 4 + (length + 3) / 4 * 4;
		if (code == 0)
			break;
	}
	ck_assert_ptr_eq(at, end);
}

static void packet_see(struct seen *seen, const unsigned char *block, const unsigned char *end)
{
	uint32_t count = number_at(block + 20);

	ck_assert_uint_eq(number_at(block + 8), 0);
	ck_assert_uint_eq(number_at(block + 24), count);
	ck_assert_uint_lt(seen->packets, PACKETS_MOST);
	seen->packet[seen->packets].bytes = block + 28;
	seen->packet[seen->packets].count = count;
	seen->packets++;
	options_see(seen, block + 28 + (count + 3) / 4 * 4, end, 1);
}

/* Whole blocks from begin to end, or it fails. */
static void see(struct seen *seen, const unsigned char *bytes, size_t count)
{
	size_t at = 0;

	memset(seen, 0, sizeof(*seen));
	while (at < count) {
		uint32_t type = number_at(bytes + at), length = number_at(bytes + at + 4);
		const unsigned char *end = bytes + at + length - 4;

		ck_assert_uint_eq(length % 4, 0);
		ck_assert_uint_le(at + length, count);
		ck_assert_uint_eq(number_at(end), length);
		seen->blocks++;
		if (type == SECTION) {
			seen->sections++;
			ck_assert_uint_eq(number_at(bytes + at + 8), 0x1a2b3c4d);
			options_see(seen, bytes + at + 24, end, 0);
		} else if (type == 1) {
			ck_assert_uint_eq(number_at(bytes + at + 8), 101);
			options_see(seen, bytes + at + 16, end, 0);
		} else if (type == 5) {
			seen->statistics++;
			options_see(seen, bytes + at + 20, end, 0);
		} else {
			ck_assert_uint_eq(type, 6);
			packet_see(seen, bytes + at, end);
		}
		at += length;
	}
}

static unsigned char *file_read(const char *name, size_t *count)
{
	FILE *file = fopen(name, "rb");
	unsigned char *bytes;
	struct stat is;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fstat(fileno(file), &is), 0);
	*count = (size_t)is.st_size;
	bytes = malloc(*count + 1);
	ck_assert_uint_eq(fread(bytes, 1, *count, file), *count);
	bytes[*count] = 0;
	fclose(file);
	return bytes;
}

/* RFC 1071: what has its own checksum in it sums to this. */
static unsigned sum_of(const unsigned char *bytes, size_t count, uint64_t sum)
{
	for (size_t i = 0; i < count; i++)
		sum += i % 2 ? bytes[i] : (uint64_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)sum;
}

static struct failover_target target_of(const char *address, uint32_t port, uint32_t transport)
{
	struct failover_target target = { 0 };

	ck_assert_int_eq(failover_target_set(&target, address, port, transport), 0);
	return target;
}

/* ---- blocks -------------------------------------------------------------------------------- */

START_TEST(B20_blocks_of_every_length_are_padded_and_whole)
{
	static const unsigned char bytes[65535] = { 0x45 };
	static const size_t sizes[] = { 0, 1, 2, 3, 4, 5, 1499, 65534, 65535 };
	struct pcapng out = { 0 };
	struct seen seen;

	pcapng_begin(&out, "program", "about it");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *const comments[] = { "", "a", "ab", "abc", "abcd" };
		const struct pcapng_packet packet = {
			.bytes = bytes,
			.count = sizes[i],
			.incoming = i % 2,
			.comments = comments,
			.comments_count = i % 6 % 5,
		};

		pcapng_packet(&out, &packet);
	}
	ck_assert_int_eq(out.failed, 0);
	see(&seen, out.bytes, out.used);
	ck_assert_uint_eq(seen.sections, 1);
	ck_assert_uint_eq(seen.packets, sizeof(sizes) / sizeof(sizes[0]));
	for (size_t i = 0; i < seen.packets; i++) {
		ck_assert_uint_eq(seen.packet[i].count, sizes[i]);
		ck_assert_uint_eq(seen.packet[i].flags, i % 2 ? 1 : 2);
		ck_assert_uint_eq(seen.packet[i].comments, i % 6 % 5);
	}
	pcapng_free(&out);
}
END_TEST

START_TEST(B20_a_long_comment_is_cut_between_characters)
{
	const char *comments[1];
	const struct pcapng_packet packet = { .comments = comments, .comments_count = 1 };
	struct pcapng out = { 0 };
	struct seen seen;
	char text[4000];

	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + 1 + i, "\xc3\xa4", 2);
	text[0] = 'x';
	text[sizeof(text) - 1] = '\0';
	comments[0] = text;
	pcapng_packet(&out, &packet);
	see(&seen, out.bytes, out.used);
	ck_assert_uint_eq(strlen(seen.packet[0].comment), PCAPNG_COMMENT_MAX - 1);
	pcapng_free(&out);
}
END_TEST

/* ---- packets ------------------------------------------------------------------------------- */

static void packet_check(const char *from, const char *to, uint32_t transport, size_t count)
{
	static unsigned char packet[WIRE_PACKET_MAX];
	static char message[WIRE_MESSAGE_MAX];
	struct failover_target source = target_of(from, 5060, transport);
	struct failover_target target = target_of(to, 5062, transport);
	struct wire wire = { &source, &target, message, count, 7, 9 };
	int is_ipv4 = target.family == 4, is_udp = transport == FAILOVER_UDP;
	size_t ip = is_ipv4 ? 20 : 40, header = is_udp ? 8 : 20, length;
	const unsigned char *body = packet + ip;
	uint64_t pseudo = header + count + (is_udp ? 17 : 6);

	for (size_t i = 0; i < count; i++)
		message[i] = (char)(i * 7);
	length = wire_packet(&wire, packet);
	ck_assert_uint_eq(length, ip + header + count);
	ck_assert_uint_eq(packet[0] >> 4, is_ipv4 ? 4 : 6);
	if (is_ipv4)
		ck_assert_uint_eq(sum_of(packet, 20, 0), 0xffff);
	ck_assert_uint_eq((unsigned)packet[is_ipv4 ? 2 : 4] << 8 | packet[is_ipv4 ? 3 : 5],
			  is_ipv4 ? length : header + count);
	pseudo += sum_of(source.address, 16, 0);
	pseudo += sum_of(target.address, 16, 0);
	ck_assert_uint_eq(sum_of(body, header + count, pseudo), 0xffff);
	ck_assert_uint_eq((unsigned)body[0] << 8 | body[1], 5060);
	ck_assert_uint_eq((unsigned)body[2] << 8 | body[3], 5062);
	ck_assert_mem_eq(body + header, message, count);
	if (!is_udp)
		ck_assert_uint_eq(body[7], 7);
}

START_TEST(B20_packets_have_lengths_and_checksums)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 500, 16383, 65474, WIRE_MESSAGE_MAX };
	static const uint32_t transports[] = { FAILOVER_UDP, FAILOVER_TCP, FAILOVER_TLS };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t j = 0; j < 3; j++) {
			packet_check("192.0.2.1", "198.51.100.200", transports[j], sizes[i]);
			packet_check("2001:db8::1", "2001:db8:ffff::2", transports[j], sizes[i]);
		}
}
END_TEST

START_TEST(B20_what_makes_no_packet_is_none)
{
	static unsigned char packet[WIRE_PACKET_MAX];
	struct failover_target v4 = target_of("192.0.2.1", 5060, FAILOVER_UDP);
	struct failover_target v6 = target_of("2001:db8::1", 5060, FAILOVER_UDP);
	struct failover_target none = { 0 };

	ck_assert_uint_eq(
		wire_packet(&(struct wire){ &v4, &v4, "", WIRE_MESSAGE_MAX + 1, 0, 0 }, packet), 0);
	ck_assert_uint_eq(wire_packet(&(struct wire){ &v4, &v6, "", 0, 0, 0 }, packet), 0);
	ck_assert_uint_eq(wire_packet(&(struct wire){ &none, &none, "", 0, 0, 0 }, packet), 0);
}
END_TEST

/* ---- secrets ------------------------------------------------------------------------------- */

static void masked(const char *given, const char *expected)
{
	char text[512];

	ck_assert_uint_eq(strlen(given), strlen(expected));
	snprintf(text, sizeof(text), "%s", given);
	ck_assert_uint_eq(redact(text, strlen(text)) > 0, strcmp(given, expected) != 0);
	ck_assert_str_eq(text, expected);
}

START_TEST(B20_credentials_are_masked)
{
	masked("Authorization: Digest a=\"b\"\r\nX: y\r\n",
	       "Authorization: Digest xxxxx\r\nX: y\r\n");
	masked("proxy-authorization :Basic abc\r\n", "proxy-authorization :Basic xxx\r\n");
	masked("AUTHORIZATION: abc\n", "AUTHORIZATION: xxx\n");
	masked("Authorization:\r\n Digest a,\r\n\tb\r\nTo: c\r\n",
	       "Authorization:\r\n xxxxxxxxx\r\n\tx\r\nTo: c\r\n");
	masked("Authorization: Digest a", "Authorization: Digest x");
	masked("Authentication-Info: rspauth=\"1\"\r\n", "Authentication-Info: xxxxxxxxxxx\r\n");
	masked("a=crypto:1 AES inline:KEY|2^20 inline:MORE\r\n",
	       "a=crypto:1 AES inline:xxx|2^20 inline:xxxx\r\n");
	masked("k=clear:KEY\r\n", "k=xxxxxxxxx\r\n");
	masked("To: <sip:bob:pass@h>;tag=1\r\n", "To: <sip:bob:xxxx@h>;tag=1\r\n");
	masked("INVITE SIPS:bob:p@h SIP/2.0\r\n", "INVITE SIPS:bob:x@h SIP/2.0\r\n");
}
END_TEST

START_TEST(B20_what_is_no_secret_stays)
{
	masked("WWW-Authenticate: Digest nonce=\"1\"\r\n",
	       "WWW-Authenticate: Digest nonce=\"1\"\r\n");
	masked("To: <sip:bob@h:5060>\r\nAuthorizations: a\r\n",
	       "To: <sip:bob@h:5060>\r\nAuthorizations: a\r\n");
	masked("To: sip:h:5060\r\nFrom: a@b\r\n", "To: sip:h:5060\r\nFrom: a@b\r\n");
	masked("\r\n\r\n", "\r\n\r\n");
	masked("", "");
}
END_TEST

static unsigned random_below(uint32_t *state, unsigned bound)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % bound;
}

/* Bytes of any kind around a header line: what stands in its value never remains. */
START_TEST(B20_no_bytes_around_them_save_credentials)
{
	static const char noise[] = "\r\n \t:;,\"<>@a\0sip:k=", value[] = "S3CRET";
	uint32_t state = (uint32_t)_i + 1;
	char text[256];

	for (unsigned round = 0; round < 2000; round++) {
		size_t used = 0, before = random_below(&state, 60);

		for (; used < before; used++)
			text[used] = noise[random_below(&state, sizeof(noise) - 1)];
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "\r\nAuthorization: Digest response=\"%s\"\r\n", value);
		for (before = used + random_below(&state, 60); used < before; used++)
			text[used] = noise[random_below(&state, sizeof(noise) - 1)];
		(void)redact(text, used);
		ck_assert_ptr_null(memmem(text, used, value, strlen(value)));
	}
}
END_TEST

/* ---- the file ------------------------------------------------------------------------------ */

static uint64_t fixed_now(void)
{
	return UINT64_C(1700000000123456);
}

static void on_failed(void *user, int error)
{
	(void)user;
	failures += error != 0;
}

static struct capture *opened(uint64_t file_bytes)
{
	const struct capture_params params = {
		.path = path,
		.program = "test",
		.file_bytes = file_bytes,
		.now_us = fixed_now,
		.failed = on_failed,
	};

	return capture_open(&params);
}

static struct failover_trace_message message_of(enum failover_trace_way way, uint32_t transport,
						const char *text)
{
	return (struct failover_trace_message){
		.size = sizeof(struct failover_trace_message),
		.way = way,
		.bytes = text,
		.count = strlen(text),
		.local = target_of("192.0.2.1", 5060, transport),
		.peer = target_of("192.0.2.9", 5060, transport),
		.connection = transport == FAILOVER_UDP ? 0 : 1,
	};
}

static void say(struct capture *capture, enum failover_trace_way way, uint32_t transport,
		const char *text)
{
	struct failover_trace_message message = message_of(way, transport, text);

	capture_message(capture, &message);
}

static void closed(struct capture *capture, struct seen *seen)
{
	size_t count;
	unsigned char *bytes;

	capture_close(capture);
	bytes = file_read(path, &count);
	see(seen, bytes, count);
	free(bytes);
}

START_TEST(B20_decisions_stand_where_they_belong)
{
	struct failover_target peer = target_of("192.0.2.9", 5060, FAILOVER_UDP);
	struct capture *capture = opened(1 << 20);
	struct seen seen;

	ck_assert_ptr_nonnull(capture);
	capture_cause(capture, "attempt");
	say(capture, FAILOVER_TRACE_OUT, FAILOVER_UDP, "REGISTER sip:a SIP/2.0\r\n\r\n");
	capture_flush(capture);
	say(capture, FAILOVER_TRACE_IN, FAILOVER_UDP, "SIP/2.0 401 No\r\n\r\n");
	say(capture, FAILOVER_TRACE_IN, FAILOVER_UDP, "SIP/2.0 200 OK\r\n\r\n");
	capture_outcome(capture, &peer, 401, "first");
	capture_outcome(capture, &peer, 200, "second");
	capture_outcome(capture, &peer, 0, "registered");
	capture_cause(capture, "unavailable");
	capture_flush(capture);
	capture_outcome(capture, NULL, 0, "of no packet");
	say(capture, FAILOVER_TRACE_OUT, FAILOVER_UDP, "BYE sip:a SIP/2.0\r\n\r\n");
	capture_cause(capture, "the last");
	closed(capture, &seen);
	ck_assert_uint_eq(seen.packets, 4);
	ck_assert_str_eq(seen.packet[0].comment, "attempt");
	ck_assert_str_eq(seen.packet[1].comment, "first");
	ck_assert_str_eq(seen.packet[2].comment, "registered");
	ck_assert_uint_eq(seen.packet[2].comments, 2);
	ck_assert_uint_eq(seen.packet[3].comments, 2);
	ck_assert_uint_eq(seen.statistics, 1);
	ck_assert_uint_eq(seen.comments, 1 + 1 + 1 + 2 + 2 + 1); /* the file's, theirs, the last */
}
END_TEST

START_TEST(B20_segments_of_a_connection_follow_each_other)
{
	struct capture *capture = opened(1 << 20);
	size_t count;
	unsigned char *bytes;
	struct seen seen;

	ck_assert_ptr_nonnull(capture);
	say(capture, FAILOVER_TRACE_OUT, FAILOVER_TLS, "12345");
	say(capture, FAILOVER_TRACE_IN, FAILOVER_TLS, "123");
	say(capture, FAILOVER_TRACE_OUT, FAILOVER_TLS, "1");
	capture_close(capture);
	bytes = file_read(path, &count);
	see(&seen, bytes, count);
	ck_assert_uint_eq(seen.packets, 3);
	ck_assert_uint_eq(seen.packet[0].bytes[27], 1); /* seq */
	ck_assert_uint_eq(seen.packet[0].bytes[31], 1); /* ack */
	ck_assert_uint_eq(seen.packet[1].bytes[27], 1);
	ck_assert_uint_eq(seen.packet[1].bytes[31], 6);
	ck_assert_uint_eq(seen.packet[2].bytes[27], 6);
	ck_assert_uint_eq(seen.packet[2].bytes[31], 4);
	free(bytes);
}
END_TEST

static int is_there(unsigned n)
{
	char name[80];

	snprintf(name, sizeof(name), "%s.%u", path, n);
	return access(name, F_OK) == 0;
}

START_TEST(B20_files_are_put_aside_and_bounded)
{
	struct capture *capture = opened(2000);
	struct seen seen;
	size_t count;

	ck_assert_ptr_nonnull(capture);
	for (unsigned i = 0; i < 100; i++) {
		say(capture, FAILOVER_TRACE_OUT, FAILOVER_UDP, "OPTIONS sip:a SIP/2.0\r\n\r\n");
		capture_flush(capture);
	}
	closed(capture, &seen);
	ck_assert_uint_ge(seen.packets, 1);
	for (unsigned n = 1; n <= CAPTURE_FILES_OLD; n++) {
		char name[80];
		unsigned char *bytes;

		snprintf(name, sizeof(name), "%s.%u", path, n);
		bytes = file_read(name, &count);
		ck_assert_uint_le(count, 2000);
		see(&seen, bytes, count);
		ck_assert_uint_eq(seen.sections, 1);
		ck_assert_uint_ge(seen.packets, 5);
		free(bytes);
	}
	ck_assert_int_eq(is_there(CAPTURE_FILES_OLD + 1), 0);
	ck_assert_uint_eq(failures, 0);
}
END_TEST

/* A disk that is full: told once; whole blocks remain; it goes on when there is room, and says so.
 */
START_TEST(B20_a_full_disk_is_told_once)
{
	const struct rlimit none = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
	const struct rlimit little = { .rlim_cur = 1000, .rlim_max = RLIM_INFINITY };
	struct failover_trace_message message =
		message_of(FAILOVER_TRACE_OUT, FAILOVER_UDP, "OPTIONS sip:a SIP/2.0\r\n\r\n");
	struct capture *capture = opened(1 << 20);
	int limited, unlimited;
	struct seen seen;

	ck_assert_ptr_nonnull(capture);
	signal(SIGXFSZ, SIG_IGN);
	/* No assertion while the limit holds: libcheck writes to a file. */
	limited = setrlimit(RLIMIT_FSIZE, &little);
	for (unsigned i = 0; i < 50; i++) {
		capture_message(capture, &message);
		capture_flush(capture);
	}
	unlimited = setrlimit(RLIMIT_FSIZE, &none);
	ck_assert_int_eq(limited | unlimited, 0);
	capture_message(capture, &message);
	closed(capture, &seen);
	ck_assert_uint_eq(failures, 1);
	ck_assert_uint_ge(seen.packets, 2);
	ck_assert_uint_lt(seen.packets, 20);
	ck_assert_ptr_nonnull(strstr(seen.packet[seen.packets - 1].comment, "are missing here"));
}
END_TEST

START_TEST(B20_where_there_is_no_file_there_is_an_error)
{
	snprintf(path, sizeof(path), "/dev/full");
	errno = 0;
	ck_assert_ptr_null(opened(1 << 20));
	ck_assert_int_ne(errno, 0);
	snprintf(path, sizeof(path), "%s/no/where", directory);
	ck_assert_ptr_null(opened(1 << 20));
}
END_TEST

/* ---- all of them --------------------------------------------------------------------------- */

static void begin(void)
{
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/x.pcapng", directory);
	failures = 0;
}

static void end(void)
{
	char name[80];

	snprintf(path, sizeof(path), "%s/x.pcapng", directory);
	unlink(path);
	for (unsigned n = 1; n < 10; n++) {
		snprintf(name, sizeof(name), "%s.%u", path, n);
		unlink(name);
	}
	rmdir(directory);
}

int main(void)
{
	Suite *suite = suite_create("phone_capture");
	TCase *pure = tcase_create("pure"), *files = tcase_create("files");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(pure, B20_blocks_of_every_length_are_padded_and_whole);
	tcase_add_test(pure, B20_a_long_comment_is_cut_between_characters);
	tcase_add_test(pure, B20_packets_have_lengths_and_checksums);
	tcase_add_test(pure, B20_what_makes_no_packet_is_none);
	tcase_add_test(pure, B20_credentials_are_masked);
	tcase_add_test(pure, B20_what_is_no_secret_stays);
	tcase_add_loop_test(pure, B20_no_bytes_around_them_save_credentials, 0, 20);
	tcase_add_checked_fixture(files, begin, end);
	tcase_add_test(files, B20_decisions_stand_where_they_belong);
	tcase_add_test(files, B20_segments_of_a_connection_follow_each_other);
	tcase_add_test(files, B20_files_are_put_aside_and_bounded);
	tcase_add_test(files, B20_a_full_disk_is_told_once);
	tcase_add_test(files, B20_where_there_is_no_file_there_is_an_error);
	tcase_set_timeout(pure, 60);
	tcase_set_timeout(files, 60);
	suite_add_tcase(suite, pure);
	suite_add_tcase(suite, files);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
