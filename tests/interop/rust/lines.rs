//! Signs and verifies with the `jsonwebtoken` crate, one request a line: see ../README.md.
//!
//! SPDX-License-Identifier: Apache-2.0
use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::io::{stdin, BufRead};

use jsonwebtoken::{decode, encode, Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::Value;

type Answer = Result<String, Box<dyn Error>>;

fn sign(library: &str, alg: &str, text: &[u8], header: &str, claims: &str) -> Answer {
    let mut whole: Value = serde_json::from_str(header)?;
    whole["alg"] = alg.into();
    let header: Header = serde_json::from_value(whole)?;
    let claims: Value = serde_json::from_str(claims)?;
    let key = match (&alg[..2], library) {
        // The mistake: the constructor that base64-decodes, given the secret's text.
        ("HS", "jsonwebtoken:base64") => {
            EncodingKey::from_base64_secret(std::str::from_utf8(text)?)?
        }
        ("HS", _) => EncodingKey::from_secret(text),
        ("ES", _) => EncodingKey::from_ec_pem(text)?,
        ("Ed", _) => EncodingKey::from_ed_pem(text)?,
        _ => EncodingKey::from_rsa_pem(text)?,
    };
    Ok(encode(&header, &claims, &key)?)
}

fn verify(alg: &str, text: &[u8], token: &str) -> Answer {
    let algorithm: Algorithm = alg.parse()?;
    let key = match &alg[..2] {
        "HS" => DecodingKey::from_secret(text),
        "ES" => DecodingKey::from_ec_pem(text)?,
        "Ed" => DecodingKey::from_ed_pem(text)?,
        _ => DecodingKey::from_rsa_pem(text)?,
    };
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims = HashSet::new();
    validation.validate_aud = false;
    decode::<Value>(token, &key, &validation)?;
    Ok("ok".into())
}

fn answer(fields: &[&str]) -> Answer {
    match fields {
        ["sign", library, alg, file, header, claims] => {
            sign(library, alg, &fs::read(file)?, header, claims)
        }
        ["verify", _, alg, file, token] => verify(alg, &fs::read(file)?, token),
        _ => Err("a malformed line".into()),
    }
}

fn main() {
    for line in stdin().lock().lines() {
        let line = line.expect("standard input is text");
        let fields: Vec<_> = line.split('\t').collect();
        let failed = if fields[0] == "sign" {
            "error"
        } else {
            "refused"
        };
        println!("{}", answer(&fields).unwrap_or_else(|_| failed.into()));
    }
}
