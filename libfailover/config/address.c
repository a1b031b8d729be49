/* SPDX-License-Identifier: MIT */
/* Hosts as a configuration may name them: IPv4, IPv6, domain name. */
#include <arpa/inet.h>
#include <string.h>

#include "value.h"

#define LABEL_MOST 63 /* RFC 1035 2.3.4 */
#define NAME_MOST 253
#define SCOPE_MOST 15 /* name of an interface */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Underscores occur in names that people really use, though not in host names of RFC 1123. */
static bool is_label(const char *label, size_t length)
{
	if (length == 0 || length > LABEL_MOST || label[0] == '-' || label[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!is_alnum(label[i]) && label[i] != '-' && label[i] != '_')
			return false;
	}
	return true;
}

/* The last label is not all digits (RFC 1123 2.1): so 192.0.2.256 is no name either. */
static bool is_domain(const char *text)
{
	size_t length = strlen(text), start = 0;
	bool digits = true;

	if (length > 0 && text[length - 1] == '.')
		length--;
	if (length == 0 || length > NAME_MOST)
		return false;
	for (size_t i = 0; i <= length; i++) {
		if (i < length && text[i] != '.')
			continue;
		if (!is_label(text + start, i - start))
			return false;
		digits = true;
		for (size_t k = start; k < i; k++)
			digits = digits && is_digit(text[k]);
		start = i + 1;
	}
	return !digits;
}

static bool is_scope(const char *scope)
{
	size_t length = strlen(scope);

	if (length == 0 || length > SCOPE_MOST)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!is_alnum(scope[i]) && !strchr("._-", scope[i]))
			return false;
	}
	return true;
}

/* With or without %scope, which only link-local addresses have. */
static bool is_ipv6(const char *text)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr binary;
	const char *scope = strchr(text, '%');
	size_t length = scope ? (size_t)(scope - text) : strlen(text);

	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (inet_pton(AF_INET6, address, &binary) != 1)
		return false;
	return !scope || (IN6_IS_ADDR_LINKLOCAL(&binary) && is_scope(scope + 1));
}

bool fo_address_normal(const char *text, char *out, size_t size)
{
	struct in_addr binary;
	size_t length = strlen(text);

	if (length >= size)
		return false;
	if (text[0] == '[') {
		if (length < 2 || text[length - 1] != ']')
			return false;
		memcpy(out, text + 1, length - 2);
		out[length - 2] = '\0';
		return is_ipv6(out);
	}
	memcpy(out, text, length + 1);
	return is_ipv6(text) || inet_pton(AF_INET, text, &binary) == 1 || is_domain(text);
}
