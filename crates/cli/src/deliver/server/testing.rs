//! What the tests of the server share.

use daypass_core::credentials::RoleCredentials;
use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use vault::Secret;

pub fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub fn credentials(expiration: Option<i64>) -> RoleCredentials {
    RoleCredentials {
        access_key_id: "ASIAEXAMPLE".to_owned(),
        secret_access_key: Secret::from("the-secret"),
        session_token: Some(Secret::from("the-session-token")),
        expiration: expiration.map(time),
        account_id: Some("867530900000".to_owned()),
    }
}

/// The JSON of a reply.
pub fn body(reply: super::reply::Reply) -> serde_json::Value {
    use http_body_util::BodyExt;
    let bytes = runtime().block_on(reply.into_body().collect()).unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap()
}
