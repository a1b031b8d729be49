/* SPDX-License-Identifier: MIT */
/* registrar.c - REGISTER and the location table behind it. */
#include "registrar.h"

#include "server.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AOR_MAX (2 * SIP_TOKEN_MAX)
#define CONTACTS_MAX 8 /* in one REGISTER */

struct binding {
	LIST_ENTRY(binding) link;
	char aor[AOR_MAX];
	char uri[REGISTRAR_URI_MAX];
	char call_id[SIP_CALL_ID_MAX];
	unsigned long cseq;
	int64_t expires_at_ms;
	struct peer source;
};

/* One Contact of a REGISTER, checked before anything of it takes effect. */
struct wish {
	char uri[REGISTRAR_URI_MAX];
	long expires_s;
};

static void binding_free(struct registrar *registrar, struct binding *b)
{
	LIST_REMOVE(b, link);
	registrar->count--;
	free(b);
}

static void expire(struct registrar *registrar)
{
	struct binding *b, *next;
	int64_t now = clock_ms();

	for (b = LIST_FIRST(&registrar->bindings); b; b = next) {
		next = LIST_NEXT(b, link);
		if (b->expires_at_ms <= now)
			binding_free(registrar, b);
	}
}

static bool read_aor(const struct sip_msg *request, char aor[AOR_MAX])
{
	const osip_uri_t *uri = request->osip->to->url;
	int n = snprintf(aor, AOR_MAX, "%s@%s", uri->username ? uri->username : "",
			 uri->host ? uri->host : "");

	return uri->username && uri->host && n < AOR_MAX;
}

static struct binding *find(struct registrar *registrar, const char *aor, const char *uri)
{
	struct binding *b;

	LIST_FOREACH(b, &registrar->bindings, link)
	{
		if (strcasecmp(b->aor, aor) == 0 && strcmp(b->uri, uri) == 0)
			return b;
	}
	return NULL;
}

static bool read_wish(const struct sip_msg *request, osip_contact_t *contact, struct wish *wish)
{
	osip_generic_param_t *param = NULL;
	long expires_s = sip_number(sip_header(request, "expires"), REGISTRAR_EXPIRES_DEFAULT_S);
	char *uri = NULL;
	int n;

	if (!contact->url || osip_uri_to_str(contact->url, &uri) != 0)
		return false;
	n = snprintf(wish->uri, sizeof(wish->uri), "%s", uri);
	osip_free(uri);
	osip_contact_param_get_byname(contact, (char *)"expires", &param);
	wish->expires_s = param ? sip_number(param->gvalue, expires_s) : expires_s;
	if (wish->expires_s > REGISTRAR_EXPIRES_MAX_S)
		wish->expires_s = REGISTRAR_EXPIRES_MAX_S;
	return n > 0 && (size_t)n < sizeof(wish->uri);
}

/* RFC 3261 10.3 step 6: "*" stands alone and comes with Expires: 0. */
static bool is_star(const struct sip_msg *request)
{
	const osip_contact_t *contact = osip_list_get(&request->osip->contacts, 0);

	return contact && contact->displayname && strcmp(contact->displayname, "*") == 0;
}

static int remove_all(struct registrar *registrar, const struct sip_msg *request, const char *aor)
{
	struct binding *b, *next;

	if (osip_list_size(&request->osip->contacts) != 1 ||
	    sip_number(sip_header(request, "expires"), -1) != 0)
		return 400;
	for (b = LIST_FIRST(&registrar->bindings); b; b = next) {
		next = LIST_NEXT(b, link);
		if (strcasecmp(b->aor, aor) == 0)
			binding_free(registrar, b);
	}
	return 200;
}

static int check_wish(struct registrar *registrar, const struct sip_msg *request, const char *aor,
		      const struct wish *wish)
{
	const struct binding *b = find(registrar, aor, wish->uri);

	if (wish->expires_s > 0 && wish->expires_s < REGISTRAR_EXPIRES_MIN_S)
		return 423;
	/* Step 7: an older request that was overtaken must not undo a newer one. */
	if (b && strcmp(b->call_id, request->call_id) == 0 && request->cseq <= b->cseq)
		return 400;
	if (!b && wish->expires_s > 0 && registrar->count + CONTACTS_MAX > REGISTRAR_BINDINGS_MAX)
		return 480;
	return 200;
}

static bool apply_wish(struct registrar *registrar, const struct exchange *x, const char *aor,
		       const struct wish *wish)
{
	struct binding *b = find(registrar, aor, wish->uri);

	if (wish->expires_s == 0) {
		if (b)
			binding_free(registrar, b);
		return true;
	}
	if (!b) {
		b = calloc(1, sizeof(*b));
		if (!b)
			return false;
		snprintf(b->aor, sizeof(b->aor), "%s", aor);
		memcpy(b->uri, wish->uri, sizeof(b->uri));
		LIST_INSERT_HEAD(&registrar->bindings, b, link);
		registrar->count++;
	}
	snprintf(b->call_id, sizeof(b->call_id), "%s", x->request.call_id);
	b->cseq = x->request.cseq;
	b->source = x->source;
	b->expires_at_ms = clock_ms() + wish->expires_s * 1000;
	return true;
}

/* All or nothing: every Contact is checked before the first one counts. */
static int update(struct registrar *registrar, const struct exchange *x, const char *aor)
{
	const struct sip_msg *request = &x->request;
	const osip_list_t *contacts = &request->osip->contacts;
	struct wish wish[CONTACTS_MAX];
	int i, n = osip_list_size(contacts), status;

	if (is_star(request))
		return remove_all(registrar, request, aor);
	if (n > CONTACTS_MAX)
		return 400;
	for (i = 0; i < n; i++) {
		if (!read_wish(request, osip_list_get(contacts, i), &wish[i]))
			return 400;
		status = check_wish(registrar, request, aor, &wish[i]);
		if (status != 200)
			return status;
	}
	for (i = 0; i < n; i++) {
		if (!apply_wish(registrar, x, aor, &wish[i]))
			return 480;
	}
	return 200;
}

static bool add_bindings(const struct registrar *registrar, struct sip_msg *reply, const char *aor)
{
	char value[REGISTRAR_URI_MAX + 32];
	const struct binding *b;

	LIST_FOREACH(b, &registrar->bindings, link)
	{
		if (strcasecmp(b->aor, aor) != 0)
			continue;
		snprintf(value, sizeof(value), "<%s>;expires=%lld", b->uri,
			 (long long)(b->expires_at_ms - clock_ms() + 999) / 1000);
		if (osip_message_set_contact(reply->osip, value) != 0)
			return false;
	}
	return true;
}

void registrar_register(struct server *server, struct exchange *x)
{
	struct registrar *registrar = &server->registrar;
	char aor[AOR_MAX], tag[17], min[16];
	struct sip_msg reply;
	int status = 400;

	if (!auth_check(server, x))
		return;
	expire(registrar);
	if (read_aor(&x->request, aor))
		status = update(registrar, x, aor);
	server_random_hex(tag, 8);
	if (!sip_reply(&reply, &x->request, status, tag))
		return;
	snprintf(min, sizeof(min), "%d", REGISTRAR_EXPIRES_MIN_S);
	if (status == 423)
		sip_add(&reply, "Min-Expires", min);
	if (status == 200)
		add_bindings(registrar, &reply, aor);
	server_respond(server, x, &reply);
}

bool registrar_find(struct registrar *registrar, const char *user, char *uri, struct peer *source)
{
	size_t len = strlen(user);
	const struct binding *b;

	expire(registrar);
	LIST_FOREACH(b, &registrar->bindings, link)
	{
		if (len && (strncmp(b->aor, user, len) != 0 || b->aor[len] != '@'))
			continue;
		memcpy(uri, b->uri, sizeof(b->uri));
		*source = b->source;
		return true;
	}
	return false;
}

void registrar_show(struct registrar *registrar, FILE *out)
{
	char aor[TRACE_WORD_MAX], uri[TRACE_WORD_MAX];
	const struct binding *b;

	expire(registrar);
	LIST_FOREACH(b, &registrar->bindings, link)
	{
		fprintf(out, "binding %s %s %lld s\n", trace_word(b->aor, aor),
			trace_word(b->uri, uri),
			(long long)(b->expires_at_ms - clock_ms() + 999) / 1000);
	}
}

void registrar_free(struct registrar *registrar)
{
	while (!LIST_EMPTY(&registrar->bindings))
		binding_free(registrar, LIST_FIRST(&registrar->bindings));
}
