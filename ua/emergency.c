/* SPDX-License-Identifier: MIT */
/* emergency.c - see emergency.h. What is called is a service (RFC 5031), or a number, in whose user
 * part visual separators mean nothing (RFC 3966 5.1.1). */
#include <string.h>
#include <strings.h>
#include "emergency.h"
#include "value.h"

#define USUAL "112\n911\nurn:service:sos" /* of a line that names none */

/* RFC 5031 4.2: services below this one are meant, too. Case does not matter (RFC 8141). */
static int is_service(struct ua_part entry, const char *uri)
{
	return !strncasecmp(entry.text, "urn:", 4) && !strncasecmp(entry.text, uri, entry.length) &&
	       strchr(";.", uri[entry.length]);
}

/* The next character of a number, or -1. */
static int next_of(struct ua_part *number)
{
	const char *separators = "-.()";

	while (number->length) {
		int byte = (unsigned char)*number->text, escaped = -1;
		size_t used = 1;

		if (byte == '%' && number->length > 2)
			escaped = ua_value_escaped(number->text);
		if (escaped > 0) {
			byte = escaped;
			used = 3;
		}
		number->text += used;
		number->length -= used;
		if (!strchr(separators, byte))
			return byte;
	}
	return -1;
}

static int is_number(struct ua_part entry, struct ua_part user)
{
	int a, b;

	do {
		a = next_of(&entry);
		b = next_of(&user);
	} while (a == b && a >= 0);
	return a == b;
}

/* Without password and parameters. A SIP URI without an @ has none. */
static struct ua_part user_of(const char *uri)
{
	struct ua_part user = { uri, 0 };
	int has_host = !strncasecmp(uri, "sip:", 4) || !strncasecmp(uri, "sips:", 5);

	if (has_host && !strchr(uri, '@'))
		return user;
	if (has_host || !strncasecmp(uri, "tel:", 4))
		user.text = strchr(uri, ':') + 1;
	user.length = strcspn(user.text, "@:;?");
	return user;
}

int ua_emergency_is(const struct ua_account *account, const char *uri)
{
	const char *at = account->emergency[0] ? account->emergency : USUAL;
	const struct ua_part user = user_of(uri);
	struct ua_part entry;

	for (; *at; at += entry.length + (at[entry.length] != '\0')) {
		entry = (struct ua_part){ at, strcspn(at, "\n") };
		if (is_service(entry, uri) || (user.length && is_number(entry, user)))
			return 1;
	}
	return 0;
}
