// The five systems' tokens, made with `jsonwebtoken`, which adds `iat` and `typ` by itself and
// takes a secret's text as its UTF-8 bytes.
// SPDX-License-Identifier: Apache-2.0
'use strict';
const jwt = require('jsonwebtoken');

// Alchemer: HS512, sub and iat; exp is optional and at most 30 days after iat.
exports.alchemer = ({ secret }, user) =>
  jwt.sign({ sub: user }, secret, { algorithm: 'HS512', expiresIn: '3d' });

// Kustomer: HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes.
exports.kustomer = ({ secret }, user) =>
  jwt.sign({ externalId: user }, secret, { header: { alg: 'HS256', typ: 'JWT' } });

// MoEngage: RS256 with your own key pair; only the public key is in the dashboard.
exports.moengage = ({ privateKey }, user) =>
  jwt.sign({ sub: user }, privateKey, { algorithm: 'RS256', expiresIn: '1h' });

// Appcues: HS256; iss is the account, sub the user.
exports.appcues = ({ account, secret }, user) =>
  jwt.sign({}, secret, { algorithm: 'HS256', issuer: account, subject: user, expiresIn: '15m' });

// Dotdigital: HS256; the nonce is the one the SDK got with its challenge.
exports.dotdigital = ({ issuer, audience, secret }, user, nonce) =>
  jwt.sign({ nonce }, secret, { algorithm: 'HS256', issuer, audience, subject: user, expiresIn: '1d' });
