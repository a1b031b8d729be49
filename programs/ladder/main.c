/* SPDX-License-Identifier: MIT */
/* main.c - the ladder: runs two servers and a phone, and draws what passes between them. */
#include "config.h"
#include "demo.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum option_id {
	OPTION_SERVER = 256,
	OPTION_PHONE,
	OPTION_PLUGIN_DIR,
	OPTION_STACK,
	OPTION_PROFILE,
	OPTION_DEATH,
	OPTION_SVG,
	OPTION_PCAP,
	OPTION_HELP,
	OPTION_VERSION,
};

static const char usage_text[] =
	"usage: ladder --server PATH --phone PATH --plugin-dir DIR [--stack NAME]\n"
	"              [--profile NAME] [--death silent|refuse] [--svg FILE] [--pcap FILE]\n"
	"       ladder --help | --version\n";

static const char help_text[] =
	"\n"
	"Runs two servers and a phone, lets the primary die, and draws what passes between them.\n"
	"  --server PATH, --phone PATH   failover-server and failover-phone\n"
	"  --plugin-dir DIR              where the phone finds its stacks\n"
	"  --stack NAME                  osip2 if not said\n"
	"  --profile NAME                v3 if not said\n"
	"  --death silent|refuse         how the primary dies; silent if not said\n"
	"  --svg FILE                    draw it as a picture, too\n"
	"  --pcap FILE                   the phone's packets and decisions, for Wireshark\n";

static const struct option option_table[] = {
	{ "server", required_argument, NULL, OPTION_SERVER },
	{ "phone", required_argument, NULL, OPTION_PHONE },
	{ "plugin-dir", required_argument, NULL, OPTION_PLUGIN_DIR },
	{ "stack", required_argument, NULL, OPTION_STACK },
	{ "profile", required_argument, NULL, OPTION_PROFILE },
	{ "death", required_argument, NULL, OPTION_DEATH },
	{ "svg", required_argument, NULL, OPTION_SVG },
	{ "pcap", required_argument, NULL, OPTION_PCAP },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* One of two words; returns 0 or 1, -1 for neither. */
static int choice_of(const char *word, const char *zero, const char *one)
{
	if (strcmp(word, zero) == 0)
		return 0;
	return strcmp(word, one) == 0 ? 1 : -1;
}

static int option_take(int id, struct demo *demo)
{
	switch (id) {
	case OPTION_SERVER:
		demo->server_path = optarg;
		return 0;
	case OPTION_PHONE:
		demo->phone_path = optarg;
		return 0;
	case OPTION_PLUGIN_DIR:
		demo->plugin_dir = optarg;
		return 0;
	case OPTION_STACK:
		demo->stack = optarg;
		return 0;
	case OPTION_PROFILE:
		demo->profile = optarg;
		return profile_budget_ms(optarg) < 0 ? -1 : 0;
	case OPTION_DEATH:
		demo->death_kills = choice_of(optarg, "silent", "refuse");
		return demo->death_kills < 0 ? -1 : 0;
	case OPTION_SVG:
		demo->svg = optarg;
		return 0;
	case OPTION_PCAP:
		demo->pcap = optarg;
		return 0;
	default:
		return -1;
	}
}

int main(int argc, char **argv)
{
	struct demo demo = { .profile = "v3", .stack = "osip2" };
	int id, bad = 0;

	while ((id = getopt_long(argc, argv, "", option_table, NULL)) != -1) {
		if (id == OPTION_HELP || id == OPTION_VERSION) {
			if (id == OPTION_HELP)
				printf("%s%s", usage_text, help_text);
			else
				puts("ladder (libfailover) " PACKAGE_VERSION);
			return fflush(stdout) != 0;
		}
		bad |= option_take(id, &demo);
	}
	if (bad || optind != argc || !demo.server_path || !demo.phone_path || !demo.plugin_dir) {
		fputs(usage_text, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	return demo_run(&demo);
}
