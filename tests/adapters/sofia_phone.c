/* SPDX-License-Identifier: MIT */
/* sofia_phone.c - a NUA program as a product has it. Of libfailover it has a door, which is its
 * outbound proxy, and what tells its events. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/soa.h>
#include <sofia-sip/su_tag_io.h>
#include "../../adapters/common/failover_below.h"
#include "phone.h"

#define SDP                                                                                        \
	"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 "  \
	"RTP/AVP 0\r\n"

struct program {
	struct phone phone;
	struct failover_below *below;
	su_root_t *root;
	nua_t *nua;
	nua_handle_t *registration, *call;
	int is_call_up, ends;
};

static struct program program;

/* ---- NUA ---------------------------------------------------------------------------------- */

static void log_in(nua_handle_t *handle, int status, const sip_t *sip)
{
	const struct failover_config_line *line = program.phone.config->lines[0];
	const msg_auth_t *challenge = NULL;
	char text[400];

	if (sip && status == 401)
		challenge = sip->sip_www_authenticate;
	if (sip && status == 407)
		challenge = sip->sip_proxy_authenticate;
	if (!challenge)
		return;
	snprintf(text, sizeof(text), "Digest:%s:%s:%s",
		 msg_header_find_param((const msg_common_t *)challenge, "realm="), line->user,
		 line->auth_password);
	nua_authenticate(handle, NUTAG_AUTH(text), TAG_END());
}

static void end_call(nua_handle_t *handle, int status)
{
	phone_call(&program.phone, program.is_call_up ? "ended" : "failed", (unsigned)status);
	if (program.call == handle)
		program.call = NULL;
	program.is_call_up = 0;
	nua_handle_destroy(handle);
}

static void on_state(nua_handle_t *handle, int status, tagi_t tags[])
{
	int state = nua_callstate_init;

	tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
	if (state == nua_callstate_received) {
		program.call = handle;
		phone_incoming(&program.phone, 1);
		nua_respond(handle, SIP_200_OK, SOATAG_USER_SDP_STR(SDP), TAG_END());
	}
	if (state == nua_callstate_ready && !program.is_call_up) {
		program.is_call_up = 1;
		phone_call(&program.phone, "up", 200);
	}
	if (state == nua_callstate_terminated)
		end_call(handle, status);
}

static void on_nua(nua_event_t event, int status, char const *phrase, nua_t *nua,
		   nua_magic_t *magic, nua_handle_t *handle, nua_hmagic_t *hmagic, sip_t const *sip,
		   tagi_t tags[])
{
	(void)phrase, (void)nua, (void)magic, (void)hmagic;
	if (event == nua_i_state)
		on_state(handle, status, tags);
	else if (status == 401 || status == 407)
		log_in(handle, status, sip);
	else if (event == nua_r_unregister && status >= 200)
		nua_shutdown(program.nua);
	else if (event == nua_r_shutdown && status >= 200)
		program.ends = 1;
}

/* ---- commands ----------------------------------------------------------------------------- */

/* An address of IPv6 in brackets. */
static void write_uri(const char *user, char *out, size_t size)
{
	const char *domain = failover_config_domain(program.phone.config->lines[0]);
	int is_ipv6 = strchr(domain, ':') != NULL;

	snprintf(out, size, "sip:%s@%s%s%s", user, is_ipv6 ? "[" : "", domain, is_ipv6 ? "]" : "");
}

static nua_handle_t *handle_to(const char *user)
{
	char uri[300];

	write_uri(user, uri, sizeof(uri));
	return nua_handle(program.nua, NULL, SIPTAG_TO_STR(uri), TAG_END());
}

static void begin_call(const char *user)
{
	phone_incoming(&program.phone, 0);
	program.is_call_up = 0;
	program.call = handle_to(user);
	nua_invite(program.call, SOATAG_USER_SDP_STR(SDP), TAG_END());
}

static void obey(const char *text)
{
	const char *user;

	if ((user = phone_argument(text, "call")))
		begin_call(user);
	else if (phone_argument(text, "hangup") && program.call)
		nua_bye(program.call, TAG_END());
	else if (phone_argument(text, "hold") && program.call)
		nua_invite(program.call, SOATAG_HOLD("*"), TAG_END());
	else if (phone_argument(text, "register"))
		failover_below_register(program.below);
	else if (phone_argument(text, "quit"))
		nua_unregister(program.registration, TAG_END());
}

/* Standard input never blocks; its end is quit. */
static void read_commands(void)
{
	static char text[400];
	static size_t count;
	ssize_t got = read(STDIN_FILENO, text + count, sizeof(text) - 1 - count);
	char *end;

	if (got <= 0)
		return;
	count += (size_t)got;
	text[count] = '\0';
	while ((end = strchr(text, '\n'))) {
		*end = '\0';
		obey(text);
		count -= (size_t)(end + 1 - text);
		memmove(text, end + 1, count + 1);
	}
}

/* ---- life --------------------------------------------------------------------------------- */

static int open_below(struct failover_target *door)
{
	struct failover_below_params params = { .config = program.phone.config,
						.dns = program.phone.dns,
						.listen = program.phone.listen,
						.user = &program.phone,
						.door = door,
						.event = phone_event,
						.result = phone_result,
						.log = phone_log,
						.dns_news = phone_dns_news };

	if (failover_target_set(door, "127.0.0.1", 5060, FAILOVER_UDP))
		return -1;
	door->port = 0;
	return failover_below_open(&params, &program.below);
}

static int open_nua(const struct failover_target *door)
{
	const struct failover_config_line *line = program.phone.config->lines[0];
	char proxy[80], from[300];

	su_init();
	program.root = su_root_create(NULL);
	snprintf(proxy, sizeof(proxy), "sip:127.0.0.1:%u;transport=udp", (unsigned)door->port);
	write_uri(line->user, from, sizeof(from));
	program.nua = program.root ? nua_create(program.root, on_nua, NULL,
						NUTAG_URL("sip:127.0.0.1:*;transport=udp"),
						NUTAG_PROXY(proxy), SIPTAG_FROM_STR(from),
						NUTAG_OUTBOUND("no-validate no-options-keepalive"),
						TAG_END())
				   : NULL;
	if (!program.nua)
		return -1;
	program.registration = handle_to(line->user);
	nua_register(program.registration, TAG_END());
	return 0;
}

int main(int count, char **arguments)
{
	struct failover_target door = { .family = 0 };
	int status = phone_options(&program.phone, count, arguments);

	if (status)
		return status;
	if (open_below(&door) || open_nua(&door))
		return 1;
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	while (!program.ends) {
		su_root_step(program.root, 5);
		read_commands();
	}
	nua_destroy(program.nua);
	su_root_destroy(program.root);
	su_deinit();
	failover_below_close(program.below);
	failover_config_free(program.phone.config);
	return 0;
}
