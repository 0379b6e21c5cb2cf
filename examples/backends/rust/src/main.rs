//! A token endpoint: GET /token?system=appcues&user=alice -> {"token":"…"}.
//!
//! Your backend has already logged the user in; this signs the short token that the SDK in your app
//! presents. In your product the user comes from YOUR login session, never from the query string:
//! whoever may choose `user` may be anyone. Here it is a parameter so that the example runs alone.
//! Nothing secret is logged, and only this machine can connect.
//!
//! SPDX-License-Identifier: Apache-2.0
mod tokens;

use std::collections::HashMap;
use std::env;

use serde_json::{json, Value};
use tiny_http::{Header, Method, Request, Response, Server};
use url::Url;

type Make = fn(&tokens::Config, &str, &str) -> Option<tokens::Signed>;

const SYSTEMS: [(&str, Make); 5] = [
    ("alchemer", |config, user, _| {
        Some(tokens::alchemer(config.alchemer.as_ref()?, user))
    }),
    ("kustomer", |config, user, _| {
        Some(tokens::kustomer(config.kustomer.as_ref()?, user))
    }),
    ("moengage", |config, user, _| {
        Some(tokens::moengage(config.moengage.as_ref()?, user))
    }),
    ("appcues", |config, user, _| {
        Some(tokens::appcues(config.appcues.as_ref()?, user))
    }),
    ("dotdigital", |config, user, nonce| {
        Some(tokens::dotdigital(config.dotdigital.as_ref()?, user, nonce))
    }),
];

fn answer(config: &tokens::Config, url: &Url) -> (u16, Value) {
    let ask: HashMap<_, _> = url.query_pairs().collect();
    let field = |name: &str| ask.get(name).map(AsRef::as_ref).unwrap_or("");
    if url.path() != "/token" {
        return (404, json!({"error": "not_found"}));
    }
    let Some((_, make)) = SYSTEMS.iter().find(|(name, _)| *name == field("system")) else {
        return (404, json!({"error": "unknown_system"}));
    };
    if !["", "jsonwebtoken"].contains(&field("library")) {
        return (404, json!({"error": "unknown_library"}));
    }
    if field("user").is_empty() {
        return (400, json!({"error": "user_missing"}));
    }
    match make(config, field("user"), field("nonce")) {
        Some(Ok(token)) => (200, json!({ "token": token })),
        Some(Err(_)) => (500, json!({"error": "signing_failed"})),
        None => (500, json!({"error": "not_configured"})),
    }
}

fn respond(config: &tokens::Config, request: Request) -> std::io::Result<()> {
    let base = Url::parse("http://127.0.0.1/").expect("a constant");
    let (status, body) = match (request.method(), base.join(request.url())) {
        (Method::Get, Ok(url)) => answer(config, &url),
        _ => (404, json!({"error": "not_found"})),
    };
    let header = |name: &str, value: &str| Header::from_bytes(name, value).expect("a constant");
    let response = Response::from_string(body.to_string())
        .with_status_code(status)
        .with_header(header("Content-Type", "application/json"))
        .with_header(header("Cache-Control", "no-store"));
    request.respond(response)
}

fn main() {
    let port = env::var("PORT").unwrap_or_else(|_| "8090".into());
    let config = tokens::Config::from_environment();
    let server = Server::http(format!("127.0.0.1:{port}")).expect("the port is free");
    println!("listening on http://{}", server.server_addr());
    for request in server.incoming_requests() {
        // A client that went away is its own affair.
        let _ = respond(&config, request);
    }
}
