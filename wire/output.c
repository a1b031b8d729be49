/* SPDX-License-Identifier: MIT */
/* output.c - messages that wait to be taken, each in a block of its own. */
#include <stdlib.h>
#include <string.h>
#include "../libfailover/core/sized.h"
#include "wire.h"

struct fo_wire_output *fo_wire_output_new(struct failover_wire *wire, uint32_t kind, uint32_t line,
					  const struct failover_target *peer, size_t size)
{
	struct fo_wire_output *output = malloc(sizeof(*output) + size + 1);

	if (!output) {
		wire->counters.lost++;
		return NULL;
	}
	memset(output, 0, sizeof(*output));
	output->is = (struct failover_wire_output){
		.size = sizeof(output->is), .kind = kind, .line = line, .peer = *peer
	};
	return output;
}

void fo_wire_output_add(struct failover_wire *wire, struct fo_wire_output *output, size_t count)
{
	output->bytes[count] = '\0';
	output->is.bytes = output->bytes;
	output->is.count = count;
	STAILQ_INSERT_TAIL(&wire->outputs, output, link);
	wire->outputs_count++;
}

void fo_wire_output_drop(struct fo_wire_output *output)
{
	free(output);
}

int fo_wire_put(struct failover_wire *wire, uint32_t kind, uint32_t line,
		const struct failover_target *peer, struct ua_part bytes)
{
	struct fo_wire_output *output = fo_wire_output_new(wire, kind, line, peer, bytes.length);

	if (!output)
		return FAILOVER_ERR_MEMORY;
	memcpy(output->bytes, bytes.text, bytes.length);
	fo_wire_output_add(wire, output, bytes.length);
	return FAILOVER_OK;
}

int failover_wire_poll(struct failover_wire *wire, struct failover_wire_output *out)
{
	free(wire->taken);
	wire->taken = STAILQ_FIRST(&wire->outputs);
	if (!wire->taken)
		return 0;
	STAILQ_REMOVE_HEAD(&wire->outputs, link);
	wire->outputs_count--;
	fo_sized_give(out, &wire->taken->is, sizeof(wire->taken->is),
		      FO_SIZE_WITH(struct failover_wire_output, count));
	return 1;
}

void fo_wire_outputs_free(struct failover_wire *wire)
{
	struct failover_wire_output out = { .size = sizeof(out) };

	while (failover_wire_poll(wire, &out))
		;
}
