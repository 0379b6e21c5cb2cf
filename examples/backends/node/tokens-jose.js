// The five systems' tokens, made with `jose`.
// SPDX-License-Identifier: Apache-2.0
'use strict';
const jose = require('jose');

// Every one of these secrets is text: its UTF-8 bytes are the key, as they are.
const bytes = (secret) => new TextEncoder().encode(secret);

// Alchemer: HS512, sub and iat; exp is optional and at most 30 days after iat.
exports.alchemer = ({ secret }, user) =>
  new jose.SignJWT({})
    .setProtectedHeader({ alg: 'HS512' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime('3d')
    .sign(bytes(secret));

// Kustomer: HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes.
exports.kustomer = ({ secret }, user) =>
  new jose.SignJWT({ externalId: user })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .sign(bytes(secret));

// MoEngage: RS256 with your own key pair; only the public key is in the dashboard.
exports.moengage = async ({ privateKey }, user) =>
  new jose.SignJWT({})
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(await jose.importPKCS8(privateKey, 'RS256'));

// Appcues: HS256; iss is the account, sub the user; nothing else is needed.
exports.appcues = ({ account, secret }, user) =>
  new jose.SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(account)
    .setSubject(user)
    .setExpirationTime('1h')
    .sign(bytes(secret));

// Dotdigital: HS256; the nonce is the one the SDK got with its challenge.
exports.dotdigital = ({ issuer, audience, secret }, user, nonce) =>
  new jose.SignJWT({ nonce })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(user)
    .setAudience(audience)
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime('1d')
    .sign(bytes(secret));
