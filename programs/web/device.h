/* SPDX-License-Identifier: MIT */
/* device.h - a cookie for browsers that have logged in: a random number, and a proof that it was
 * given by whoever knows the password's hash. It opens nothing; it only tells tries apart. */
#ifndef WEB_DEVICE_H
#define WEB_DEVICE_H

#include <stdint.h>

#define WEB_DEVICE_TEXT 130u
#define WEB_DEVICE_AGE_S 7776000u

/* Returns 0, or -1: no random numbers. */
int web_device_new(const unsigned char key[32], char text[WEB_DEVICE_TEXT]);
/* The browser's number as a sender; 0 = not given by us. */
uint64_t web_device_key(const unsigned char key[32], const char *text);

#endif
