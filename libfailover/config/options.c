/* SPDX-License-Identifier: MIT */
/* The option table: the rows of options.def, and the names of their values. */
#include "options.h"

#define IN_CONFIG(member) offsetof(struct failover_config, member)
#define IN_LINE(member) offsetof(struct failover_config_line, member)
#define IN_SETTINGS(member) offsetof(struct failover_config_line, settings.member)
#define IN_SERVER(member) offsetof(struct failover_config_server, member)
#define IN_PROXY(member) offsetof(struct failover_config_proxy, member)

/* Of the rows: bytes of a path; items of a list, which fit FO_VALUE_SIZE. */
#define FO_PATH_MOST 1023
#define FO_SOURCES_MOST 64
#define FO_TEXTS_MOST 32

static const struct fo_choice bools[] = {
	{ "true", 1 }, { "false", 0 }, { "yes", 1 }, { "no", 0 }, { "on", 1 },
	{ "off", 0 },  { "1", 1 },     { "0", 0 },   { NULL, 0 },
};
static const struct fo_choice profiles[] = {
	{ "v2", FAILOVER_PROFILE_V2 },
	{ "v3", FAILOVER_PROFILE_V3 },
	{ "yealink", FAILOVER_PROFILE_YEALINK },
	{ "poly", FAILOVER_PROFILE_POLY },
	{ "cisco", FAILOVER_PROFILE_CISCO },
	{ "grandstream", FAILOVER_PROFILE_GRANDSTREAM },
	{ NULL, 0 },
};
/* S 3.1 has no 2; some devices write it for TLS. */
static const struct fo_choice transports[] = {
	{ "udp", FAILOVER_UDP },
	{ "tcp", FAILOVER_TCP },
	{ "tls", FAILOVER_TLS },
	{ "0", FAILOVER_UDP },
	{ "1", FAILOVER_TCP },
	{ "2", FAILOVER_TLS },
	{ "3", FAILOVER_TLS },
	{ "auto", FAILOVER_TRANSPORT_AUTO },
	{ NULL, 0 },
};
static const struct fo_choice keepalives[] = {
	{ "off", FAILOVER_KEEPALIVE_OFF },
	{ "crlf", FAILOVER_KEEPALIVE_CRLF },
	{ "options", FAILOVER_KEEPALIVE_OPTIONS },
	{ "0", FAILOVER_KEEPALIVE_OFF },
	{ "1", FAILOVER_KEEPALIVE_CRLF },
	{ "2", FAILOVER_KEEPALIVE_OPTIONS },
	{ NULL, 0 },
};
static const struct fo_choice dns_modes[] = {
	{ "a", FAILOVER_DNS_A },
	{ "srv", FAILOVER_DNS_SRV },
	{ "naptr", FAILOVER_DNS_NAPTR },
	{ "0", FAILOVER_DNS_A },
	{ "1", FAILOVER_DNS_SRV },
	{ "2", FAILOVER_DNS_NAPTR },
	{ NULL, 0 },
};
static const struct fo_choice healths[] = {
	{ "transport", FAILOVER_HEALTH_TRANSPORT },
	{ "off", FAILOVER_HEALTH_OFF },
	{ "all", FAILOVER_HEALTH_ALL },
	{ NULL, 0 },
};
static const struct fo_choice accepts[] = {
	{ "targets", 0 },
	{ "any", 1 },
	{ NULL, 0 },
};
static const struct fo_choice in_dialogs[] = {
	{ "auto", FAILOVER_IN_DIALOG_AUTO },
	{ "contact", FAILOVER_IN_DIALOG_CONTACT },
	{ "target", FAILOVER_IN_DIALOG_TARGET },
	{ NULL, 0 },
};
static const struct fo_choice redirects[] = {
	{ "follow", FAILOVER_REDIRECT_FOLLOW },
	{ "report", FAILOVER_REDIRECT_REPORT },
	{ NULL, 0 },
};

static const struct fo_choice starts[] = {
	{ "primary", FAILOVER_START_AT_PRIMARY },
	{ "last", FAILOVER_START_AT_LAST },
	{ NULL, 0 },
};

static const struct fo_choice befores[] = {
	{ "registrar", FAILOVER_BEFORE_REGISTRAR },
	{ "always", FAILOVER_BEFORE_ALWAYS },
	{ "never", FAILOVER_BEFORE_NEVER },
	{ NULL, 0 },
};

static const struct fo_choice whens[] = {
	{ "any", FAILOVER_FAILBACK_ANY },
	{ "idle", FAILOVER_FAILBACK_IDLE },
	{ NULL, 0 },
};

static const struct fo_choice methods[] = {
	{ "register", FAILOVER_METHOD_BIT(FAILOVER_REGISTER) },
	{ "invite", FAILOVER_METHOD_BIT(FAILOVER_INVITE) },
	{ "bye", FAILOVER_METHOD_BIT(FAILOVER_BYE) },
	{ NULL, 0 },
};

const struct fo_option fo_options[] = {
#define FO_OPTION(...) { __VA_ARGS__ },
#define FO_SETTING(member, least, most, ...)                                                       \
	{ .scopes = FO_IN(FO_LINE),                                                                \
	  .offset = IN_SETTINGS(member),                                                           \
	  .minimum = least,                                                                        \
	  .maximum = most,                                                                         \
	  __VA_ARGS__ },
#define FO_SHARED_SETTING(member, least, most, ...)                                                \
	{ .scopes = FO_IN(FO_GLOBAL) | FO_IN(FO_LINE),                                             \
	  .offset = IN_CONFIG(member),                                                             \
	  .line_offset = IN_SETTINGS(member),                                                      \
	  .minimum = least,                                                                        \
	  .maximum = most,                                                                         \
	  __VA_ARGS__ },
#define FO_SETTING_BITS(member, all, ...)                                                          \
	{ .scopes = FO_IN(FO_LINE), .offset = IN_SETTINGS(member), .maximum = all, __VA_ARGS__ },
#define FO_REGISTRAR_SETTING(member, least, most, ...)                                             \
	{ .scopes = FO_IN(FO_SERVER),                                                              \
	  .offset = IN_SERVER(member),                                                             \
	  .minimum = least,                                                                        \
	  .maximum = most,                                                                         \
	  __VA_ARGS__ },
#include "../options.def"
};

const size_t fo_options_count = sizeof(fo_options) / sizeof(fo_options[0]);
_Static_assert(sizeof(fo_options) / sizeof(fo_options[0]) <= FO_OPTIONS_LIMIT, "one bit each");
