/* SPDX-License-Identifier: MIT */
/* probe.c - what this plugin uses of Sofia-SIP. configure compiles and links it, never runs it, and
 * leaves the plugin out where that fails. */
#define TP_STACK_T struct probe
#include <string.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
#include <sofia-sip/url.h>

struct probe {
	tport_t *master;
};

static void on_received(struct probe *probe, tport_t *by, msg_t *message, tp_magic_t *magic,
			su_time_t now)
{
	(void)probe, (void)by, (void)message, (void)magic, (void)now;
}

static void on_error(struct probe *probe, tport_t *by, int error, const char *remote)
{
	(void)probe, (void)by, (void)error, (void)remote;
}

static msg_t *on_alloc(struct probe *probe, int flags, const char *data, usize_t size,
		       const tport_t *by, tp_client_t *client)
{
	msg_t *message = msg_create(sip_default_mclass(), flags);

	(void)probe, (void)data, (void)size, (void)by, (void)client;
	msg_maxsize(message, 1);
	msg_object(message)->msg_flags |= MSG_FLG_HEADERS | MSG_FLG_BODY;
	return message;
}

static const tport_stack_class_t stack_class = {
	.tpac_size = sizeof(stack_class),
	.tpac_recv = on_received,
	.tpac_error = on_error,
	.tpac_alloc = on_alloc,
};

static int on_wait(su_root_magic_t *magic, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	(void)magic, (void)wait, (void)arg;
	return 0;
}

static int loop(su_root_t *root)
{
	extern su_log_t tport_log[];
	su_wait_t wait[1] = { SU_WAIT_INIT };

	if (!tport_log->log_init)
		su_log_soft_set_level(tport_log, 0);
	(void)su_root_threading(root, 0);
	(void)su_wait_create(wait, 0, SU_WAIT_IN);
	(void)su_root_deregister(root, su_root_register(root, wait, on_wait, NULL, 0));
	return su_root_step(root, 0) == SU_WAIT_FOREVER;
}

static int transport(struct probe *probe, su_root_t *root, msg_t *message)
{
	const char *protocols[] = { "udp", NULL };
	su_addrinfo_t hints = { .ai_flags = AI_NUMERICHOST }, *found;
	tp_name_t name = { .tpn_proto = "udp", .tpn_canon = "", .tpn_host = "", .tpn_port = "" };
	tport_t *udp;

	probe->master = tport_tcreate(probe, &stack_class, root, TPTAG_STUN_SERVER(0), TPTAG_MTU(1),
				      TPTAG_LOG(0), TAG_END());
	(void)tport_tbind(probe->master, &name, protocols, TPTAG_SERVER(1), TPTAG_UDP_RMEM(1),
			  TAG_END());
	udp = tport_by_protocol(probe->master, "udp");
	(void)tport_tsend(udp, message, &name, TAG_END());
	msg_set_errno(message, msg_errno(message));
	(void)su_getaddrinfo("", "", &hints, &found);
	su_freeaddrinfo(found);
	tport_destroy(probe->master);
	return tport_get_address(udp)->ai_addrlen + msg_addrinfo(message)->ai_addrlen;
}

static char *texts(msg_t *message)
{
	const sip_t *sip = sip_object(message);
	su_home_t *home = msg_home(message);
	sip_request_t *line = sip_request_make(home, "");
	char *user = su_strdup(home, sip->sip_request->rq_url->url_user);

	(void)msg_header_insert(message, NULL, (msg_header_t *)line);
	(void)msg_serialize(message, msg_object(message));
	line->rq_common->h_data = su_alloc(home, 1);
	line->rq_common->h_len = sip->sip_payload->pl_len;
	memcpy(su_zalloc(home, 1), sip->sip_payload->pl_data, 1);
	msg_destroy(message);
	return sip->sip_to->a_url->url_type == url_invalid ? NULL : url_unescape(user, user);
}

int main(void)
{
	struct probe probe;
	su_root_t *root = su_root_create(NULL);
	msg_t *message = msg_make(sip_default_mclass(), 0, "", 0);
	int error = loop(root) | transport(&probe, root, message);

	su_root_destroy(root);
	return error | !texts(message);
}
