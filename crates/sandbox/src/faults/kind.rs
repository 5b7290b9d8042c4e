//! Faults by name, as they are asked for by percentage.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

use super::Fault;
use crate::dice::Dice;
use crate::services::Service;

/// A kind of fault; what exactly it does is rolled when it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The answer comes 0.1 to 2 seconds late.
    Latency,
    /// Throttled, as each service says it, one to four times in a row.
    TooMany,
    /// An internal error, one to four times in a row.
    Internal,
    /// Not available, one to four times in a row.
    Unavailable,
    /// The connection closes before the request takes effect.
    DropBefore,
    /// The connection closes after the request took effect.
    DropAfter,
    /// Half a body that claims to be whole.
    Truncate,
    /// Half a body, then the connection closes.
    CutOff,
    /// A body that is something else entirely.
    Garbage,
    /// The body comes in ten pieces, over half a second.
    Drip,
    /// For this request the sandbox's clock is 20 minutes fast or slow.
    Skew,
    /// The request's access token was revoked a moment ago.
    RevokedToken,
    /// The request's client registration was forgotten a moment ago.
    ForgottenClient,
    /// The request's code expired a moment ago.
    ExpiredCode,
    /// The person denied the device a moment ago.
    DeniedUser,
    /// The request's temporary access key was withdrawn a moment ago.
    RotatedKeys,
}

impl FaultKind {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 16] = [
        (Self::Latency, "latency"),
        (Self::TooMany, "429"),
        (Self::Internal, "500"),
        (Self::Unavailable, "503"),
        (Self::DropBefore, "drop-before"),
        (Self::DropAfter, "drop-after"),
        (Self::Truncate, "truncate"),
        (Self::CutOff, "cut-off"),
        (Self::Garbage, "garbage"),
        (Self::Drip, "drip"),
        (Self::Skew, "skew"),
        (Self::RevokedToken, "revoked-token"),
        (Self::ForgottenClient, "forgotten-client"),
        (Self::ExpiredCode, "expired-code"),
        (Self::DeniedUser, "denied-user"),
        (Self::RotatedKeys, "rotated-keys"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Whether requests of this operation can meet it.
    pub(super) fn concerns(self, service: Service, operation: &str) -> bool {
        match self {
            Self::RevokedToken => service == Service::Portal,
            Self::ForgottenClient => {
                ["CreateToken", "StartDeviceAuthorization"].contains(&operation)
            }
            Self::ExpiredCode | Self::DeniedUser => operation == "CreateToken",
            Self::RotatedKeys => matches!(service, Service::Sts | Service::S3),
            _ => true,
        }
    }

    /// Whether more of it follows.
    pub(super) fn is_storm(self) -> bool {
        matches!(self, Self::TooMany | Self::Internal | Self::Unavailable)
    }

    /// One such fault.
    pub fn fault(self) -> Fault {
        self.rolled(&mut Dice::new(0))
    }

    pub(super) fn rolled(self, dice: &mut Dice) -> Fault {
        match self {
            Self::Latency => Fault::Delay(Duration::from_millis(100 + dice.below(1_900))),
            Self::TooMany => Fault::Storm(429),
            Self::Internal => Fault::Storm(500),
            Self::Unavailable => Fault::Storm(503),
            Self::DropBefore => Fault::DropBefore,
            Self::DropAfter => Fault::DropAfter,
            Self::Truncate => Fault::Truncate,
            Self::CutOff => Fault::CutOff,
            Self::Garbage => Fault::Garbage,
            Self::Drip => Fault::Drip(Duration::from_millis(50)),
            Self::Skew => {
                Fault::Skew(SignedDuration::from_mins(if dice.below(2) == 0 { 20 } else { -20 }))
            }
            Self::RevokedToken => Fault::RevokedToken,
            Self::ForgottenClient => Fault::ForgottenClient,
            Self::ExpiredCode => Fault::ExpiredCode,
            Self::DeniedUser => Fault::DeniedUser,
            Self::RotatedKeys => Fault::RotatedKeys,
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FaultKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind);
        found.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|(_, name)| *name).collect();
            format!("`{text}` is no kind of fault: choose one of {}", names.join(", "))
        })
    }
}

/// A kind of fault that requests meet by chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// What goes wrong.
    pub kind: FaultKind,
    /// In how many of a hundred requests.
    pub percent: f64,
    /// Only requests of this operation; of the services (not the pages) if absent.
    pub operation: Option<String>,
}

impl FromStr for Rate {
    type Err = String;

    /// `KIND=PERCENT` or `KIND:OPERATION=PERCENT`.
    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("`{text}` is not KIND=PERCENT or KIND:OPERATION=PERCENT");
        let (what, percent) = text.split_once('=').ok_or_else(form)?;
        let (kind, operation) = match what.split_once(':') {
            Some((kind, operation)) => (kind, Some(operation.to_owned())),
            None => (what, None),
        };
        let percent = percent.trim_end_matches('%').parse().ok();
        let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
        let percent = percent.ok_or_else(|| format!("`{text}`: a percentage is 0 to 100"))?;
        Ok(Self { kind: kind.parse()?, percent, operation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_kind() {
        for (kind, name) in FaultKind::ALL {
            assert_eq!(name.parse(), Ok(kind));
            assert_eq!(kind.to_string(), name);
        }
        assert!("flood".parse::<FaultKind>().is_err());
    }

    #[test]
    fn rates() {
        let rate: Rate = "drop-after:CreateToken=12.5%".parse().expect("a rate");
        assert_eq!((rate.kind, rate.percent), (FaultKind::DropAfter, 12.5));
        assert_eq!(rate.operation.as_deref(), Some("CreateToken"));
        assert_eq!("503=5".parse::<Rate>().map(|rate| rate.operation), Ok(None));
        for bad in ["503", "503=x", "503=101", "503=-1", "503=NaN", "x=5"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
    }
}
