// What a backend and a browser do with what they are sent, done by the libraries that people use:
// one request a line, one answer a line, both JSON. See README.md.
// SPDX-License-Identifier: Apache-2.0
'use strict';
const crypto = require('node:crypto');
const readline = require('node:readline');
const { Webhook } = require('standardwebhooks');
const ece = require('http_ece');
const jws = require('jws'); // what web-push signs with
const webPush = require('web-push');

const browser = crypto.createECDH('prime256v1'); // its keys never leave this process
const publicKey = browser.generateKeys('base64url');
const auth = crypto.randomBytes(16).toString('base64url');

// An uncompressed point (SEC 1 §2.3.3) as the PEM that jws wants.
function pemOf(point) {
  const bytes = Buffer.from(point, 'base64url');
  const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map((c) => c.toString('base64url'));
  return crypto
    .createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' });
}

const answers = {
  subscribe: () => ({ p256dh: publicKey, auth }),

  webhook: ({ secret, headers, body }) =>
    new Webhook(secret).verify(Buffer.from(body, 'base64'), headers),

  decrypt: ({ body }) =>
    JSON.parse(
      ece.decrypt(Buffer.from(body, 'base64'), {
        version: 'aes128gcm',
        privateKey: browser,
        authSecret: auth,
      }),
    ),

  vapid: ({ token, key }) => {
    if (!jws.verify(token, 'ES256', pemOf(key))) throw new Error('the signature is not the key’s');
    return jws.decode(token, { json: true }).payload;
  },

  // The request that web-push would make of the same message.
  request: ({ endpoint, payload, ttl, topic }) => {
    const keys = webPush.generateVAPIDKeys();
    const details = webPush.generateRequestDetails({ endpoint, keys: { p256dh: publicKey, auth } }, payload, {
      vapidDetails: { subject: 'mailto:ops@example.com', ...keys },
      TTL: ttl,
      topic,
    });
    return { headers: details.headers, length: details.body.length };
  },
};

function answer({ ask, ...given }) {
  try {
    return { answer: answers[ask](given) };
  } catch (error) {
    return { refused: error.message };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin }))
    console.log(JSON.stringify(answer(JSON.parse(line))));
})();
