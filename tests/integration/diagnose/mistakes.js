// Makes the documented mistakes with the real JavaScript libraries, and prints each as JSON, one a
// line: what was done, the token, what the server would know, and the finding that must come first.
//
//     node mistakes.js FOLDER-WITH-NODE_MODULES
//
// SPDX-License-Identifier: Apache-2.0
'use strict';
const crypto = require('node:crypto');
const path = require('node:path');
const load = require('node:module').createRequire(path.join(process.argv[2], 'package.json'));
const jose = load('jose');
const jsonwebtoken = load('jsonwebtoken');
const { KJUR } = load('jsrsasign');

const now = 1767312000;
const secret = 'correct-horse_battery.staple/of+the=first APP';
const hexSecret = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const base64Secret = 'q+3x/Zt9+Lm4/Rb8+Hs3/Yd6+Fg5/w2kq+3x/Zt9+Lm4';
const base64urlSecret = 'q-3x_Zt9-Lm4_Rb8-Hs3_Yd6-Fg5_w2kq-3x_Zt9-Lm4';
const claims = { sub: 'user-4711', iat: now - 5, exp: now + 895 };
const bytes = (text) => new TextEncoder().encode(text);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const pem = { type: 'spki', format: 'pem' };
const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const strangerRsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const strangerEc = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsaPublic = rsa.publicKey.export(pem);
const withRsa = { policy: { algorithms: ['RS256'] }, key: rsaPublic };
const withEc = { policy: { algorithms: ['ES256'] }, key: ec.publicKey.export(pem) };
const parties = { policy: { preset: 'generic', issuer: 'https://id.test', audience: 'shop' } };
const kustomer = { policy: { preset: 'kustomer' } };
const challenge = { policy: { preset: 'dotdigital' }, nonce: 'n-0S6_WzA2Mj' };

const byJsonwebtoken = (payload = claims, key = secret, options = {}) =>
  jsonwebtoken.sign(payload, key, { noTimestamp: !('iat' in payload), ...options });
const byJose = (payload = claims, key = bytes(secret), alg = 'HS256') =>
  new jose.SignJWT(payload).setProtectedHeader({ alg, typ: 'JWT' }).sign(key);
const byJsrsasign = (payload = claims, key = { utf8: secret }) =>
  KJUR.jws.JWS.sign('HS256', '{"alg":"HS256","typ":"JWT"}', JSON.stringify(payload), key);
const byHand = (encoding) => {
  const parts = [{ alg: 'HS256', typ: 'JWT', x: '>>>???' }, { ...claims, name: '???>>>' }];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString(encoding)).join('.');
  return `${input}.${crypto.createHmac('sha256', secret).update(input).digest(encoding)}`;
};
const byHandEc = (payload) => {
  const input = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(payload)}`;
  return `${input}.${crypto.sign('sha256', Buffer.from(input), ec.privateKey).toString('base64url')}`;
};
const lines = (text) => text.match(/.{1,64}/g).join('\n');
const forChallenge = (nonce) => ({ ...claims, iss: 'i', aud: 'a', nonce });

// [what was done, the finding due, the token, what else is known]
const table = [
  ['jsonwebtoken, no mistake', 'accepted', byJsonwebtoken()],
  ['jose, no mistake', 'accepted', byJose()],
  ['jsrsasign, no mistake', 'accepted', byJsrsasign()],
  ['jose with RSA, no mistake', 'accepted', byJose(claims, rsa.privateKey, 'RS256'), withRsa],

  ['jsonwebtoken, Date.now()', 'time_milliseconds',
    byJsonwebtoken({ ...claims, iat: now * 1000, exp: (now + 900) * 1000 })],
  ['jose, Date.now() for exp', 'time_milliseconds', byJose({ ...claims, exp: (now + 900) * 1000 })],
  ['jsrsasign, times as strings', 'time_string', byJsrsasign({ ...claims, exp: `${now + 900}` })],
  ['jsonwebtoken, local time', 'time_local', byJsonwebtoken({ sub: 'u', iat: now + 7198, exp: now + 8098 })],
  ['jsonwebtoken, expired', 'expired', byJsonwebtoken({ sub: 'u', exp: now - 4000 })],
  ['jose, expired', 'expired', byJose({ sub: 'u', iat: now - 5000, exp: now - 4100 })],
  ['jsonwebtoken, expiresIn negative', 'exp_before_iat',
    byJsonwebtoken({ sub: 'u', iat: now }, secret, { expiresIn: -900 })],

  ['jsrsasign, a bare secret that looks like hex', 'secret_hex_decoded',
    byJsrsasign(claims, hexSecret), { secret: hexSecret }],
  ['jsonwebtoken, Buffer.from(secret, "hex")', 'secret_hex_decoded',
    byJsonwebtoken(claims, Buffer.from(hexSecret, 'hex')), { secret: hexSecret }],
  ['jsonwebtoken, Buffer.from(secret, "base64")', 'secret_base64_decoded',
    byJsonwebtoken(claims, Buffer.from(base64Secret, 'base64')), { secret: base64Secret }],
  ['jose, base64url.decode(secret)', 'secret_base64url_decoded',
    byJose(claims, jose.base64url.decode(base64urlSecret)), { secret: base64urlSecret }],
  ['jose, the secret as the k of a JWK', 'secret_base64url_decoded',
    jose.importJWK({ kty: 'oct', k: base64urlSecret }, 'HS256').then((key) => byJose(claims, key)),
    { secret: base64urlSecret }],
  ['jsrsasign, the secret as b64', 'secret_base64_decoded',
    byJsrsasign(claims, { b64: base64Secret }), { secret: base64Secret }],
  ['jose, btoa(secret)', 'secret_base64_encoded', byJose(claims, bytes(btoa(secret)))],
  ['jsonwebtoken, the line end of a file', 'secret_whitespace', byJsonwebtoken(claims, `${secret}\n`)],
  ['jsonwebtoken, quotes of an .env file', 'secret_quoted', byJsonwebtoken(claims, `"${secret}"`)],
  ['jsrsasign, SECRET_KEY', 'placeholder', byJsrsasign(claims, { utf8: 'SECRET_KEY' })],
  ['jsonwebtoken, somebody else\'s secret', 'key_unknown', byJsonwebtoken(claims, `${secret}!`)],
  ['jsonwebtoken, HS512', 'hmac_hash_differs', byJsonwebtoken(claims, secret, { algorithm: 'HS512' })],

  ['jose, the private key of another pair', 'public_key_mismatch',
    byJose(claims, strangerRsa.privateKey, 'RS256'), withRsa],
  ['jsonwebtoken, the EC key of another pair', 'public_key_mismatch',
    byJsonwebtoken(claims, strangerEc.privateKey, { algorithm: 'ES256' }), withEc],
  ['jsrsasign, the PEM of the public key as a secret', 'secret_is_pem',
    byJsrsasign(claims, { utf8: rsaPublic }), withRsa],
  ['jose, PS256 for RS256', 'signature_pss_vs_pkcs1', byJose(claims, rsa.privateKey, 'PS256'), withRsa],
  ['node:crypto, an ECDSA signature in DER', 'signature_der', byHandEc(claims), withEc],
  ['jsonwebtoken, algorithm none', 'algorithm_none',
    byJsonwebtoken(claims, '', { algorithm: 'none' })],
  ['jose, UnsecuredJWT', 'algorithm_none', new jose.UnsecuredJWT(claims).encode()],
  ['jose, EncryptJWT', 'encrypted_token', new jose.EncryptJWT(claims)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(crypto.randomBytes(32))],

  ['jsonwebtoken, another issuer', 'issuer_wrong',
    byJsonwebtoken({ ...claims, iss: 'https://other.test', aud: 'shop' }), parties],
  ['jsonwebtoken, an issuer with a slash', 'issuer_near_miss',
    byJsonwebtoken({ ...claims, iss: 'https://id.test/', aud: 'shop' }), parties],
  ['jose, another audience', 'audience_wrong',
    byJose({ ...claims, iss: 'https://id.test', aud: ['basket'] }), parties],
  ['jose, <Audience>', 'placeholder',
    byJose({ ...claims, iss: 'https://id.test', aud: '<Audience>' }), parties],
  ['jsrsasign, CURRENT_TIME_UTC', 'placeholder',
    byJsrsasign({ externalId: 'u', iat: 'CURRENT_TIME_UTC' }), kustomer],
  ['jsonwebtoken, externalID', 'claim_misspelled',
    byJsonwebtoken({ externalID: 'u', iat: now }), kustomer],
  ['jose, a number for sub', 'claim_not_text', byJose({ ...claims, sub: 4711 })],
  ['jsrsasign, no sub', 'claim_missing', byJsrsasign({ exp: now + 900 })],
  ['jsrsasign, sub undefined as null', 'claim_empty', byJsrsasign({ ...claims, sub: null })],
  ['jose, for another user', 'identity_other_user', byJose(), { identity: 'user-4712' }],
  ['jose, the nonce encoded again', 'nonce_encoded', byJose(forChallenge(btoa('n-0S6_WzA2Mj'))), challenge],
  ['jsonwebtoken, a nonce made up', 'nonce_unknown', byJsonwebtoken(forChallenge('mine')), challenge],

  ['Bearer pasted', 'bearer_prefix', `Bearer ${byJsonwebtoken()}`],
  ['quotes pasted', 'quoted_token', JSON.stringify(byJsonwebtoken())],
  ['the whole answer pasted', 'json_body', JSON.stringify({ token: byJsonwebtoken() })],
  ['line breaks', 'whitespace', lines(byJsrsasign())],
  ['percent-encoded', 'url_encoded', byJsrsasign().replaceAll('.', '%2E')],
  ['encoded twice', 'double_encoded', btoa(byJsrsasign())],
  ['cut off', 'truncated', byJsrsasign().slice(0, 90)],
  ['standard base64', 'base64_standard', byHand('base64')],
  ['a character added', 'payload_changed', `${byJsrsasign()}!`],
  ['a UUID', 'opaque_token', crypto.randomUUID()],
];

(async () => {
  for (const [name, first, token, known] of table) {
    const given = { policy: { preset: 'generic' }, ...known };
    if (!given.key) given.secret = given.secret ?? secret;
    console.log(JSON.stringify({ name, first, now, token: await token, ...given }));
  }
})();
