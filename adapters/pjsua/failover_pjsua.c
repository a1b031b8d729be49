/* SPDX-License-Identifier: MIT */
/*
 * failover_pjsua.c - see failover_pjsua.h.
 *
 *   PJSIP transaction --send_msg()--> failover_below_send()
 *   PJSIP transaction <--pjsip_tpmgr_receive_packet()-- on_message(), on libfailover's thread
 *
 * To PJSIP it is a UDP transport, whatever the servers speak: the wire writes their transport into
 * the Via, the driver into the Contact.
 */
#include "failover_pjsua.h"
#include "../common/failover_below.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "failover"
#define HOST "127.0.0.1"
#define PLACE_MAX 64u

/* What PJSIP holds. It may outlive what it belongs to. */
struct transport {
	pjsip_transport base;	   /* first */
	struct failover_pjsua *of; /* NULL = detached; guarded by base.lock */
};

struct failover_pjsua {
	struct failover_pjsua_config config;
	struct failover_below *below;
	struct transport *transport;
	pjsua_transport_id transport_id;
	pj_pool_t *pool;     /* of what is kept */
	pj_pool_t *received; /* of the message that is being handed over */
	pj_thread_desc thread;
};

/* ---- up ----------------------------------------------------------------------------------- */

static void on_started(void *user)
{
	struct failover_pjsua *attached = user;
	pj_thread_t *thread;

	(void)pj_thread_register(NAME, attached->thread, &thread);
}

/* Whether PJSIP has the address of another family than the account's does not matter to it: it is
 * what it calls the source. */
static void set_source(pjsip_rx_data *rdata, const struct failover_target *from)
{
	pj_sockaddr *source = &rdata->pkt_info.src_addr;
	int family = from->family == 6 ? pj_AF_INET6() : pj_AF_INET();

	(void)pj_sockaddr_init(family, source, NULL, (pj_uint16_t)from->port);
	memcpy(pj_sockaddr_get_addr(source), from->address, from->family == 6 ? 16 : 4);
	rdata->pkt_info.src_addr_len = (int)pj_sockaddr_get_len(source);
	pj_sockaddr_print(source, rdata->pkt_info.src_name, sizeof(rdata->pkt_info.src_name), 0);
	rdata->pkt_info.src_port = from->port;
}

static void on_message(void *user, const struct failover_target *from, const char *bytes,
		       size_t count)
{
	struct failover_pjsua *attached = user;
	pjsip_rx_data *rdata;

	if (count >= sizeof(rdata->pkt_info.packet)) {
		PJ_LOG(2, (NAME, "a message of %u bytes is too long for PJSIP_MAX_PKT_LEN",
			   (unsigned)count));
		return;
	}
	pj_pool_reset(attached->received);
	rdata = PJ_POOL_ZALLOC_T(attached->received, pjsip_rx_data);
	rdata->tp_info.pool = attached->received;
	rdata->tp_info.transport = &attached->transport->base;
	memcpy(rdata->pkt_info.packet, bytes, count);
	rdata->pkt_info.len = (pj_ssize_t)count;
	pj_gettimeofday(&rdata->pkt_info.timestamp);
	set_source(rdata, from);
	pjsip_tpmgr_receive_packet(attached->transport->base.tpmgr, rdata);
}

static void on_event(void *user, const struct failover_event *event)
{
	const struct failover_pjsua *attached = user;

	if (attached->config.event)
		attached->config.event(attached->config.user, event);
}

static void on_result(void *user, const struct failover_result *result)
{
	const struct failover_pjsua *attached = user;

	if (attached->config.result)
		attached->config.result(attached->config.user, result);
}

static void on_dns_news(void *user, const struct failover_dns_news *news)
{
	const struct failover_pjsua *attached = user;

	if (attached->config.dns_news)
		attached->config.dns_news(attached->config.user, news);
}

static void on_log(void *user, uint32_t level, const char *text)
{
	(void)user;
	if (level <= FAILOVER_LOG_WARNING)
		PJ_LOG(2, (NAME, "%s", text));
}

/* ---- down --------------------------------------------------------------------------------- */

static pj_status_t status_of(int error)
{
	if (!error)
		return PJ_SUCCESS;
	return error == FAILOVER_ERR_ARGUMENT ? PJ_EINVAL : PJ_ENOMEM;
}

static pj_status_t send_msg(pjsip_transport *base, pjsip_tx_data *tdata,
			    const pj_sockaddr_t *address, int address_length, void *token,
			    pjsip_transport_callback callback)
{
	struct transport *transport = (struct transport *)base;
	pj_status_t status = PJ_EGONE;

	(void)address, (void)address_length, (void)token, (void)callback;
	if (!tdata->msg)
		return PJ_SUCCESS; /* a keep-alive, which is the line's own matter */
	pj_lock_acquire(base->lock);
	if (transport->of)
		status =
			status_of(failover_below_send(transport->of->below, tdata->buf.start,
						      (size_t)(tdata->buf.cur - tdata->buf.start)));
	pj_lock_release(base->lock);
	return status;
}

static pj_status_t on_destroy(pjsip_transport *base)
{
	if (base->lock)
		pj_lock_destroy(base->lock);
	if (base->ref_cnt)
		pj_atomic_destroy(base->ref_cnt);
	pj_pool_release(base->pool);
	return PJ_SUCCESS;
}

/* ---- the transport ------------------------------------------------------------------------ */

static void name_transport(pjsip_transport *base, pjsip_endpoint *endpoint, unsigned port)
{
	pj_str_t host = pj_str(HOST);

	pj_ansi_snprintf(base->obj_name, sizeof(base->obj_name), "%s%p", NAME, (void *)base);
	base->key.type = PJSIP_TRANSPORT_UDP;
	base->key.rem_addr.addr.sa_family = pj_AF_INET();
	base->type_name = "UDP";
	base->info = NAME;
	base->flag = PJSIP_TRANSPORT_DATAGRAM;
	base->addr_len = sizeof(pj_sockaddr_in);
	(void)pj_sockaddr_init(pj_AF_INET(), &base->local_addr, &host, (pj_uint16_t)port);
	base->local_name.host = host;
	base->local_name.port = (int)port;
	base->remote_name.host = pj_str("0.0.0.0");
	base->dir = PJSIP_TP_DIR_NONE;
	base->endpt = endpoint;
	base->tpmgr = pjsip_endpt_get_tpmgr(endpoint);
	base->send_msg = send_msg;
	base->destroy = on_destroy;
}

/* Its port tells one account's Contact from the next one's; nobody listens there. */
static unsigned port_of(pjsua_acc_id account)
{
	return 1024u + (unsigned)account;
}

static int open_transport(struct failover_pjsua *attached, pjsua_acc_id account)
{
	pj_pool_t *pool = pjsua_pool_create(NAME "-transport", 1000, 1000);
	struct transport *transport = pool ? PJ_POOL_ZALLOC_T(pool, struct transport) : NULL;
	pjsip_transport *base = transport ? &transport->base : NULL;

	if (!transport)
		return FAILOVER_ERR_MEMORY;
	base->pool = pool;
	name_transport(base, pjsua_get_pjsip_endpt(), port_of(account));
	if (pj_atomic_create(pool, 0, &base->ref_cnt) ||
	    pj_lock_create_recursive_mutex(pool, NAME, &base->lock) ||
	    pjsip_transport_register(base->tpmgr, base)) {
		on_destroy(base);
		return FAILOVER_ERR_MEMORY;
	}
	pjsip_transport_add_ref(base);
	transport->of = attached;
	attached->transport = transport;
	return FAILOVER_OK;
}

/* Nothing goes down any more. What PJSIP still holds of it stays until it lets go. */
static void cut_transport(struct failover_pjsua *attached)
{
	pj_lock_acquire(attached->transport->base.lock);
	attached->transport->of = NULL;
	pj_lock_release(attached->transport->base.lock);
}

static void close_transport(struct failover_pjsua *attached)
{
	if (attached->transport_id != PJSUA_INVALID_ID)
		(void)pjsua_transport_close(attached->transport_id, PJ_FALSE);
	else
		(void)pjsip_transport_shutdown(&attached->transport->base);
	(void)pjsip_transport_dec_ref(&attached->transport->base);
}

/* ---- life --------------------------------------------------------------------------------- */

/* The first password in clear text: the library makes its own answers to challenges. */
static void take_credentials(struct failover_pjsua *attached, const pjsua_acc_config *account,
			     struct failover_below_params *params)
{
	const pjsip_cred_info *cred = account->cred_info;
	pj_str_t user, password;
	unsigned i;

	for (i = 0; i < account->cred_count; i++, cred++) {
		if ((cred->data_type & 0x0f) != PJSIP_CRED_DATA_PLAIN_PASSWD)
			continue;
		pj_strdup_with_null(attached->pool, &user, &cred->username);
		pj_strdup_with_null(attached->pool, &password, &cred->data);
		params->auth_user = user.ptr;
		params->auth_password = password.ptr;
		return;
	}
}

static int open_below(struct failover_pjsua *attached, pjsua_acc_id account,
		      const pjsua_acc_config *config)
{
	struct failover_below_params params = { .config = attached->config.device,
						.line = attached->config.line,
						.dns = attached->config.dns,
						.listen = attached->config.listen,
						.user = attached,
						.started = on_started,
						.message = on_message,
						.event = on_event,
						.result = on_result,
						.log = on_log,
						.dns_news = on_dns_news };
	char place[PLACE_MAX];
	int error;

	take_credentials(attached, config, &params);
	error = failover_below_open(&params, &attached->below);
	if (error)
		return error;
	pj_ansi_snprintf(place, sizeof(place), HOST ":%u", port_of(account));
	return failover_below_stack_at(attached->below, place);
}

/* "sip:domain" of the account, where it registers if it does not say. */
static int write_registrar(struct failover_pjsua *attached, const pj_str_t *id, char *out,
			   size_t size)
{
	pjsip_uri *uri = pjsip_parse_uri(attached->pool, id->ptr, (pj_size_t)id->slen, 0);
	const pj_str_t *host;
	int is_ipv6;

	if (!uri || (!PJSIP_URI_SCHEME_IS_SIP(uri) && !PJSIP_URI_SCHEME_IS_SIPS(uri)))
		return FAILOVER_ERR_ARGUMENT;
	host = &((pjsip_sip_uri *)pjsip_uri_get_uri(uri))->host;
	is_ipv6 = pj_strchr(host, ':') != NULL;
	pj_ansi_snprintf(out, size, "sip:%s%.*s%s", is_ipv6 ? "[" : "", (int)host->slen, host->ptr,
			 is_ipv6 ? "]" : "");
	return FAILOVER_OK;
}

/* Where PJSUA would send does not matter, as long as it need not look it up. */
static int hand_account_over(struct failover_pjsua *attached, pjsua_acc_id account,
			     pjsua_acc_config *config)
{
	char registrar[300];

	if (pjsua_transport_register(&attached->transport->base, &attached->transport_id))
		return FAILOVER_ERR_STATE;
	config->transport_id = attached->transport_id;
	config->proxy_cnt = 1;
	config->proxy[0] = pj_str("<sip:" HOST ";lr;hide>");
	config->ka_interval = 0;
	config->allow_contact_rewrite = PJ_FALSE;
	config->allow_via_rewrite = PJ_FALSE;
	config->register_on_acc_add = PJ_TRUE;
	if (!config->reg_uri.slen) {
		if (write_registrar(attached, &config->id, registrar, sizeof(registrar)))
			return FAILOVER_ERR_ARGUMENT;
		config->reg_uri = pj_str(registrar);
	}
	return pjsua_acc_modify(account, config) ? FAILOVER_ERR_STATE : FAILOVER_OK;
}

int failover_pjsua_attach(pjsua_acc_id account, const struct failover_pjsua_config *config,
			  struct failover_pjsua **out)
{
	struct failover_pjsua *attached;
	pjsua_acc_config modified;
	int error;

	if (!config || !config->device || !out || !pjsua_acc_is_valid(account))
		return FAILOVER_ERR_ARGUMENT;
	attached = calloc(1, sizeof(*attached));
	if (!attached)
		return FAILOVER_ERR_MEMORY;
	attached->config = *config;
	attached->transport_id = PJSUA_INVALID_ID;
	attached->pool = pjsua_pool_create(NAME, 2000, 2000);
	attached->received =
		pjsua_pool_create(NAME "-received", PJSIP_POOL_RDATA_LEN, PJSIP_POOL_RDATA_INC);
	error = attached->pool && attached->received ? open_transport(attached, account)
						     : FAILOVER_ERR_MEMORY;
	if (!error && pjsua_acc_get_config(account, attached->pool, &modified))
		error = FAILOVER_ERR_ARGUMENT;
	if (!error)
		error = open_below(attached, account, &modified);
	if (!error)
		error = hand_account_over(attached, account, &modified);
	if (error) {
		failover_pjsua_detach(attached);
		return error;
	}
	*out = attached;
	return FAILOVER_OK;
}

void failover_pjsua_detach(struct failover_pjsua *attached)
{
	if (!attached)
		return;
	if (attached->transport)
		cut_transport(attached);
	failover_below_close(attached->below);
	if (attached->transport)
		close_transport(attached);
	if (attached->received)
		pj_pool_release(attached->received);
	if (attached->pool)
		pj_pool_release(attached->pool);
	free(attached);
}

int failover_pjsua_register(struct failover_pjsua *attached)
{
	return failover_below_register(attached->below);
}

int failover_pjsua_network_changed(struct failover_pjsua *attached)
{
	return failover_below_network_changed(attached->below);
}
