//! Credentials of the place this runs in: a container's endpoint, an instance's
//! role. The SDK's own providers ask for them.

use crate::aws::Aws;
use crate::credentials::{Provided, RoleCredentials};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_credential_types::provider::ProvideCredentials;
use jiff::Timestamp;
use vault::Secret;

/// Asks the container's endpoint if one is announced, else the instance.
pub(super) async fn find(host: &Host, aws: &Aws) -> Result<Provided> {
    let config = aws.provider_config();
    let container =
        ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    if host.vars.first(&container).is_some() {
        let provider = EcsCredentialsProvider::builder().configure(&config).build();
        let found = provider.provide_credentials().await;
        return found.map(|c| taken(&c, "container-role")).map_err(|error| {
            let why = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), ToString::to_string);
            Error::new(Kind::Network, "the container's credentials endpoint gave none").because(why)
        });
    }
    if !host.vars.is_true("AWS_EC2_METADATA_DISABLED") {
        let provider = ImdsCredentialsProvider::builder().configure(&config).build();
        if let Ok(found) = provider.provide_credentials().await {
            return Ok(taken(&found, "iam-role"));
        }
    }
    Err(Error::new(Kind::Config, "Unable to locate credentials")
        .because("no profile, variable, container or instance gives any")
        .hint("run `daypass configure sso`, or name a profile with --profile"))
}

fn taken(found: &aws_credential_types::Credentials, method: &'static str) -> Provided {
    let credentials = RoleCredentials {
        access_key_id: found.access_key_id().to_owned(),
        secret_access_key: Secret::from(found.secret_access_key()),
        session_token: found.session_token().map(Secret::from),
        expiration: found.expiry().and_then(|time| Timestamp::try_from(time).ok()),
        account_id: None,
    };
    Provided { credentials, method, origin: None }
}
