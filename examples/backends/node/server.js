// A token endpoint: GET /token?system=appcues&user=alice -> {"token":"…"}.
//
// Your backend has already logged the user in; this signs the short token that the SDK in your app
// presents. In your product the user comes from YOUR login session, never from the query string:
// whoever may choose `user` may be anyone. Here it is a parameter so that the example runs alone.
// Nothing secret is logged, and only this machine can connect.
//
// SPDX-License-Identifier: Apache-2.0
'use strict';
const http = require('node:http');
const fs = require('node:fs');

const libraries = {
  jose: require('./tokens-jose'),
  jsonwebtoken: require('./tokens-jsonwebtoken'),
  jsrsasign: require('./tokens-jsrsasign'),
};

// The library each system's own documentation shows, else jose.
const usual = {
  alchemer: 'jose',
  kustomer: 'jsonwebtoken',
  moengage: 'jose',
  appcues: 'jose',
  dotdigital: 'jsrsasign',
};

const env = process.env;
const config = {
  alchemer: { secret: env.ALCHEMER_SECRET },
  kustomer: { secret: env.KUSTOMER_SECRET },
  moengage: {
    privateKey:
      env.MOENGAGE_PRIVATE_KEY_FILE && fs.readFileSync(env.MOENGAGE_PRIVATE_KEY_FILE, 'utf8'),
  },
  appcues: { account: env.APPCUES_ACCOUNT, secret: env.APPCUES_SECRET },
  dotdigital: {
    issuer: env.DOTDIGITAL_ISSUER,
    audience: env.DOTDIGITAL_AUDIENCE,
    secret: env.DOTDIGITAL_SECRET,
  },
};

// -> [status, body]
async function answer(url) {
  const ask = url.searchParams;
  const system = ask.get('system');
  if (url.pathname !== '/token') return [404, { error: 'not_found' }];
  if (!Object.hasOwn(usual, system)) return [404, { error: 'unknown_system' }];
  const library = ask.get('library') || usual[system];
  if (!Object.hasOwn(libraries, library)) return [404, { error: 'unknown_library' }];
  if (!ask.get('user')) return [400, { error: 'user_missing' }];
  if (Object.values(config[system]).includes(undefined)) return [500, { error: 'not_configured' }];

  const token = await libraries[library][system](config[system], ask.get('user'), ask.get('nonce'));
  return [200, { token }];
}

const server = http.createServer(async (request, response) => {
  let status, body;
  try {
    [status, body] = await answer(new URL(request.url, 'http://127.0.0.1'));
  } catch {
    [status, body] = [500, { error: 'signing_failed' }];
  }
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
});

server.listen(Number(env.PORT || 8090), '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
);
