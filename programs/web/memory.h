/* SPDX-License-Identifier: MIT */
/* memory.h - memory that was needed for a moment. */
#ifndef WEB_MEMORY_H
#define WEB_MEMORY_H

/* Give what is free back to the system. malloc() keeps large blocks once it has seen one freed: the
 * 16 MiB of a password, the trees of large answers. Any thread. */
void web_memory_return(void);

#endif
