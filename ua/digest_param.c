/* SPDX-License-Identifier: MIT */
/* digest_param.c - reads name=value lists of Digest headers; hostile input ends in an error. */
#include <string.h>
#include <strings.h>
#include "digest_param.h"

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int is_token(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("-.!%*_+`'~", c));
}

static const char *skip_space(const char *at)
{
	while (is_space(*at))
		at++;
	return at;
}

const char *ua_digest_scheme_skip(const char *value)
{
	static const char scheme[] = "Digest";

	value = skip_space(value);
	if (strncasecmp(value, scheme, sizeof(scheme) - 1) != 0)
		return NULL;
	value += sizeof(scheme) - 1;
	return is_space(*value) ? skip_space(value) : NULL;
}

/* A quoted string; *at is behind the first quote, and is left behind the last. */
static int read_quoted(const char **at, char *out, size_t size)
{
	const char *from = *at;
	size_t length = 0;

	for (; *from != '"'; from++) {
		if (*from == '\\')
			from++;
		if (!*from || *from == '\r' || *from == '\n' || length + 1 >= size)
			return FAILOVER_ERR_ARGUMENT;
		out[length++] = *from;
	}
	out[length] = '\0';
	*at = from + 1;
	return FAILOVER_OK;
}

static int read_token(const char **at, char *out, size_t size)
{
	const char *from = *at;
	size_t length = 0;

	while (is_token(*from)) {
		if (length + 1 >= size)
			return FAILOVER_ERR_ARGUMENT;
		out[length++] = *from++;
	}
	out[length] = '\0';
	*at = from;
	return length ? FAILOVER_OK : FAILOVER_ERR_ARGUMENT;
}

int ua_digest_param_next(const char **at, struct ua_digest_param *out)
{
	const char *from = *at;
	int error;

	while (is_space(*from) || *from == ',')
		from++;
	if (!*from)
		return 0;
	error = read_token(&from, out->name, sizeof(out->name));
	if (error)
		return error;
	from = skip_space(from);
	if (*from != '=') { /* the rest of an unquoted list: qop=auth,auth-int */
		out->value[0] = '\0';
		*at = from;
		return !*from || *from == ',' ? 1 : FAILOVER_ERR_ARGUMENT;
	}
	from = skip_space(from + 1);
	if (*from == '"') {
		from++;
		error = read_quoted(&from, out->value, sizeof(out->value));
	} else {
		error = read_token(&from, out->value, sizeof(out->value));
	}
	from = skip_space(from);
	if (error || (*from && *from != ','))
		return FAILOVER_ERR_ARGUMENT;
	*at = from;
	return 1;
}

int ua_digest_param_copy(char *out, size_t size, const char *value)
{
	size_t length = strlen(value);

	if (length >= size)
		return FAILOVER_ERR_ARGUMENT;
	memcpy(out, value, length + 1);
	return FAILOVER_OK;
}

int ua_digest_list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (*list) {
		while (is_space(*list) || *list == ',')
			list++;
		if (!strncasecmp(list, word, length) && !is_token(list[length]))
			return 1;
		while (*list && *list != ',')
			list++;
	}
	return 0;
}
