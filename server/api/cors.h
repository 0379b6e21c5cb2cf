/* CORS (the Fetch standard): browsers of an app's own origins may call its endpoints.
 *
 * An origin is allowed when it is, byte for byte, one the app lists. It is never reflected
 * otherwise, there is no "*", and no cookies are involved. Every answer of a browser endpoint says
 * Vary: Origin, whether or not there was one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CSN_SERVER_API_CORS_H
#define CSN_SERVER_API_CORS_H

#include "server/api/exchange.h"

/* Adds what an answer needs; x->app may be NULL: then no origin is allowed. */
void csn_cors_allow(struct csn_exchange *x);

/* Answers an OPTIONS request to a path of browser endpoints: 204, with or without permission. */
enum csn_step csn_cors_preflight(struct csn_exchange *x);

#endif
