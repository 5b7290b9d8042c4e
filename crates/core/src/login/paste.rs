//! A login whose answer a person carries back: nothing listens for it.

use super::{Companion, Desk, Invitation, PATIENCE, expired};
use crate::error::{Error, Kind, Result};
use crate::oidc::callback::{Answer, Callback, redirect_uri};
use crate::oidc::pasted;
use crate::oidc::pkce::{self, State, Verifier};
use crate::token::SsoToken;
use std::time::Duration;
use vault::Secret;

/// A person who has pasted that often something else needs to read first.
const TRIES: usize = 5;

impl Desk<'_> {
    pub(super) async fn by_paste(
        &self,
        port: Option<u16>,
        companion: &mut dyn Companion,
    ) -> Result<SsoToken> {
        let port = match port {
            Some(port) => port,
            None => Callback::bind(None).await?.port(),
        };
        let registration = self.known_registration().await?;
        let (verifier, state) = (Verifier::random()?, State::random()?);
        let redirect_uri = redirect_uri(port);
        let url = pkce::authorize_url(
            &self.aws.oidc_endpoint(&self.region).await?,
            &registration.client_id,
            &redirect_uri,
            &state,
            &verifier.challenge(),
            &self.plan.effective_scopes(),
        );
        companion.invite(&Invitation::Paste { url, client: self.client_name(), port })?;
        match answer(companion, port, &state, PATIENCE).await? {
            Answer::Code(code) => self.exchange(code, verifier, redirect_uri, &registration).await,
            Answer::Refused { error, description } => {
                Err(super::refused(&error, description.as_deref().unwrap_or(&error)))
            }
        }
    }
}

/// Asks until it is the answer to this login, or the time is over.
async fn answer(
    companion: &mut dyn Companion,
    port: u16,
    state: &State,
    patience: Duration,
) -> Result<Answer> {
    let asked = tokio::time::timeout(patience, ask(companion, port, state)).await;
    asked.map_err(|_| expired())?
}

async fn ask(companion: &mut dyn Companion, port: u16, state: &State) -> Result<Answer> {
    for _ in 0..TRIES {
        let pasted: Secret<String> = companion.paste().await?;
        match pasted::read(&pasted, port, state) {
            Ok(answer) => return Ok(answer),
            Err(wrong) => companion.remark(&wrong.to_string()),
        }
    }
    Err(Error::new(Kind::LoginFailed, "the address that the browser ended on was not pasted")
        .hint("run the command again, or use --use-device-code, where nothing is pasted"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::Pasting;

    /// Who is asked, and says nothing.
    struct Silent;

    impl Companion for Silent {
        fn invite(&mut self, _: &Invitation) -> Result<()> {
            Ok(())
        }

        fn remark(&mut self, _: &str) {}

        fn paste(&mut self) -> Pasting<'_> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test]
    async fn nobody_is_waited_for_without_end() {
        let (state, patience) = (State::random().unwrap(), Duration::from_millis(10));
        let Err(error) = answer(&mut Silent, 1, &state, patience).await else { panic!() };
        assert_eq!(error.kind(), Kind::LoginFailed);
        assert!(error.next_step().unwrap().contains("ten minutes"), "{error}");
    }
}
