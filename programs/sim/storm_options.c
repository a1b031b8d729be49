/* SPDX-License-Identifier: MIT */
/* storm_options.c - the command line of `failover-sim fleet`. */
#include "storm.h"

#include "tests/runner/settings.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define SHOW_BEFORE_S 600u

static const char usage[] =
	"usage: failover-sim fleet [--phones N] [--servers N] [--outage SERVER:FROM-TO[:HOW]]...\n"
	"                          [--profile NAME] [--set KEY=VALUE]... [--expires S]\n"
	"                          [--calls N] [--talk S] [--patience S] [--capacity N]\n"
	"                          [--duration TIME] [--start S] [--jitter both|on|off] [--seed "
	"N]\n"
	"                          [--svg FILE] [--csv FILE] [--show FROM-TO]\n"
	"       failover-sim fleet --help\n";

static const char help[] =
	"\n"
	"What a fleet of phones does to its registrars while one of them is down, and what its "
	"users\n"
	"notice: REGISTERs a second at each server, phones without service, lost calls.\n"
	"  --phones N            1 to 100000; default: 10000\n"
	"  --servers N           2 to 4 registrars: primary, backup, server3, server4; default: 2\n"
	"  --outage SERVER:FROM-TO[:HOW]\n"
	"                        it is down between these times of day, as in\n"
	"                        primary:09:00-09:20; HOW: silent (default), icmp, 503\n"
	"  --profile NAME, --set KEY=VALUE\n"
	"                        of each line, as in failover.conf(5)\n"
	"  --expires S           time of a registration; default: 3600\n"
	"  --calls N             calls of each phone in an hour, and as many to it; default: 2\n"
	"  --talk S              their length on average; default: 180\n"
	"  --patience S          who hears nothing for so long gives up; default: 10\n"
	"  --capacity N          REGISTERs that a registrar can do in a second; default: any "
	"number\n"
	"  --duration TIME       from midnight on, up to 168:00; default: 24:00\n"
	"  --start S             phones are switched on within so long; default: as --expires\n"
	"  --jitter both|on|off  which runs; default: both\n"
	"  --seed N              another one gives another run; default: 1\n"
	"  --svg FILE, --csv FILE\n"
	"                        the picture, and a row for each second\n"
	"  --show FROM-TO        this part of the day is drawn; default: around the outages\n";

enum option_id {
	OPTION_PHONES = 256,
	OPTION_SERVERS,
	OPTION_OUTAGE,
	OPTION_PROFILE,
	OPTION_SET,
	OPTION_EXPIRES,
	OPTION_CALLS,
	OPTION_TALK,
	OPTION_PATIENCE,
	OPTION_CAPACITY,
	OPTION_DURATION,
	OPTION_START,
	OPTION_JITTER,
	OPTION_SEED,
	OPTION_SVG,
	OPTION_CSV,
	OPTION_SHOW,
	OPTION_HELP,
};

static const struct option option_table[] = {
	{ "phones", required_argument, NULL, OPTION_PHONES },
	{ "servers", required_argument, NULL, OPTION_SERVERS },
	{ "outage", required_argument, NULL, OPTION_OUTAGE },
	{ "profile", required_argument, NULL, OPTION_PROFILE },
	{ "set", required_argument, NULL, OPTION_SET },
	{ "expires", required_argument, NULL, OPTION_EXPIRES },
	{ "calls", required_argument, NULL, OPTION_CALLS },
	{ "talk", required_argument, NULL, OPTION_TALK },
	{ "patience", required_argument, NULL, OPTION_PATIENCE },
	{ "capacity", required_argument, NULL, OPTION_CAPACITY },
	{ "duration", required_argument, NULL, OPTION_DURATION },
	{ "start", required_argument, NULL, OPTION_START },
	{ "jitter", required_argument, NULL, OPTION_JITTER },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "svg", required_argument, NULL, OPTION_SVG },
	{ "csv", required_argument, NULL, OPTION_CSV },
	{ "show", required_argument, NULL, OPTION_SHOW },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

const char *storm_server_name(uint32_t server)
{
	static const char *const names[STORM_SERVERS_MOST] = { "primary", "backup", "server3",
							       "server4" };

	return names[server];
}

/* ---- values ------------------------------------------------------------------------------- */

static int number_take(const char *text, uint32_t least, uint32_t most, uint32_t *out)
{
	unsigned long long number;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || number < least || number > most)
		return -1;
	*out = (uint32_t)number;
	return 0;
}

static int seed_take(const char *text, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	*out = strtoull(text, &end, 0);
	return errno || *end ? -1 : 0;
}

/* ":30"; ":503" is no part of a time */
static int has_part(const char *text)
{
	return *text == ':' && strspn(text + 1, "0123456789") == 2;
}

/* "09:00" or "09:00:30", up to the longest run; *text goes behind it. */
static int time_take(const char **text, uint32_t *seconds)
{
	uint32_t part[3] = { 0 }, parts = 1;
	size_t digits = strspn(*text, "0123456789");

	if (!digits || digits > 3 || !has_part(*text + digits))
		return -1;
	part[0] = (uint32_t)strtoul(*text, NULL, 10);
	for (*text += digits; parts < 3 && has_part(*text); *text += 3) {
		part[parts] = (uint32_t)strtoul(*text + 1, NULL, 10);
		if (part[parts++] > 59)
			return -1;
	}
	*seconds = part[0] * 3600 + part[1] * 60 + part[2];
	return *seconds > STORM_SECONDS_MOST ? -1 : 0;
}

static int range_take(const char **text, uint32_t *from, uint32_t *to)
{
	if (time_take(text, from) != 0 || **text != '-')
		return -1;
	++*text;
	return time_take(text, to) != 0 || *to <= *from ? -1 : 0;
}

static int outage_take(const char *text, struct storm_options *out)
{
	static const char *const deaths[] = { "silent", "icmp", "503" };
	struct storm_outage *outage = &out->outage[out->outages];
	const char *colon = strchr(text, ':');
	uint32_t n;

	if (!colon || out->outages == STORM_OUTAGES_MOST)
		return -1;
	for (n = 0; n < STORM_SERVERS_MOST; n++)
		if (strlen(storm_server_name(n)) == (size_t)(colon - text) &&
		    strncmp(text, storm_server_name(n), (size_t)(colon - text)) == 0)
			break;
	text = colon + 1;
	if (n == STORM_SERVERS_MOST || range_take(&text, &outage->from_s, &outage->to_s) != 0)
		return -1;
	outage->server = n;
	out->outages++;
	if (!*text)
		return 0;
	for (n = 0; n < 3 && strcmp(text + 1, deaths[n]) != 0; n++)
		;
	outage->how = (enum storm_death)n;
	return *text == ':' && n < 3 ? 0 : -1;
}

static int value_take(const char *key, const char *value, struct storm_options *out)
{
	char why[SETTING_TEXT] = "this is no setting of a line";

	if (settings_set(&out->settings, key, value, why, sizeof(why)) == 0)
		return 0;
	fprintf(stderr, "failover-sim: %s: %s\n", key, why);
	return -1;
}

static int setting_take(const char *text, struct storm_options *out)
{
	const char *equals = strchr(text, '=');
	char key[64];

	if (!equals || (size_t)(equals - text) >= sizeof(key))
		return -1;
	memcpy(key, text, (size_t)(equals - text));
	key[equals - text] = '\0';
	return value_take(key, equals + 1, out);
}

/* With what it brings (B29); unlike a setting, one that this build does not have is wrong. */
static int profile_take(const char *name, struct storm_options *out)
{
	uint32_t profile;

	return failover_profile_find(name, &profile) ? -1 : value_take("profile", name, out);
}

static int jitter_take(const char *text, enum storm_jitter *out)
{
	if (strcmp(text, "both") == 0)
		*out = STORM_BOTH;
	else if (strcmp(text, "on") == 0)
		*out = STORM_WITH;
	else if (strcmp(text, "off") == 0)
		*out = STORM_WITHOUT;
	else
		return -1;
	return 0;
}

static int whole_time_take(const char *text, uint32_t *out)
{
	return time_take(&text, out) != 0 || *text || !*out ? -1 : 0;
}

static int whole_range_take(const char *text, uint32_t *from, uint32_t *to)
{
	return range_take(&text, from, to) != 0 || *text ? -1 : 0;
}

static int file_take(const char *text, const char **out)
{
	*out = text;
	return *text ? 0 : -1;
}

static int option_take(int id, struct storm_options *out)
{
	switch (id) {
	case OPTION_PHONES:
		return number_take(optarg, 1, STORM_PHONES_MOST, &out->phones);
	case OPTION_SERVERS:
		return number_take(optarg, 2, STORM_SERVERS_MOST, &out->servers);
	case OPTION_OUTAGE:
		return outage_take(optarg, out);
	case OPTION_PROFILE:
		return profile_take(optarg, out);
	case OPTION_SET:
		return setting_take(optarg, out);
	case OPTION_EXPIRES:
		return number_take(optarg, 10, 86400, &out->expires_s);
	case OPTION_CALLS:
		return number_take(optarg, 0, 120, &out->calls);
	case OPTION_TALK:
		return number_take(optarg, 1, 86400, &out->talk_s);
	case OPTION_PATIENCE:
		return number_take(optarg, 1, 3600, &out->patience_s);
	case OPTION_CAPACITY:
		return number_take(optarg, 1, 1000000, &out->capacity);
	case OPTION_DURATION:
		return whole_time_take(optarg, &out->seconds);
	case OPTION_START:
		return number_take(optarg, 1, 86400, &out->start_s);
	case OPTION_JITTER:
		return jitter_take(optarg, &out->jitter);
	case OPTION_SEED:
		return seed_take(optarg, &out->seed);
	case OPTION_SVG:
		return file_take(optarg, &out->svg);
	case OPTION_CSV:
		return file_take(optarg, &out->csv);
	case OPTION_SHOW:
		return whole_range_take(optarg, &out->show_from_s, &out->show_to_s);
	default:
		return -1;
	}
}

/* ---- all of them -------------------------------------------------------------------------- */

/* From a little before the first outage until the phones have gone back. */
static void show_set(struct storm_options *out)
{
	uint32_t from = UINT32_MAX, to = 0, after = 2 * out->settings.failback_interval_s;

	for (uint32_t i = 0; i < out->outages; i++) {
		if (out->outage[i].from_s < from)
			from = out->outage[i].from_s;
		if (out->outage[i].to_s > to)
			to = out->outage[i].to_s;
	}
	if (!out->show_to_s) {
		out->show_from_s = out->outages && from > SHOW_BEFORE_S ? from - SHOW_BEFORE_S : 0;
		out->show_to_s = out->outages ? to + after : out->seconds;
	}
	if (out->show_to_s > out->seconds)
		out->show_to_s = out->seconds;
	if (out->show_from_s >= out->show_to_s)
		out->show_from_s = 0;
}

static int options_check(struct storm_options *out)
{
	for (uint32_t i = 0; i < out->outages; i++)
		if (out->outage[i].server >= out->servers || out->outage[i].to_s > out->seconds) {
			fputs("failover-sim: an outage of a server, or at a time, that there is "
			      "not\n",
			      stderr);
			return -1;
		}
	if (!out->start_s)
		out->start_s = out->expires_s;
	show_set(out);
	return 0;
}

int storm_options_read(int argc, char **argv, struct storm_options *out)
{
	int id;

	*out = (struct storm_options){
		.phones = 10000,
		.servers = 2,
		.settings = FAILOVER_LINE_SETTINGS_INIT,
		.expires_s = 3600,
		.calls = 2,
		.talk_s = 180,
		.patience_s = 10,
		.seconds = 86400,
		.seed = 1,
		.jitter = STORM_BOTH,
	};
	while ((id = getopt_long(argc, argv, "", option_table, NULL)) != -1) {
		if (id == OPTION_HELP) {
			printf("%s%s", usage, help);
			return 1;
		}
		if (option_take(id, out) != 0) {
			if (id != '?')
				fprintf(stderr, "failover-sim: this cannot be: %s\n", optarg);
			fputs(usage, stderr);
			return -1;
		}
	}
	if (optind != argc) {
		fputs(usage, stderr);
		return -1;
	}
	return options_check(out);
}
