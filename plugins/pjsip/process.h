/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.h - what of PJSIP there is one of in a process: pjlib, its log, the parser. */
#ifndef FO_PJSIP_PROCESS_H
#define FO_PJSIP_PROCESS_H

/* For each instance; any thread. Returns 0 or a negative error. */
int fo_pjsip_process_begin(void);
void fo_pjsip_process_end(void);

/* pjlib must know every thread that calls it, for as long as that lives. */
void fo_pjsip_enter(void);

#endif
