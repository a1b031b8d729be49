/* SPDX-License-Identifier: MIT */
/*
 * sys/queue.h - for systems without it (musl): lists as BSD has them, as far as they are used here.
 * tests/machines/compat.c compares them with the system's where there are some.
 */
#ifndef COMPAT_SYS_QUEUE_H
#define COMPAT_SYS_QUEUE_H

#include <stddef.h>

/* ---- LIST: each entry knows the pointer that leads to it ---------------------------------- */

#define LIST_HEAD(name, type)                                                                      \
	struct name {                                                                              \
		struct type *lh_first;                                                             \
	}
#define LIST_ENTRY(type)                                                                           \
	struct {                                                                                   \
		struct type *le_next;                                                              \
		struct type **le_prev;                                                             \
	}
#define LIST_FIRST(head) ((head)->lh_first)
#define LIST_EMPTY(head) (!LIST_FIRST(head))
#define LIST_NEXT(entry, link) ((entry)->link.le_next)
#define LIST_FOREACH(entry, head, link)                                                            \
	for ((entry) = LIST_FIRST(head); (entry); (entry) = LIST_NEXT(entry, link))
#define LIST_INIT(head) ((void)(LIST_FIRST(head) = NULL))
#define LIST_INSERT_HEAD(head, entry, link)                                                        \
	do {                                                                                       \
		LIST_NEXT(entry, link) = LIST_FIRST(head);                                         \
		if (LIST_NEXT(entry, link))                                                        \
			LIST_NEXT(entry, link)->link.le_prev = &LIST_NEXT(entry, link);            \
		(entry)->link.le_prev = &LIST_FIRST(head);                                         \
		LIST_FIRST(head) = (entry);                                                        \
	} while (0)
#define LIST_REMOVE(entry, link)                                                                   \
	do {                                                                                       \
		if (LIST_NEXT(entry, link))                                                        \
			LIST_NEXT(entry, link)->link.le_prev = (entry)->link.le_prev;              \
		*(entry)->link.le_prev = LIST_NEXT(entry, link);                                   \
	} while (0)

/* ---- STAILQ: single links, and the place where the next one goes -------------------------- */

#define STAILQ_HEAD(name, type)                                                                    \
	struct name {                                                                              \
		struct type *stqh_first;                                                           \
		struct type **stqh_last;                                                           \
	}
#define STAILQ_ENTRY(type)                                                                         \
	struct {                                                                                   \
		struct type *stqe_next;                                                            \
	}
#define STAILQ_FIRST(head) ((head)->stqh_first)
#define STAILQ_EMPTY(head) (!STAILQ_FIRST(head))
#define STAILQ_NEXT(entry, link) ((entry)->link.stqe_next)
#define STAILQ_FOREACH(entry, head, link)                                                          \
	for ((entry) = STAILQ_FIRST(head); (entry); (entry) = STAILQ_NEXT(entry, link))
#define STAILQ_INIT(head)                                                                          \
	do {                                                                                       \
		STAILQ_FIRST(head) = NULL;                                                         \
		(head)->stqh_last = &STAILQ_FIRST(head);                                           \
	} while (0)
#define STAILQ_INSERT_TAIL(head, entry, link)                                                      \
	do {                                                                                       \
		STAILQ_NEXT(entry, link) = NULL;                                                   \
		*(head)->stqh_last = (entry);                                                      \
		(head)->stqh_last = &STAILQ_NEXT(entry, link);                                     \
	} while (0)
#define STAILQ_REMOVE_HEAD(head, link)                                                             \
	do {                                                                                       \
		STAILQ_FIRST(head) = STAILQ_NEXT(STAILQ_FIRST(head), link);                        \
		if (STAILQ_EMPTY(head))                                                            \
			(head)->stqh_last = &STAILQ_FIRST(head);                                   \
	} while (0)
/* The entry is in the list. */
#define STAILQ_REMOVE(head, entry, type, link)                                                     \
	do {                                                                                       \
		struct type **compat_at = &STAILQ_FIRST(head);                                     \
		while (*compat_at != (entry))                                                      \
			compat_at = &STAILQ_NEXT(*compat_at, link);                                \
		*compat_at = STAILQ_NEXT(entry, link);                                             \
		if (!*compat_at)                                                                   \
			(head)->stqh_last = compat_at;                                             \
	} while (0)

/* ---- TAILQ: both ------------------------------------------------------------------------- */

#define TAILQ_HEAD(name, type)                                                                     \
	struct name {                                                                              \
		struct type *tqh_first;                                                            \
		struct type **tqh_last;                                                            \
	}
#define TAILQ_ENTRY(type)                                                                          \
	struct {                                                                                   \
		struct type *tqe_next;                                                             \
		struct type **tqe_prev;                                                            \
	}
#define TAILQ_FIRST(head) ((head)->tqh_first)
#define TAILQ_EMPTY(head) (!TAILQ_FIRST(head))
#define TAILQ_NEXT(entry, link) ((entry)->link.tqe_next)
#define TAILQ_FOREACH(entry, head, link)                                                           \
	for ((entry) = TAILQ_FIRST(head); (entry); (entry) = TAILQ_NEXT(entry, link))
#define TAILQ_INIT(head)                                                                           \
	do {                                                                                       \
		TAILQ_FIRST(head) = NULL;                                                          \
		(head)->tqh_last = &TAILQ_FIRST(head);                                             \
	} while (0)
#define TAILQ_INSERT_HEAD(head, entry, link)                                                       \
	do {                                                                                       \
		TAILQ_NEXT(entry, link) = TAILQ_FIRST(head);                                       \
		if (TAILQ_NEXT(entry, link))                                                       \
			TAILQ_NEXT(entry, link)->link.tqe_prev = &TAILQ_NEXT(entry, link);         \
		else                                                                               \
			(head)->tqh_last = &TAILQ_NEXT(entry, link);                               \
		(entry)->link.tqe_prev = &TAILQ_FIRST(head);                                       \
		TAILQ_FIRST(head) = (entry);                                                       \
	} while (0)
#define TAILQ_INSERT_TAIL(head, entry, link)                                                       \
	do {                                                                                       \
		TAILQ_NEXT(entry, link) = NULL;                                                    \
		(entry)->link.tqe_prev = (head)->tqh_last;                                         \
		*(head)->tqh_last = (entry);                                                       \
		(head)->tqh_last = &TAILQ_NEXT(entry, link);                                       \
	} while (0)
#define TAILQ_REMOVE(head, entry, link)                                                            \
	do {                                                                                       \
		if (TAILQ_NEXT(entry, link))                                                       \
			TAILQ_NEXT(entry, link)->link.tqe_prev = (entry)->link.tqe_prev;           \
		else                                                                               \
			(head)->tqh_last = (entry)->link.tqe_prev;                                 \
		*(entry)->link.tqe_prev = TAILQ_NEXT(entry, link);                                 \
	} while (0)

#endif
