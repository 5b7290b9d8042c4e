//! `CreateTokenWithIAM`: for applications that act as themselves. The sandbox has no
//! such applications; everything before that is checked as the real service does.

use serde::Deserialize;

use super::{input, invalid, refusal, required};
use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;
use crate::services::auth::{Dialect, authenticate};
use crate::services::regions;
use crate::state::{AUTHORIZATION_CODE, REFRESH_TOKEN};

const GRANTS: [&str; 4] = [
    AUTHORIZATION_CODE,
    REFRESH_TOKEN,
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
];

/// The members that no refusal needs are there to be known.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "a member that is not named here would be refused")]
struct Input {
    client_id: Option<String>,
    grant_type: Option<String>,
    code: Option<String>,
    refresh_token: Option<String>,
    assertion: Option<String>,
    scope: Option<Vec<String>>,
    redirect_uri: Option<String>,
    subject_token: Option<String>,
    subject_token_type: Option<String>,
    requested_token_type: Option<String>,
    code_verifier: Option<String>,
}

pub(super) fn create_token_with_iam(room: &mut Room, ask: &Ask) -> Result<Answer, Refusal> {
    let denied = |refused: Refusal| refusal("AccessDeniedException", &refused.message);
    authenticate(room, ask, Dialect::Oauth).map_err(denied)?;
    let input: Input = input(ask)?;
    let client = required(input.client_id, "clientId")?;
    let grant = required(input.grant_type, "grantType")?;
    room.journal.subject(&grant);
    if !GRANTS.contains(&grant.as_str()) {
        return Err(refusal("UnsupportedGrantTypeException", "there is no such grant type"));
    }
    if !client.starts_with("arn:aws:sso::") {
        return Err(invalid("clientId is not the ARN of an application"));
    }
    if regions::is_elsewhere(room, ask) {
        let region = room.world.region.clone();
        let text = "the application is in another region";
        return Err(refusal("InvalidRequestRegionException", text)
            .detail("endpoint", format!("https://oidc.{region}.amazonaws.com"))
            .detail("region", region));
    }
    Err(Refusal::new(401, "InvalidClientException", "no application has this ARN"))
}
