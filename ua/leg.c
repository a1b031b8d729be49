/* SPDX-License-Identifier: MIT */
/* leg.c - what a leg of an INVITE still has to send, so that no ghost call stays (B7a, B7b). */
#include <stdio.h>
#include <string.h>
#include "leg.h"

uint32_t ua_leg_abandon(struct ua_leg *leg, uint32_t reason)
{
	leg->abandoned = 1;
	if (leg->final || !leg->provisional || leg->cancelled)
		return 0;
	leg->cancelled = 1;
	/* The core follows with a CANCEL attempt of its own, that can be failed over to a REGISTER.
	 */
	return reason == FAILOVER_ABANDON_GIVEN_UP ? 0 : UA_LEG_CANCEL;
}

void ua_leg_cancelled(struct ua_leg *leg)
{
	leg->cancelled = 1;
}

uint32_t ua_leg_provisional(struct ua_leg *leg, uint32_t verdict)
{
	uint32_t actions;

	leg->provisional = 1;
	if (leg->cancelled || leg->final)
		return 0;
	if (verdict != FAILOVER_VERDICT_LATE) {
		actions = leg->abandoned ? UA_LEG_TAKEN_UP : 0;
		leg->abandoned = 0;
		return actions;
	}
	leg->cancelled = 1;
	return UA_LEG_CANCEL;
}

static int find(const struct ua_leg *leg, const char *tag)
{
	int i;

	for (i = 0; i < leg->forks; i++)
		if (!strncmp(leg->tags[i], tag, UA_LEG_TAG - 1))
			return i;
	return -1;
}

int ua_leg_knows(const struct ua_leg *leg, const char *tag)
{
	return find(leg, tag) >= 0;
}

uint32_t ua_leg_success(struct ua_leg *leg, const char *tag, uint32_t verdict, int takes_call)
{
	int known = find(leg, tag);

	leg->final = 1;
	if (known >= 0) /* our ACK was lost; the BYE has a transaction of its own */
		return UA_LEG_ACK;
	if (leg->forks == UA_LEG_FORKS_MAX) /* it comes again until its BYE has arrived */
		return leg->more == UA_LEG_MORE_MAX ? UA_LEG_ACK
						    : (leg->more++, UA_LEG_ACK | UA_LEG_BYE);
	snprintf(leg->tags[leg->forks], UA_LEG_TAG, "%.*s", (int)UA_LEG_TAG - 1, tag);
	leg->forks++;
	if (leg->forks == 1 && takes_call && verdict == FAILOVER_VERDICT_KEEP) {
		leg->call = 1;
		return UA_LEG_ACK | UA_LEG_CALL;
	}
	return UA_LEG_ACK | UA_LEG_BYE;
}

void ua_leg_failure(struct ua_leg *leg)
{
	leg->final = 1;
}
