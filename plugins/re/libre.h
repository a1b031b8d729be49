/* SPDX-License-Identifier: MIT */
/* libre.h - libre's headers, before all others: <sys/queue.h> takes some of their names. Not
 * <re/re.h>, which may be another libre's than that which pkg-config names. */
#ifndef FO_RE_LIBRE_H
#define FO_RE_LIBRE_H

/* What the headers of libre 1 and 2 want to be told, and their .pc does not tell. */
#ifndef HAVE_INTTYPES_H
#define HAVE_INTTYPES_H 1
#endif
#ifndef HAVE_STDBOOL_H
#define HAVE_STDBOOL_H 1
#endif
#ifndef HAVE_INET6
#define HAVE_INET6 1
#endif
#ifndef USE_OPENSSL
#define USE_OPENSSL 1
#endif
#include <re.h>

#endif
