/* SPDX-License-Identifier: MIT */
/* transport.c - tport: one UDP socket. It resolves nothing here, since all targets are numeric. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/filter.h>
#include "../../ua/net/icmp.h"
#include "../../ua/net/transport.h"
#include "../../ua/trace.h"
#include "transport.h"

#define SEND_TRIES 4
#define PORT_TRIES 8  /* for one that is free for UDP and for TCP */
#define UDP_HEADER 8u /* bytes */
#define STUN_TO 0x01u /* the first byte of a datagram (RFC 7983, RFC 3320) */
#define SIGCOMP_FROM 0xf8u
#define RECEIVE_BUFFER (1u << 20)

/* ---- names -------------------------------------------------------------------------------- */

struct name {
	tp_name_t tpn;
	char host[UA_ADDRESS_TEXT];
	char port[8];
};

static void name_of(const struct fo_sofia *ua, const struct failover_target *target,
		    struct name *out)
{
	memset(out, 0, sizeof(*out));
	ua_address_host(target, out->host);
	if (ua->dual && target->family == 4) { /* RFC 4291 2.5.5.2 */
		char number[UA_ADDRESS_TEXT];

		ua_address_host(target, number);
		snprintf(out->host, sizeof(out->host), "[::ffff:%.15s]", number);
	}
	snprintf(out->port, sizeof(out->port), "%u", (unsigned)target->port);
	out->tpn.tpn_proto = "udp";
	out->tpn.tpn_canon = out->tpn.tpn_host = out->host;
	out->tpn.tpn_port = out->port;
}

/* ---- what tport wants of a stack ---------------------------------------------------------- */

static void on_received(struct fo_sofia *ua, tport_t *by, msg_t *message, tp_magic_t *magic,
			su_time_t now)
{
	(void)by, (void)magic, (void)now;
	fo_sofia_received(ua, message);
}

/* "192.0.2.1:5060" or "[2001:db8::1]:5060", as tport writes it. */
static int read_remote(const char *text, struct failover_target *out)
{
	char host[UA_ADDRESS_TEXT];
	const char *colon = strrchr(text, ':');
	struct sockaddr_storage address;
	su_addrinfo_t hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM }, *found;
	size_t length;
	int error;

	if (!colon)
		return -1;
	if (*text == '[' && colon > text && colon[-1] == ']')
		length = (size_t)(colon - 1 - ++text);
	else
		length = (size_t)(colon - text);
	if (length >= sizeof(host))
		return -1;
	memcpy(host, text, length);
	host[length] = '\0';
	if (su_getaddrinfo(host, colon + 1, &hints, &found))
		return -1;
	memset(&address, 0, sizeof(address));
	memcpy(&address, found->ai_addr, found->ai_addrlen);
	su_freeaddrinfo(found);
	error = ua_address_from_socket(&address, out);
	return error;
}

/* An error that is no client's: tport has read the queue of ICMP errors before io.c did, and says
 * whom the packet was for, not what was quoted of it. A packet too big for the path is not
 * unreachable. */
static void on_error(struct fo_sofia *ua, tport_t *by, int error, const char *remote)
{
	struct ua_icmp icmp = { .quoted = 0 };

	(void)by;
	if (!remote || error == EMSGSIZE)
		return;
	ua->base.counters.icmp++;
	if (!read_remote(remote, &icmp.to))
		ua_undelivered(&ua->base, &icmp);
}

static msg_t *on_alloc(struct fo_sofia *ua, int flags, const char *data, usize_t size,
		       const tport_t *by, tp_client_t *client)
{
	msg_t *message = msg_create(sip_default_mclass(), flags);

	(void)ua, (void)data, (void)size, (void)by, (void)client;
	if (message) {
		msg_maxsize(message, FO_MESSAGE_IN_MAX);
		/* Its bytes are read by the shared reader first: all of them are a body here. */
		msg_object(message)->msg_flags |= MSG_FLG_HEADERS | MSG_FLG_BODY;
	}
	return message;
}

static const tport_stack_class_t stack_class = {
	.tpac_size = sizeof(stack_class),
	.tpac_recv = on_received,
	.tpac_error = on_error,
	.tpac_alloc = on_alloc,
};

/* ---- life --------------------------------------------------------------------------------- */

static int bind_to(struct fo_sofia *ua, const struct failover_target *at)
{
	const char *protocols[] = { "udp", NULL };
	struct name name;

	name_of(ua, at, &name);
	/* Any address, in a spelling that tport does not know: for its own it binds to each address
	 * that there is now, and to none that comes later. */
	if (ua_address_is_any(at))
		snprintf(name.host, sizeof(name.host), "%s", at->family == 4 ? "0x0" : "0::0");
	if (tport_tbind(ua->master, &name.tpn, protocols, TPTAG_SERVER(1),
			TPTAG_UDP_RMEM(RECEIVE_BUFFER), TAG_END()))
		return FAILOVER_ERR_IO;
	ua->udp = tport_by_protocol(ua->master, "udp");
	return FAILOVER_OK;
}

static int make_master(struct fo_sofia *ua)
{
	ua->master = tport_tcreate(ua, &stack_class, ua->root, TPTAG_STUN_SERVER(0),
				   TPTAG_MTU(UINT_MAX), TPTAG_LOG(0), TAG_END());
	return ua->master ? FAILOVER_OK : FAILOVER_ERR_MEMORY;
}

static int read_bound(struct fo_sofia *ua)
{
	const su_addrinfo_t *info = tport_get_address(ua->udp);
	struct sockaddr_storage address;

	memset(&address, 0, sizeof(address));
	memcpy(&address, info->ai_addr, info->ai_addrlen);
	return ua_address_from_socket(&address, &ua->bound);
}

/* tport does not name its socket either: it is the one that is bound to this address. */
static int is_socket(const struct fo_sofia *ua, int fd)
{
	struct sockaddr_storage address;
	struct failover_target at;
	socklen_t length = sizeof(address), size = sizeof(int);
	int type;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) && type == SOCK_DGRAM &&
	       !getsockname(fd, (struct sockaddr *)&address, &length) &&
	       !ua_address_from_socket(&address, &at) && ua_address_same(&at, &ua->bound);
}

/* tport answers STUN requests, strangers' too, and unpacks SigComp. The kernel drops both, and what
 * is empty; it counts from the UDP header. */
static int drop_foreign(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, UDP_HEADER),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SIGCOMP_FROM, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, STUN_TO, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int set_filter(struct fo_sofia *ua)
{
	int fd, most = fo_sofia_descriptors();

	for (fd = 0; fd < most; fd++)
		if (is_socket(ua, fd)) {
			ua->udp_fd = fd;
			return drop_foreign(fd) || (ua->dual && ua_icmp_enable(fd, 4))
				       ? FAILOVER_ERR_IO
				       : FAILOVER_OK;
		}
	return FAILOVER_ERR_IO;
}

static int open_at(struct fo_sofia *ua, const struct failover_target *wanted)
{
	int error = make_master(ua);

	if (!error)
		error = bind_to(ua, wanted);
	if (!error)
		error = read_bound(ua);
	if (!error)
		error = set_filter(ua);
	return error ? error : ua_transport_open_beside(&ua->bound, &ua->transport);
}

int fo_sofia_transport_open(struct fo_sofia *ua, const struct failover_target *wish)
{
	struct failover_target wanted = *wish;
	int tries = wanted.port ? 1 : PORT_TRIES, error;

	if (!wanted.family)
		wanted.family = 4;
	if (wanted.family != 4 && wanted.family != 6)
		return FAILOVER_ERR_ARGUMENT;
	ua->dual = wanted.family == 6 && ua_address_is_any(&wanted);
	wanted.transport = FAILOVER_UDP;
	for (;;) {
		error = open_at(ua, &wanted);
		if (error || ua_transport_listener(ua->transport) >= 0 || !--tries)
			return error;
		fo_sofia_transport_close(ua);
	}
}

void fo_sofia_transport_close(struct fo_sofia *ua)
{
	if (ua->master)
		tport_destroy(ua->master);
	ua_transport_close(ua->transport);
	ua->master = ua->udp = NULL;
	ua->udp_fd = -1;
	ua->transport = NULL;
}

/* ---- sending ------------------------------------------------------------------------------ */

/* A message whose first line is everything: tport sends the bytes of a line as it finds them. */
static msg_t *new_message(const char *bytes, size_t count)
{
	msg_t *message = msg_create(sip_default_mclass(), 0);
	su_home_t *home = msg_home(message);
	sip_request_t *line = message ? sip_request_make(home, "ACK sip:none SIP/2.0") : NULL;
	char *copy = message ? su_alloc(home, (isize_t)count + 1) : NULL;

	if (!line || !copy || msg_header_insert(message, NULL, (msg_header_t *)line) ||
	    msg_serialize(message, msg_object(message))) {
		msg_destroy(message);
		return NULL;
	}
	memcpy(copy, bytes, count);
	line->rq_common->h_data = copy;
	line->rq_common->h_len = (uint32_t)count;
	return message;
}

/* A packet that the system had no room for counts as lost on the way. An ICMP error of an earlier
 * packet waits at the socket, and would be told here of this one. */
static int put(struct fo_sofia *ua, const struct failover_target *target, msg_t *message)
{
	struct name name;
	int tries;

	name_of(ua, target, &name);
	for (tries = 0; tries < SEND_TRIES; tries++) {
		ua_icmp_forget(ua->udp_fd);
		if (tport_tsend(ua->udp, message, &name.tpn, TAG_END()) ||
		    msg_errno(message) == ENOBUFS)
			return FAILOVER_OK;
		errno = msg_errno(message);
		msg_set_errno(message, 0);
	}
	return FAILOVER_ERR_IO;
}

int fo_sofia_send(struct fo_sofia *ua, const struct failover_target *target, const char *bytes,
		  size_t count)
{
	msg_t *message;
	int error;

	if ((target->family != ua->bound.family && !(ua->dual && target->family == 4)) ||
	    target->transport != FAILOVER_UDP)
		return FAILOVER_ERR_UNSUPPORTED;
	message = new_message(bytes, count);
	if (!message)
		return FAILOVER_ERR_MEMORY;
	error = put(ua, target, message);
	msg_destroy(message);
	if (!error)
		ua_trace_datagram(&ua->base, FAILOVER_TRACE_OUT, target, bytes, count);
	return error;
}
