// The five systems' tokens, made with `jsrsasign`.
//
// jsrsasign reads a secret that looks like hexadecimal AS hexadecimal. {utf8: secret} stops that;
// without it the token of such a secret is refused with signature_invalid.
// SPDX-License-Identifier: Apache-2.0
'use strict';
const { KJUR, KEYUTIL } = require('jsrsasign');

const at = (when) => KJUR.jws.IntDate.get(when);

function sign(header, payload, key) {
  return KJUR.jws.JWS.sign(header.alg, JSON.stringify(header), JSON.stringify(payload), key);
}

// Alchemer: HS512, sub and iat; exp is optional and at most 30 days after iat.
exports.alchemer = ({ secret }, user) =>
  sign(
    { alg: 'HS512', typ: 'JWT' },
    { sub: user, iat: at('now'), exp: at('now + 1day') },
    { utf8: secret },
  );

// Kustomer: HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes.
exports.kustomer = ({ secret }, user) =>
  sign({ alg: 'HS256', typ: 'JWT' }, { externalId: user, iat: at('now') }, { utf8: secret });

// MoEngage: RS256 with your own key pair; only the public key is in the dashboard.
exports.moengage = ({ privateKey }, user) =>
  sign(
    { alg: 'RS256', typ: 'JWT' },
    { sub: user, iat: at('now'), exp: at('now + 1hour') },
    KEYUTIL.getKey(privateKey),
  );

// Appcues: HS256; iss is the account, sub the user.
exports.appcues = ({ account, secret }, user) =>
  sign(
    { alg: 'HS256', typ: 'JWT' },
    { iss: account, sub: user, exp: at('now + 1hour') },
    { utf8: secret },
  );

// Dotdigital: HS256; the nonce is the one the SDK got with its challenge.
exports.dotdigital = ({ issuer, audience, secret }, user, nonce) => {
  const tNow = at('now');
  const tEnd = at('now + 1day');
  return sign(
    { alg: 'HS256', typ: 'JWT' },
    { sub: user, nonce, aud: audience, iss: issuer, iat: tNow, exp: tEnd },
    { utf8: secret },
  );
};
