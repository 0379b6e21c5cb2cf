//! Verifies one token again and again with jsonwebtoken and prints nanoseconds a verification.
//!
//!     bench-jsonwebtoken ALG TOKEN_FILE KEY_FILE
//!
//! SPDX-License-Identifier: Apache-2.0
use jsonwebtoken::{decode, Algorithm, DecodingKey, Validation};
use std::{env, fs, str::FromStr, time::Instant};

#[derive(serde::Deserialize)]
struct Claims {
    sub: String,
}

fn main() {
    let args: Vec<String> = env::args().collect();
    let algorithm = Algorithm::from_str(&args[1]).expect("algorithm");
    let token = fs::read_to_string(&args[2]).expect("token");
    let key = fs::read(&args[3]).expect("key");
    let key = match &args[1][..2] {
        "HS" => DecodingKey::from_secret(&key),
        "ES" => DecodingKey::from_ec_pem(&key).expect("key"),
        "Ed" => DecodingKey::from_ed_pem(&key).expect("key"),
        _ => DecodingKey::from_rsa_pem(&key).expect("key"),
    };
    let mut rules = Validation::new(algorithm);
    rules.set_issuer(&["https://shop.example"]);
    rules.set_audience(&["countersign"]);
    rules.validate_exp = false; // the token's clock is fixed; the comparison costs nothing
    rules.set_required_spec_claims(&["sub"]);
    let (start, mut count) = (Instant::now(), 0u32);
    while start.elapsed().as_millis() < 200 {
        for _ in 0..16 {
            let claims = decode::<Claims>(&token, &key, &rules).expect("held").claims;
            assert!(!claims.sub.is_empty());
            count += 1;
        }
    }
    println!("{}", start.elapsed().as_nanos() / u128::from(count));
}
