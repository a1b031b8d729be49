/* SPDX-License-Identifier: MIT */
/*
 * resolver.c - questions through c-ares. It calls back from within ares_query() as well as later;
 * so answers are put on a list, and handed out when no call of c-ares is under way. It cannot
 * cancel one question of several: a cancelled one is let run out, which its retries bound, and its
 * answer is dropped.
 *
 * Every channel of c-ares asks in another way. The first one asks plainly, as every home router
 * knows it: without EDNS, which some drop and some refuse (B25). It goes on to the next server
 * after SERVFAIL, REFUSED or NOTIMP, but then it does not tell what the servers said; so when all
 * have failed, the second one, which takes every answer, is asked why. An answer that has no room
 * for all is asked for with EDNS, and by TCP if that fails; where TCP fails too, the records that
 * came serve.
 */
#include "resolver.h"

#define CARES_NO_DEPRECATED /* 1.18 is served too */
#include <ares.h>
#include "record.h"
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define EDNS_BYTES 1232 /* fits every path (DNS flag day 2020) */
#define PLAIN_BYTES 512 /* RFC 1035 4.2.1; c-ares cuts off what is longer */
#define HOSTS_FILE_TTL_S 60u

enum channel { CHANNEL_ASKS, CHANNEL_ASKS_WHY, CHANNEL_EDNS, CHANNEL_TCP, CHANNELS };

struct fo_query {
	TAILQ_ENTRY(fo_query) entries;
	struct fo_resolver *resolver;
	struct fo_query_handler handler; /* done is NULL: cancelled */
	struct fo_question question;	 /* its name is `name` */
	int answered;			 /* on the list */
	enum channel channel;		 /* where it is asked */
	int without_edns;		 /* by c-ares, after FORMERR; or the server answers so */
	char name[FO_NAME_BYTES];
	struct fo_reply reply;
};

struct fo_resolver {
	ares_channel channels[CHANNELS];
	TAILQ_HEAD(answered, fo_query) answered;
	struct ares_options options;
	int lacks_edns; /* a server that did not know it has been met */
	char *servers;	/* NULL = the system's */
};

/* More servers than c-ares can tell the descriptors of are left out. */
static int servers_limit(ares_channel channel)
{
	struct ares_addr_port_node *first = NULL, *last;
	uint32_t count = 1;
	int status = ares_get_servers_ports(channel, &first);

	if (status != ARES_SUCCESS || !first)
		return status;
	for (last = first; last->next && count < FAILOVER_DNS_LIMIT_SERVERS; last = last->next)
		count++;
	if (last->next) {
		struct ares_addr_port_node *rest = last->next;

		last->next = NULL;
		status = ares_set_servers_ports(channel, first);
		last->next = rest;
	}
	ares_free_data(first);
	return status;
}

static int error_of(int status)
{
	return status == ARES_ENOMEM ? FAILOVER_ERR_MEMORY : FAILOVER_ERR_IO;
}

/* UDP or TCP, never both: so all descriptors are at most 32 (failover_dns_fds()). */
static const struct {
	int flags;
	int tries; /* 0 = as configured; a long answer is tried for once, then there is a way out */
} ways[CHANNELS] = {
	[CHANNEL_ASKS] = { ARES_FLAG_IGNTC, 0 },
	[CHANNEL_ASKS_WHY] = { ARES_FLAG_IGNTC | ARES_FLAG_NOCHECKRESP, 0 },
	[CHANNEL_EDNS] = { ARES_FLAG_IGNTC | ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS, 1 },
	[CHANNEL_TCP] = { ARES_FLAG_USEVC, 1 },
};

static int channel_open(const struct fo_resolver *resolver, enum channel way, ares_channel *channel)
{
	struct ares_options options = resolver->options;
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ;
	int status;

	options.flags |= ways[way].flags;
	if (ways[way].tries)
		options.tries = ways[way].tries;
#ifdef ARES_OPT_QUERY_CACHE /* 1.31 and later keep answers: the names do, by their own clock */
	options.qcache_max_ttl = 0;
	mask |= ARES_OPT_QUERY_CACHE;
#endif
	status = ares_init_options(channel, &options, mask);
	if (status != ARES_SUCCESS)
		return error_of(status);
	if (resolver->servers) {
		status = ares_set_servers_ports_csv(*channel, resolver->servers);
		if (status != ARES_SUCCESS) {
			ares_destroy(*channel);
			return status == ARES_ENOMEM ? FAILOVER_ERR_MEMORY : FAILOVER_ERR_ARGUMENT;
		}
	}
	status = servers_limit(*channel);
	if (status == ARES_SUCCESS)
		return 0;
	ares_destroy(*channel);
	return error_of(status);
}

static int channels_open(const struct fo_resolver *resolver, ares_channel channels[CHANNELS])
{
	int error = 0;

	for (int i = 0; i < CHANNELS; i++) {
		error = channel_open(resolver, (enum channel)i, &channels[i]);
		if (error == 0)
			continue;
		while (i-- > 0)
			ares_destroy(channels[i]);
		return error;
	}
	return error;
}

static void channels_close(ares_channel channels[CHANNELS])
{
	for (int i = 0; i < CHANNELS; i++)
		ares_destroy(channels[i]); /* answers all that is under way */
}

int fo_resolver_new(const struct failover_dns_params *params, struct fo_resolver **out)
{
	struct fo_resolver *resolver;
	int error;

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return FAILOVER_ERR_MEMORY;
	resolver = calloc(1, sizeof(*resolver));
	if (!resolver) {
		ares_library_cleanup();
		return FAILOVER_ERR_MEMORY;
	}
	TAILQ_INIT(&resolver->answered);
	resolver->options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
	resolver->options.timeout = (int)params->timeout_ms;
	resolver->options.tries = (int)params->tries;
	resolver->options.ednspsz = EDNS_BYTES;
	error = FAILOVER_ERR_MEMORY;
	if (!params->servers || (resolver->servers = strdup(params->servers)))
		error = channels_open(resolver, resolver->channels);
	if (error == 0) {
		*out = resolver;
		return 0;
	}
	free(resolver->servers);
	free(resolver);
	ares_library_cleanup();
	return error;
}

static void query_free(struct fo_query *query)
{
	if (query->answered)
		TAILQ_REMOVE(&query->resolver->answered, query, entries);
	free(query);
}

void fo_resolver_free(struct fo_resolver *resolver)
{
	if (!resolver)
		return;
	channels_close(resolver->channels);
	while (!TAILQ_EMPTY(&resolver->answered))
		query_free(TAILQ_FIRST(&resolver->answered));
	free(resolver->servers);
	free(resolver);
	ares_library_cleanup();
}

int fo_resolver_restart(struct fo_resolver *resolver)
{
	ares_channel channels[CHANNELS];
	int error = channels_open(resolver, channels);

	if (error != 0)
		return error;
	channels_close(resolver->channels);
	memcpy(resolver->channels, channels, sizeof(channels));
	resolver->lacks_edns = 0;
	return 0;
}

static enum fo_reply_status status_of(int ares_status)
{
	switch (ares_status) {
	case ARES_ESERVFAIL:
	case ARES_EREFUSED:
		return FO_REPLY_SERVFAIL;
	case ARES_ENOMEM:
		return FO_REPLY_NO_MEMORY;
	case ARES_ENOTIMP:
	case ARES_EFORMERR:
		return FO_REPLY_UNSUPPORTED;
	case ARES_EBADRESP:
	case ARES_EBADNAME:
		return FO_REPLY_MALFORMED;
	}
	return FO_REPLY_NO_SERVER; /* ETIMEOUT, ECONNREFUSED, EDESTRUCTION */
}

static void answer_put(struct fo_query *query)
{
	query->answered = 1;
	TAILQ_INSERT_TAIL(&query->resolver->answered, query, entries);
}

static void on_answer(struct fo_query *query, int status, const unsigned char *bytes,
		      size_t length);

#ifdef ARES_HAS_RECORDS
static void on_record(void *arg, ares_status_t status, size_t timeouts,
		      const ares_dns_record_t *record)
{
	struct fo_query *query = arg;
	uint8_t *bytes = NULL;
	size_t length = 0;

	(void)timeouts;
	if (record && fo_record_message(record, &bytes, &length))
		status = ARES_ENOMEM;
	query->without_edns = record && !fo_record_has_edns(record);
	on_answer(query, (int)status, bytes, length);
	free(bytes);
}

static void question_put(struct fo_query *query, ares_channel channel)
{
	(void)ares_query_dnsrec(channel, query->name, ARES_CLASS_IN,
				(ares_dns_rec_type_t)query->question.type, on_record, query, NULL);
}
#else
static void on_message(void *query, int status, int timeouts, unsigned char *bytes, int length)
{
	(void)timeouts;
	on_answer(query, status, bytes, bytes && length > 0 ? (size_t)length : 0);
}

static void question_put(struct fo_query *query, ares_channel channel)
{
	ares_query(channel, query->name, 1, query->question.type, on_message, query);
}
#endif

static void ask(struct fo_query *query, enum channel channel)
{
	query->channel = channel;
	question_put(query, query->resolver->channels[channel]);
}

/* What c-ares says of one answer, or of none. */
struct said {
	int status;
	const unsigned char *bytes;
	size_t length;
};

static void said_read(const struct fo_query *query, const struct said *said, struct fo_reply *reply)
{
	int is_answer = said->status == ARES_SUCCESS || said->status == ARES_ENODATA ||
			said->status == ARES_ENOTFOUND;

	if (is_answer && said->length > 0)
		fo_wire_read(&query->question, said->bytes, said->length, reply);
	else
		*reply = (struct fo_reply){ .status = status_of(said->status),
					    .ttl_s = FO_TTL_NONE };
}

static int is_whole(const struct fo_reply *reply)
{
	return !reply->truncated &&
	       (reply->status == FO_REPLY_DATA || reply->status == FO_REPLY_NO_RECORDS ||
		reply->status == FO_REPLY_NO_NAME || reply->status == FO_REPLY_NOT_OFFERED);
}

/* An answer to the plain question. */
static void plain_taken(struct fo_query *query, const struct said *said)
{
	struct fo_reply *reply = &query->reply;

	if (said->status == ARES_ECONNREFUSED && query->channel == CHANNEL_ASKS) {
		ask(query, CHANNEL_ASKS_WHY);
		return;
	}
	said_read(query, said, reply);
	if (reply->truncated ||
	    (reply->status == FO_REPLY_MALFORMED && said->length >= PLAIN_BYTES))
		ask(query, query->resolver->lacks_edns ? CHANNEL_TCP : CHANNEL_EDNS);
	else
		answer_put(query);
}

/* To one whose plain answer was cut short: that one is in query->reply. */
static void long_taken(struct fo_query *query, const struct said *said)
{
	struct fo_reply reply;

	said_read(query, said, &reply);
	if (is_whole(&reply) || reply.status == FO_REPLY_NO_MEMORY) {
		query->reply = reply;
		answer_put(query);
	} else if (query->channel == CHANNEL_EDNS) {
		query->resolver->lacks_edns |= !reply.truncated || query->without_edns;
		ask(query, CHANNEL_TCP);
	} else {
		if (query->reply.count == 0)
			query->reply = reply;
		answer_put(query);
	}
}

static void on_answer(struct fo_query *query, int status, const unsigned char *bytes, size_t length)
{
	const struct said said = { status, bytes, length };

	if (!query->handler.done) {
		query_free(query);
		return;
	}
	switch (query->channel) {
	case CHANNEL_ASKS:
	case CHANNEL_ASKS_WHY:
		plain_taken(query, &said);
		break;
	case CHANNEL_EDNS:
	case CHANNEL_TCP:
		long_taken(query, &said);
		break;
	case CHANNELS:
		break;
	}
}

/* What the file of host names says; returns 1 if it has the name. */
static int hosts_file_read(const struct fo_resolver *resolver, struct fo_query *query)
{
	int family = query->question.type == FO_TYPE_A ? AF_INET : AF_INET6;
	struct fo_reply *reply = &query->reply;
	struct hostent *entry = NULL;

	if (query->question.type != FO_TYPE_A && query->question.type != FO_TYPE_AAAA)
		return 0;
	if (ares_gethostbyname_file(resolver->channels[CHANNEL_ASKS], query->name, family,
				    &entry) != ARES_SUCCESS)
		return 0;
	*reply = (struct fo_reply){ .status = FO_REPLY_DATA, .ttl_s = HOSTS_FILE_TTL_S };
	for (char **at = entry->h_addr_list; *at && reply->count < FO_ADDRESS_MOST; at++) {
		struct fo_address *address = &reply->u.address[reply->count++];

		address->family = family == AF_INET ? 4 : 6;
		memcpy(address->bytes, *at, family == AF_INET ? 4 : 16);
	}
	ares_free_hostent(entry);
	return reply->count > 0;
}

struct fo_query *fo_resolver_ask(struct fo_resolver *resolver, const struct fo_question *question,
				 const struct fo_query_handler *handler)
{
	struct fo_query *query = calloc(1, sizeof(*query));

	if (!query)
		return NULL;
	query->resolver = resolver;
	query->handler = *handler;
	query->question = *question;
	strncpy(query->name, question->name, sizeof(query->name) - 1);
	query->question.name = query->name;
	if (hosts_file_read(resolver, query))
		answer_put(query);
	else
		ask(query, CHANNEL_ASKS);
	return query;
}

void fo_query_cancel(struct fo_query *query)
{
	query->handler.done = NULL;
	if (query->answered)
		query_free(query);
}

void fo_resolver_deliver(struct fo_resolver *resolver)
{
	struct fo_query *query;

	while ((query = TAILQ_FIRST(&resolver->answered))) {
		TAILQ_REMOVE(&resolver->answered, query, entries);
		query->answered = 0;
		query->handler.done(query->handler.user, &query->reply);
		free(query);
	}
}

static uint32_t channel_fds(ares_channel channel, struct failover_io_fd *out, uint32_t max)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	int bits = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
	uint32_t count = 0;

	for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		struct failover_io_fd fd = { .fd = sockets[i] };

		if (ARES_GETSOCK_READABLE(bits, i))
			fd.events |= FAILOVER_IO_READ;
		if (ARES_GETSOCK_WRITABLE(bits, i))
			fd.events |= FAILOVER_IO_WRITE;
		if (fd.events == 0)
			break;
		if (count < max)
			out[count] = fd;
		count++;
	}
	return count;
}

uint32_t fo_resolver_fds(const struct fo_resolver *resolver, struct failover_io_fd *out,
			 uint32_t max)
{
	uint32_t count = 0;

	for (int i = 0; i < CHANNELS; i++) {
		uint32_t room = count < max ? max - count : 0;

		count += channel_fds(resolver->channels[i], room ? out + count : NULL, room);
	}
	return count;
}

/* c-ares cuts the fraction of a ms off: without the one more its timer would not be due yet. */
uint64_t fo_resolver_wait_ms(const struct fo_resolver *resolver)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < CHANNELS; i++) {
		struct timeval wait;
		uint64_t ms;

		if (!ares_timeout(resolver->channels[i], NULL, &wait))
			continue;
		ms = (uint64_t)wait.tv_sec * 1000 + (uint64_t)wait.tv_usec / 1000 + 1;
		least = ms < least ? ms : least;
	}
	return least;
}

static void channel_process(ares_channel channel, const struct failover_io_fd *ready,
			    uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t events = ready[i].events;
		int reads = (events & (FAILOVER_IO_READ | FAILOVER_IO_ERROR)) != 0;

		ares_process_fd(channel, reads ? ready[i].fd : ARES_SOCKET_BAD,
				events & FAILOVER_IO_WRITE ? ready[i].fd : ARES_SOCKET_BAD);
	}
	ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* A descriptor that is not a channel's own does nothing to it. */
void fo_resolver_process(struct fo_resolver *resolver, const struct failover_io_fd *ready,
			 uint32_t count)
{
	for (int i = 0; i < CHANNELS; i++)
		channel_process(resolver->channels[i], ready, count);
}
