/* SPDX-License-Identifier: MIT */
/* linux/sockios.h - for systems without the kernel's headers (musl): how much a socket has still to
 * send (tcp(7)). Its number is another on some machines; that of TIOCOUTQ is the same everywhere.
 */
#ifndef COMPAT_LINUX_SOCKIOS_H
#define COMPAT_LINUX_SOCKIOS_H

#include <sys/ioctl.h>

#define SIOCOUTQ TIOCOUTQ

#endif
