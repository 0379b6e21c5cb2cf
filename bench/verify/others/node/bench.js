// Verifies one token again and again with jsonwebtoken (or jose) and prints nanoseconds a verification.
//
//     node bench.js LIBRARY ALG TOKEN_FILE KEY_FILE
//
// SPDX-License-Identifier: Apache-2.0
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';

const [library, alg, tokenFile, keyFile] = process.argv.slice(2);
const token = readFileSync(tokenFile, 'utf8');
const text = readFileSync(keyFile);
const key = alg.startsWith('HS') ? text : createPublicKey(text);
const rules = { issuer: 'https://shop.example', audience: 'countersign', algorithms: [alg] };

const verifiers = {
  jsonwebtoken: async () =>
    jsonwebtoken.verify(token, key, { ...rules, clockTimestamp: 1795262400 }).sub,
  jose: async () =>
    (await jose.jwtVerify(token, key, { ...rules, currentDate: new Date(1795262400000) })).payload.sub,
};

let count = 0;
const start = process.hrtime.bigint();
while (process.hrtime.bigint() - start < 200_000_000n) {
  for (let i = 0; i < 16; i++, count++) {
    if (!(await verifiers[library]())) throw new Error('no subject');
  }
}
console.log(String((process.hrtime.bigint() - start) / BigInt(count)));
