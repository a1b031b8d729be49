/* SPDX-License-Identifier: MIT */
/* pjsua_phone.c - a PJSUA program as a product has it. Of libfailover it has
 * failover_pjsua_attach() and what tells its events. */
#include <stdlib.h>
#include <string.h>
#include "../../adapters/pjsua/failover_pjsua.h"
#include "phone.h"

static struct phone phone;

static int was_up;

static void on_call_state(pjsua_call_id call, pjsip_event *event)
{
	pjsua_call_info info;

	(void)event;
	if (pjsua_call_get_info(call, &info))
		return;
	if (info.state == PJSIP_INV_STATE_CONFIRMED) {
		was_up = 1;
		phone_call(&phone, "up", 200);
	}
	if (info.state != PJSIP_INV_STATE_DISCONNECTED)
		return;
	phone_call(&phone, was_up ? "ended" : "failed", (unsigned)info.last_status);
	was_up = 0;
}

static void on_incoming(pjsua_acc_id account, pjsua_call_id call, pjsip_rx_data *rdata)
{
	(void)account, (void)rdata;
	phone_incoming(&phone, 1);
	pjsua_call_answer(call, 200, NULL, NULL);
}

static int start(void)
{
	pjsua_config config;
	pjsua_logging_config logging;
	pjsua_transport_config transport;

	pjsua_config_default(&config);
	config.cb.on_call_state = on_call_state;
	config.cb.on_incoming_call = on_incoming;
	pjsua_logging_config_default(&logging);
	logging.console_level = getenv("PJ_LOG") ? (unsigned)atoi(getenv("PJ_LOG")) : 2;
	if (pjsua_create() || pjsua_init(&config, &logging, NULL) || pjsua_set_null_snd_dev())
		return -1;
	/* The program's own transport, as it had one before. */
	pjsua_transport_config_default(&transport);
	transport.bound_addr = pj_str("127.0.0.1");
	return pjsua_transport_create(PJSIP_TRANSPORT_UDP, &transport, NULL) || pjsua_start() ? -1
											      : 0;
}

/* An address of IPv6 in brackets. */
static void write_uri(const struct failover_config_line *line, const char *user, char *out,
		      size_t size)
{
	const char *domain = failover_config_domain(line);
	int is_ipv6 = strchr(domain, ':') != NULL;

	snprintf(out, size, "sip:%s@%s%s%s", user, is_ipv6 ? "[" : "", domain, is_ipv6 ? "]" : "");
}

static int add_account(const struct failover_config_line *line, pjsua_acc_id *account)
{
	pjsua_acc_config config;
	char id[300];

	pjsua_acc_config_default(&config);
	write_uri(line, line->user, id, sizeof(id));
	config.id = pj_str(id);
	config.register_on_acc_add = PJ_FALSE;
	config.cred_count = 1;
	config.cred_info[0].realm = pj_str("*");
	config.cred_info[0].scheme = pj_str("digest");
	config.cred_info[0].username = pj_str(line->user);
	config.cred_info[0].data = pj_str(line->auth_password);
	config.rtp_cfg.bound_addr = pj_str("127.0.0.1");
#if PJ_HAS_IPV6
	if (phone.listen.family == 6) {
		config.ipv6_media_use = PJSUA_IPV6_ENABLED_USE_IPV6_ONLY;
		config.rtp_cfg.bound_addr = pj_str("::1");
	}
#endif
	return pjsua_acc_add(&config, PJ_TRUE, account) ? -1 : 0;
}

static void call(pjsua_acc_id account, const char *user)
{
	char uri[300];
	pj_str_t to;

	write_uri(phone.config->lines[0], user, uri, sizeof(uri));
	to = pj_str(uri);
	phone_incoming(&phone, 0);
	if (pjsua_call_make_call(account, &to, NULL, NULL, NULL, NULL))
		phone_call(&phone, "failed", 0);
}

static void obey(pjsua_acc_id account, struct failover_pjsua *attached)
{
	char text[200];
	const char *user;

	while (fgets(text, sizeof(text), stdin)) {
		text[strcspn(text, "\n")] = '\0';
		if ((user = phone_argument(text, "call")))
			call(account, user);
		else if (phone_argument(text, "hangup"))
			pjsua_call_hangup_all();
		else if (phone_argument(text, "hold"))
			pjsua_call_set_hold(0, NULL);
		else if (phone_argument(text, "register"))
			failover_pjsua_register(attached);
		else if (phone_argument(text, "quit"))
			break;
	}
}

int main(int count, char **arguments)
{
	struct failover_pjsua_config config = { .user = &phone,
						.event = phone_event,
						.result = phone_result,
						.dns_news = phone_dns_news };
	struct failover_pjsua *attached = NULL;
	pjsua_acc_id account;
	int status = phone_options(&phone, count, arguments);

	if (status)
		return status;
	if (start() || add_account(phone.config->lines[0], &account))
		return 1;
	config.device = phone.config;
	config.listen = phone.listen;
	config.dns = phone.dns;
	status = failover_pjsua_attach(account, &config, &attached);
	if (status) {
		fprintf(stderr, "attach: %s\n", failover_strerror(status));
		return 1;
	}
	obey(account, attached);
	pjsua_acc_del(account);
	pj_thread_sleep(300);
	failover_pjsua_detach(attached);
	pjsua_destroy();
	failover_config_free(phone.config);
	return 0;
}
