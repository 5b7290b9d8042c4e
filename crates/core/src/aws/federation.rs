//! The console's sign-in: role credentials for a token that a browser can show.
//!
//! Asked by POST with a form, so that the credentials are in no address: those stand in
//! the logs of proxies.

use super::{Aws, Fault};
use crate::credentials::RoleCredentials;
use crate::partition::Partition;
use crate::resolve::connection::Service;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use url::form_urlencoded::Serializer;
use vault::Secret;

const OPERATION: &str = "GetSigninToken";

impl Aws {
    /// Where people sign in to the console of a partition: scheme and host, perhaps a path.
    pub fn signin_base(&self, partition: &Partition) -> String {
        match self.connection().endpoint(Service::Signin) {
            Some(endpoint) => endpoint.value.clone(),
            None => format!("https://{}", partition.signin_host()),
        }
    }

    /// A token that is good for one sign-in within a quarter of an hour. Only who has
    /// assumed a role with a user's own keys may ask how long the session lasts.
    ///
    /// # Errors
    /// The service's refusal, or no answer.
    pub async fn signin_token(
        &self,
        base: &str,
        credentials: &RoleCredentials,
        session: Option<SignedDuration>,
    ) -> Result<Secret<String>, Fault> {
        const PAUSE: Duration = Duration::from_millis(300);
        let mut tries = self.connection().max_attempts.max(1);
        loop {
            tries -= 1;
            match self.ask_for_token(base, &form(credentials, session)).await {
                Err(fault) if fault.is_passing() && tries > 0 => tokio::time::sleep(PAUSE).await,
                other => return other,
            }
        }
    }

    async fn ask_for_token(
        &self,
        base: &str,
        form: &Secret<String>,
    ) -> Result<Secret<String>, Fault> {
        let request = http::Request::post(format!("{}/federation", base.trim_end_matches('/')))
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(http::header::ACCEPT, "application/json")
            .header(http::header::USER_AGENT, concat!("daypass/", env!("CARGO_PKG_VERSION")))
            .body(SdkBody::from(form.expose().as_str()))
            .map_err(|error| Fault::garbled(OPERATION, error.to_string()))?;
        let request = HttpRequest::try_from(request)
            .map_err(|error| Fault::garbled(OPERATION, error.to_string()))?;
        let answer = self.wire.call(request).await;
        token(answer.map_err(|error| Fault::of_connector(OPERATION, &error))?).await
    }
}

fn form(credentials: &RoleCredentials, session: Option<SignedDuration>) -> Secret<String> {
    let token = credentials.session_token.as_ref().map(|token| token.expose().as_str());
    let parts = Secret::new(
        json!({
            "sessionId": credentials.access_key_id,
            "sessionKey": credentials.secret_access_key.expose(),
            "sessionToken": token.unwrap_or_default(),
        })
        .to_string(),
    );
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", "getSigninToken").append_pair("Session", parts.expose());
    if let Some(session) = session {
        form.append_pair("SessionDuration", &session.as_secs().to_string());
    }
    Secret::new(form.finish())
}

async fn token(answer: HttpResponse) -> Result<Secret<String>, Fault> {
    if !answer.status().is_success() {
        return Err(Fault::of_status(OPERATION, &answer));
    }
    let body = ByteStream::new(answer.into_body()).collect().await;
    let body = body.map_err(|error| Fault::garbled(OPERATION, error.to_string()))?.into_bytes();
    let mut value: Value = serde_json::from_slice(&body)
        .map_err(|_| Fault::garbled(OPERATION, "it is no JSON".to_owned()))?;
    match value["SigninToken"].take() {
        Value::String(token) if !token.is_empty() => Ok(Secret::new(token)),
        _ => Err(Fault::garbled(OPERATION, "it holds no SigninToken".to_owned())),
    }
}
