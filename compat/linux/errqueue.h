/* SPDX-License-Identifier: MIT */
/* linux/errqueue.h - for systems without the kernel's headers (musl): what recvmsg(MSG_ERRQUEUE)
 * says of an error (ip(7), IP_RECVERR). tests/machines/compat.c compares it with the kernel's. */
#ifndef COMPAT_LINUX_ERRQUEUE_H
#define COMPAT_LINUX_ERRQUEUE_H

#include <stdint.h>

#define SO_EE_ORIGIN_LOCAL 1
#define SO_EE_ORIGIN_ICMP 2
#define SO_EE_ORIGIN_ICMP6 3

struct sock_extended_err {
	uint32_t ee_errno;
	uint8_t ee_origin;
	uint8_t ee_type;
	uint8_t ee_code;
	uint8_t ee_pad;
	uint32_t ee_info;
	uint32_t ee_data;
};

#endif
