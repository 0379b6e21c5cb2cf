//! The five systems' tokens, made with the `jsonwebtoken` crate, which takes a secret's bytes as
//! they are (from_secret; from_base64_secret would decode them) and adds `typ: JWT` itself.
//!
//! SPDX-License-Identifier: Apache-2.0
use std::env;
use std::fs;

use jsonwebtoken::errors::Result;
use jsonwebtoken::{encode, get_current_timestamp, Algorithm, EncodingKey, Header};
use serde_json::{json, Value};

pub type Signed = Result<String>;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

pub struct Secret(String);
pub struct PrivateKey(EncodingKey);
pub struct Appcues {
    account: String,
    secret: String,
}
pub struct Dotdigital {
    issuer: String,
    audience: String,
    secret: String,
}

/// Everything secret, read once from the environment. `None`: that system is not configured.
pub struct Config {
    pub alchemer: Option<Secret>,
    pub kustomer: Option<Secret>,
    pub moengage: Option<PrivateKey>,
    pub appcues: Option<Appcues>,
    pub dotdigital: Option<Dotdigital>,
}

impl Config {
    pub fn from_environment() -> Config {
        let get = |name| env::var(name).ok();
        Config {
            alchemer: get("ALCHEMER_SECRET").map(Secret),
            kustomer: get("KUSTOMER_SECRET").map(Secret),
            moengage: get("MOENGAGE_PRIVATE_KEY_FILE").map(|file| read_private_key(&file)),
            appcues: get("APPCUES_ACCOUNT")
                .zip(get("APPCUES_SECRET"))
                .map(|(account, secret)| Appcues { account, secret }),
            dotdigital: get("DOTDIGITAL_ISSUER")
                .zip(get("DOTDIGITAL_AUDIENCE"))
                .zip(get("DOTDIGITAL_SECRET"))
                .map(|((issuer, audience), secret)| Dotdigital {
                    issuer,
                    audience,
                    secret,
                }),
        }
    }
}

fn read_private_key(file: &str) -> PrivateKey {
    let pem = fs::read(file).expect("the private key file can be read");
    PrivateKey(EncodingKey::from_rsa_pem(&pem).expect("it holds an RSA private key in PEM"))
}

fn sign(algorithm: Algorithm, claims: &Value, key: &EncodingKey) -> Signed {
    encode(&Header::new(algorithm), claims, key)
}

/// HS512, sub and iat; exp is optional and at most 30 days after iat.
pub fn alchemer(Secret(secret): &Secret, user: &str) -> Signed {
    let now = get_current_timestamp();
    let claims = json!({"sub": user, "iat": now, "exp": now + 3 * DAY});
    sign(
        Algorithm::HS512,
        &claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
}

/// HS256 with typ JWT; externalId (or email, which wins); iat within 15 minutes.
pub fn kustomer(Secret(secret): &Secret, user: &str) -> Signed {
    let claims = json!({"externalId": user, "iat": get_current_timestamp()});
    sign(
        Algorithm::HS256,
        &claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
}

/// RS256 with your own key pair; only the public key is in the dashboard.
pub fn moengage(PrivateKey(key): &PrivateKey, user: &str) -> Signed {
    let now = get_current_timestamp();
    let claims = json!({"sub": user, "iat": now, "exp": now + HOUR});
    sign(Algorithm::RS256, &claims, key)
}

/// HS256; iss is the account, sub the user; nothing else is needed.
pub fn appcues(config: &Appcues, user: &str) -> Signed {
    let claims = json!({
        "iss": config.account,
        "sub": user,
        "exp": get_current_timestamp() + 15 * MINUTE,
    });
    sign(
        Algorithm::HS256,
        &claims,
        &EncodingKey::from_secret(config.secret.as_bytes()),
    )
}

/// HS256; the nonce is the one the SDK got with its challenge.
pub fn dotdigital(config: &Dotdigital, user: &str, nonce: &str) -> Signed {
    let now = get_current_timestamp();
    let claims = json!({
        "nonce": nonce,
        "sub": user,
        "aud": config.audience,
        "iss": config.issuer,
        "iat": now,
        "exp": now + 30 * DAY,
    });
    sign(
        Algorithm::HS256,
        &claims,
        &EncodingKey::from_secret(config.secret.as_bytes()),
    )
}
