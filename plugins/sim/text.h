/* SPDX-License-Identifier: MIT */
/* text.h - packets for people. */
#ifndef FO_SIM_TEXT_H
#define FO_SIM_TEXT_H

#include "plugins/sim/sim.h"

/* What failover_ext_sim.text does. */
const char *fo_sim_packet_text(const struct failover_sim_packet *packet, char *buffer, size_t size);

#endif
