/* SPDX-License-Identifier: MIT */
/*
 * source.h - who may speak to the line (B21, B21a): its targets, those that hold a binding of it,
 * the places of its dialogs while these last, and what accept_from lists.
 */
#ifndef UA_SOURCE_H
#define UA_SOURCE_H

#include "account.h"

struct ua_call;

/* Requests of peers may come from there from now on. One that is listed already moves. */
void ua_source_add(struct ua *ua, struct ua_source *source, struct ua_account *account,
		   const struct failover_target *target);
/* One that is not listed is left alone. */
void ua_source_drop(struct ua *ua, struct ua_source *source);
/* The sources that messages from there can belong to, after NULL or the one before; NULL = no more.
 */
struct ua_source *ua_source_next(const struct ua *ua, const struct failover_target *from,
				 const struct ua_source *source);

/* Would requests over a connection from there be heard? */
int ua_may_connect(const struct ua *ua, const struct failover_target *from);
/* Does accept_from list it? */
int ua_is_accepted(const struct ua *ua, const struct failover_target *from);
/* Count somebody who is turned away, and tell it, once a minute at most. */
void ua_turn_away(struct ua *ua, const struct failover_target *from);

/* The line is registered at this target for so long; 0 = no more. After ua_account_flow(). */
void ua_binding_set(struct ua_account *account, const struct failover_target *target,
		    uint32_t expires_s);
/* The flow is going to be another one, or none (NULL): its binding lives on. */
void ua_binding_leave_flow(struct ua_account *account, const struct failover_target *next);
/* The list is another one: the flow's target may have gone from it, and its binding lives on. */
void ua_binding_unlist_flow(struct ua_account *account);
/* The bindings of the line as it was before belong to the new one. */
void ua_bindings_inherit(struct ua_account *account, struct ua_account *old);
void ua_bindings_drop(struct ua_account *account);
/* The targets of a line, listed ones first, then those that hold a binding; NULL = no more. */
const struct failover_target *ua_source_of_line(const struct ua_account *account, uint32_t which);
/* Those whose time is over end. */
void ua_bindings_lapse(struct ua_account *account);

/* The call's dialog, or its remote target, is another one now. */
void ua_call_sources_set(struct ua_call *call);
void ua_call_sources_drop(struct ua_call *call);

#endif
