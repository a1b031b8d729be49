/* SPDX-License-Identifier: MIT */
/* main.c - failover-phone: a SIP phone without sound, to see and to test failover with. */
#include "phone.h"

#include <signal.h>

int main(int argc, char **argv)
{
	struct phone_options options;

	signal(SIGPIPE, SIG_IGN);
	switch (phone_options_read(argc, argv, &options)) {
	case PHONE_OPTIONS_DONE:
		return 0;
	case PHONE_OPTIONS_BAD:
		return 2;
	case PHONE_OPTIONS_RUN:
		break;
	}
	return options.claims ? phone_stack_claims(&options) : phone_run(&options);
}
