// Signs and verifies with the three JavaScript libraries, one request a line: see ../README.md.
// SPDX-License-Identifier: Apache-2.0
'use strict';
const fs = require('node:fs');
const readline = require('node:readline');
const jose = require('jose');
const jsonwebtoken = require('jsonwebtoken');
const { KJUR, KEYUTIL } = require('jsrsasign');

const isHmac = (alg) => alg.startsWith('HS');
const joseKey = async (alg, text, load) =>
  isHmac(alg) ? new TextEncoder().encode(text) : load(text, alg);

const jsrsasign = {
  key: (alg, text) => (isHmac(alg) ? { utf8: text } : KEYUTIL.getKey(text)),
  signWith: (alg, key, header, claims) =>
    KJUR.jws.JWS.sign(alg, JSON.stringify({ alg, ...header }), JSON.stringify(claims), key),
};

const sign = {
  jose: async (alg, text, header, claims) =>
    new jose.SignJWT(claims)
      .setProtectedHeader({ alg, ...header })
      .sign(await joseKey(alg, text, jose.importPKCS8)),
  // The mistake: the secret's text given where a JWK wants it base64url-encoded.
  'jose:as-jwk': async (alg, text, header, claims) =>
    new jose.SignJWT(claims)
      .setProtectedHeader({ alg, ...header })
      .sign(await jose.importJWK({ kty: 'oct', k: text }, alg)),
  // It adds `iat` unless it is told not to, and then takes one that is there away.
  jsonwebtoken: (alg, text, header, claims) =>
    jsonwebtoken.sign(claims, text, { algorithm: alg, header, noTimestamp: !('iat' in claims) }),
  jsrsasign: (alg, text, header, claims) =>
    jsrsasign.signWith(alg, jsrsasign.key(alg, text), header, claims),
  // The mistake Dotdigital's document warns of: a secret that looks like hex, without {utf8: …}.
  'jsrsasign:bare': (alg, text, header, claims) => jsrsasign.signWith(alg, text, header, claims),
};

const verify = {
  jose: async (alg, text, token) =>
    jose.jwtVerify(token, await joseKey(alg, text, jose.importSPKI), { algorithms: [alg] }),
  jsonwebtoken: (alg, text, token) => jsonwebtoken.verify(token, text, { algorithms: [alg] }),
  jsrsasign: (alg, text, token) => {
    if (!KJUR.jws.JWS.verify(token, jsrsasign.key(alg, text), [alg])) throw new Error('refused');
  },
};

async function answer([verb, library, alg, file, ...rest]) {
  const text = fs.readFileSync(file, 'utf8');
  if (verb === 'sign') return sign[library](alg, text, JSON.parse(rest[0]), JSON.parse(rest[1]));
  await verify[library](alg, text, rest[0]);
  return 'ok';
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const fields = line.split('\t');
    const failed = fields[0] === 'sign' ? 'error' : 'refused';
    console.log(await answer(fields).catch(() => failed));
  }
})();
