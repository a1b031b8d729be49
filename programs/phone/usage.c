/* SPDX-License-Identifier: MIT */
/* usage.c - what the phone says of its command line. */
#include "options.h"

#include "command.h"

#include <stdio.h>

static const struct option option_table[] = {
	{ "stack", required_argument, NULL, OPTION_STACK },
	{ "answer", no_argument, NULL, OPTION_ANSWER },
	{ "claims", no_argument, NULL, OPTION_CLAIMS },
	PHONE_OPTIONS_COMMON,
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: failover-phone [--stack NAME] [--plugin-dir DIR] "
	"[--listen ADDR[:PORT]]\n"
	"                      [--events FILE] [--answer] [--dns ADDR[:PORT]]\n"
	"                      [--web ADDR:PORT [--web-password-file FILE] [--web-plain]\n"
	"                      [--web-metrics-users]] [--pcap FILE [--pcap-size MIB]]\n"
	"                      [--ladder FILE.svg] [--state-file FILE] CONFIG\n"
	"       failover-phone --stack NAME [--plugin-dir DIR] --claims\n";

static void help_print(void)
{
	printf("%s\n"
	       "A SIP phone without sound: it registers the lines of CONFIG, makes and takes "
	       "calls\n"
	       "(the media are offered as inactive), and goes to the backup server and back.\n"
	       "\n"
	       "  --stack NAME        SIP stack (default: `stack` of CONFIG)\n"
	       "  --plugin-dir DIR    where the stacks' plugins are (default: %s)\n"
	       "  --listen ADDR:PORT  local SIP address (default: the route's address and the\n"
	       "                      port `sip_port` of CONFIG); port 0 = any free port\n"
	       "  --answer            answer incoming calls at once\n"
	       "  --claims            print what the stack claims to do, a word a line, and "
	       "end\n" PHONE_HELP_COMMON "\n"
	       "Commands on standard input:\n%s",
	       usage, PLUGIN_DIR, phone_command_help());
}

enum phone_options_result phone_options_read(int argc, char **argv, struct phone_options *out)
{
	static const struct phone_usage of_phone = { option_table, usage, help_print };

	return phone_options_take(argc, argv, &of_phone, out);
}
