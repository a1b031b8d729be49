/* SPDX-License-Identifier: MIT */
/* compat_lists.h - no header: a part of compat.c, read once with each <sys/queue.h>. NAMED(x) makes
 * the names differ. */

struct NAMED(item) {
	unsigned number;
	LIST_ENTRY(NAMED(item)) list;
	STAILQ_ENTRY(NAMED(item)) single;
	TAILQ_ENTRY(NAMED(item)) both;
};

struct NAMED(lists) {
	LIST_HEAD(, NAMED(item)) list;
	STAILQ_HEAD(, NAMED(item)) single;
	TAILQ_HEAD(, NAMED(item)) both;
	struct NAMED(item) items[ITEMS];
	unsigned char in_list[ITEMS], in_single[ITEMS], in_both[ITEMS];
};

enum NAMED(layout) {
	NAMED(head_size) = offsetof(struct NAMED(lists), items),
	NAMED(item_size) = sizeof(struct NAMED(item)),
	NAMED(single_at) = offsetof(struct NAMED(item), single),
	NAMED(both_at) = offsetof(struct NAMED(item), both),
};

static void NAMED(init)(struct NAMED(lists) *lists)
{
	unsigned i;

	memset(lists, 0xa5, sizeof(*lists));
	LIST_INIT(&lists->list);
	STAILQ_INIT(&lists->single);
	TAILQ_INIT(&lists->both);
	for (i = 0; i < ITEMS; i++) {
		lists->items[i].number = i;
		lists->in_list[i] = lists->in_single[i] = lists->in_both[i] = 0;
	}
}

static void NAMED(change_list)(struct NAMED(lists) *lists, struct NAMED(item) *item)
{
	if (lists->in_list[item->number])
		LIST_REMOVE(item, list);
	else
		LIST_INSERT_HEAD(&lists->list, item, list);
	lists->in_list[item->number] ^= 1;
}

static void NAMED(change_single)(struct NAMED(lists) *lists, struct NAMED(item) *item, int at_head)
{
	if (at_head && !STAILQ_EMPTY(&lists->single)) {
		lists->in_single[STAILQ_FIRST(&lists->single)->number] = 0;
		STAILQ_REMOVE_HEAD(&lists->single, single);
		return;
	}
	if (lists->in_single[item->number])
		STAILQ_REMOVE(&lists->single, item, NAMED(item), single);
	else
		STAILQ_INSERT_TAIL(&lists->single, item, single);
	lists->in_single[item->number] ^= 1;
}

static void NAMED(change_both)(struct NAMED(lists) *lists, struct NAMED(item) *item, int at_head)
{
	if (lists->in_both[item->number])
		TAILQ_REMOVE(&lists->both, item, both);
	else if (at_head)
		TAILQ_INSERT_HEAD(&lists->both, item, both);
	else
		TAILQ_INSERT_TAIL(&lists->both, item, both);
	lists->in_both[item->number] ^= 1;
}

/* What is in them, in order. */
static unsigned NAMED(read)(struct NAMED(lists) *lists, unsigned out[3 * ITEMS + 3])
{
	struct NAMED(item) * item;
	unsigned count = 0;

	LIST_FOREACH(item, &lists->list, list)
		out[count++] = item->number;
	out[count++] = LIST_EMPTY(&lists->list) ? EMPTY : END;
	STAILQ_FOREACH(item, &lists->single, single)
		out[count++] = item->number;
	out[count++] = STAILQ_EMPTY(&lists->single) ? EMPTY : END;
	for (item = TAILQ_FIRST(&lists->both); item; item = TAILQ_NEXT(item, both))
		out[count++] = item->number;
	out[count++] = TAILQ_EMPTY(&lists->both) ? EMPTY : END;
	return count;
}

static unsigned NAMED(step)(struct NAMED(lists) *lists, unsigned draw, unsigned out[3 * ITEMS + 3])
{
	struct NAMED(item) *item = &lists->items[draw % ITEMS];
	int at_head = draw / ITEMS / 3 % 2 != 0;

	switch (draw / ITEMS % 3) {
	case 0:
		NAMED(change_list)(lists, item);
		break;
	case 1:
		NAMED(change_single)(lists, item, at_head);
		break;
	case 2:
		NAMED(change_both)(lists, item, at_head);
		break;
	}
	return NAMED(read)(lists, out);
}
