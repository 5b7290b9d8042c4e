//! The four services. Each turns a request into an answer and refuses in its own
//! dialect; none knows about sockets.

mod auth;
pub(crate) mod federation;
pub(crate) mod oidc;
pub(crate) mod portal;
mod regions;
pub(crate) mod s3;
pub(crate) mod sts;
mod xml;

pub(crate) use s3::{Algorithm, Checksum};

use crate::http::{Answer, Ask, Refusal};
use crate::room::Room;

/// One service, on its own port: S3 and STS both answer `/`, and a client that
/// sends portal requests to sso-oidc should notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Oidc,
    Portal,
    Sts,
    S3,
}

/// What a route that leads nowhere is called.
pub(crate) const UNKNOWN: &str = "Unknown";

impl Service {
    /// The operation a request asks for, by its AWS name.
    pub(crate) fn operation(self, ask: &Ask) -> String {
        match self {
            Self::Oidc => oidc::operation(ask).to_owned(),
            Self::Portal => portal::operation(ask).to_owned(),
            Self::Sts => sts::operation(ask),
            Self::S3 => s3::operation(ask).to_owned(),
        }
    }

    /// Whether the path can begin with the prefix of a world: not where it is a key.
    pub(crate) fn has_prefixes(self, ask: &Ask) -> bool {
        self != Self::S3 || !s3::is_virtual(ask)
    }

    /// Does what is asked.
    pub(crate) fn answer(self, room: &mut Room, operation: &str, ask: &Ask) -> Answer {
        let result = match self {
            Self::Oidc => oidc::answer(room, operation, ask),
            Self::Portal => portal::answer(room, operation, ask),
            Self::Sts => sts::answer(room, operation, ask),
            Self::S3 => s3::answer(room, operation, ask),
        };
        result.unwrap_or_else(|refusal| self.refuse(operation, ask, refusal))
    }

    /// Writes an error as this service does.
    pub(crate) fn refuse(self, operation: &str, ask: &Ask, refusal: Refusal) -> Answer {
        match self {
            Self::Oidc => oidc::refuse(operation, refusal),
            Self::Portal => portal::refuse(refusal),
            Self::Sts => sts::refuse(refusal),
            Self::S3 => s3::refuse(ask, refusal),
        }
    }
}
