//! How long a job can go on, and which clock ends it.

use daypass_core::resolve::sso::RolePlan;
use daypass_core::resolve::{CredentialPlan, SessionPlan};
use daypass_core::token::SsoToken;
use daypass_core::{Error, Kind, Result};
use jiff::{SignedDuration, Timestamp};

/// A length of time as people give it: `6h`, `90m`, `1h30m`, `45s`, `2d`, or seconds.
///
/// # Errors
/// What would be right.
pub fn parse(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "give a time such as 6h, 90m, 1h30m or 3600 (seconds)".to_owned();
    let mut seconds: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let count: i64 = rest[..end].parse().map_err(|_| wrong())?;
        let unit = match rest[end..].chars().next() {
            None if end == text.len() => 1,
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => 86_400,
            _ => return Err(wrong()),
        };
        let part = count.checked_mul(unit).ok_or_else(wrong)?;
        seconds = seconds.checked_add(part).ok_or_else(wrong)?;
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    match seconds {
        // A century is more than any credentials live, and a sum that still fits.
        1..=3_155_760_000 => Ok(SignedDuration::from_secs(seconds)),
        _ => Err(wrong()),
    }
}

/// A length of time as people say it, its odd seconds left out.
pub fn words(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let parts = [(days, "d"), (hours, "h"), (minutes, "min")];
    let shown: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if shown.is_empty() { format!("{seconds} s") } else { shown.join(" ") }
}

/// A job that is to be started, and what it is to be started with.
pub struct Job<'a> {
    /// How long it takes at most.
    pub takes: SignedDuration,
    /// Where its credentials come from.
    pub plan: &'a CredentialPlan,
    /// When the first of them end.
    pub expires_at: Option<Timestamp>,
    pub now: Timestamp,
    /// The profile's name between backticks.
    pub profile: String,
}

impl Job<'_> {
    /// With these credentials and no others.
    ///
    /// # Errors
    /// They end before the job.
    pub fn must_fit_credentials(&self) -> Result<()> {
        let Some(end) = self.expires_at else { return Ok(()) };
        let left = end.duration_since(self.now);
        if left >= self.takes {
            return Ok(());
        }
        let whose = self.whose();
        Err(self.refused(Kind::Config, format!("{whose} {}", ends_in(left))))
    }

    /// With credentials that are renewed as long as its login lives. What is not
    /// known about that is returned, to be said.
    ///
    /// # Errors
    /// The login cannot be renewed, and ends before the job.
    pub fn must_fit_login(
        &self,
        login: Option<(&SessionPlan, &SsoToken)>,
    ) -> Result<Option<String>> {
        let Some((session, token)) = login else {
            return match self.plan {
                CredentialPlan::Static(_) => self.must_fit_credentials().map(|()| None),
                _ => Ok(Some(format!("how long {} can be renewed is not known", self.whose()))),
            };
        };
        let Some(end) = end_of_login(token, self.now) else {
            return Ok(Some(format!(
                "the login of {} is renewed as it goes; when your organization ends it is not known",
                session.shown()
            )));
        };
        let login = end.duration_since(self.now);
        let role = self.expires_at.map(|end| end.duration_since(self.now));
        let Some(role) = role.filter(|role| login + *role < self.takes) else { return Ok(None) };
        let why =
            format!("the login of {} {}, and cannot be renewed", session.shown(), ends_in(login));
        let last = format!("the last role session it can get ends {} later", words(role));
        let hint = format!("run `{}` for a new one", session.login_command());
        Err(self.refused(Kind::LoginNeeded, why).because(last).hint(hint))
    }

    fn refused(&self, kind: Kind, why: String) -> Error {
        let takes = words(self.takes);
        Error::new(kind, format!("a job of {takes} cannot finish with profile {}", self.profile))
            .because(why)
    }

    fn whose(&self) -> String {
        match self.plan {
            CredentialPlan::Sso(role) => format!("the role session of {}", role.role_name),
            CredentialPlan::AssumeRole(role) => session_of(&role.role_arn),
            CredentialPlan::WebIdentity(role) => session_of(&role.role_arn),
            CredentialPlan::Static(keys) => format!("the session of the keys in {}", keys.origin),
            CredentialPlan::Kept(key) => format!("the session of access key `{}`", key.keys.value),
            CredentialPlan::Process(process) => {
                format!("what the credential_process of `{}` prints", process.profile)
            }
            CredentialPlan::Surroundings => "the session of this machine's role".to_owned(),
        }
    }
}

fn session_of(role_arn: &str) -> String {
    format!("the role session of {}", role_arn.rsplit('/').next().unwrap_or(role_arn))
}

fn ends_in(left: SignedDuration) -> String {
    match left.is_positive() {
        true => format!("ends in {}", words(left)),
        false => "has ended".to_owned(),
    }
}

/// The login that credentials hang on, through any chain of roles.
pub fn login(plan: &CredentialPlan) -> Option<&RolePlan> {
    match plan {
        CredentialPlan::Sso(role) => Some(role),
        CredentialPlan::AssumeRole(role) => login(&role.source),
        _ => None,
    }
}

/// Whether somebody has to type a code.
pub fn asks_a_person(plan: &CredentialPlan) -> bool {
    match plan {
        CredentialPlan::AssumeRole(role) => {
            role.mfa_serial.is_some() || asks_a_person(&role.source)
        }
        _ => false,
    }
}

/// When nothing can be got with this token any more; `None` where that is not known.
/// A client registration that ends takes the refreshing with it.
fn end_of_login(token: &SsoToken, now: Timestamp) -> Option<Timestamp> {
    let registration = token.registration.as_ref().filter(|_| token.refresh_token.is_some());
    match registration.map(|registration| registration.expires_at) {
        None => Some(token.expires_at),
        Some(Some(end)) if end <= now => Some(token.expires_at),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daypass_core::resolve::Origin;
    use daypass_core::resolve::credentials::StaticKeys;
    use vault::Secret;

    #[test]
    fn times_as_people_give_them() {
        let seconds = |text| parse(text).map(|time| time.as_secs());
        for (text, expected) in
            [("6h", 21_600), ("90m", 5400), ("3600", 3600), ("1h30m", 5400), ("2d", 172_800)]
        {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for bad in ["", "0", "h", "6 h", "-1", "1.5h", "6x", "1h30", "99999999999999999999h", "ß"]
        {
            parse(bad).expect_err(bad);
        }
    }

    #[test]
    fn times_as_people_say_them() {
        for (seconds, said) in [
            (7139, "1 h 58 min"),
            (3600, "1 h"),
            (90_000, "1 d 1 h"),
            (59, "59 s"),
            (0, "0 s"),
            (-5, "0 s"),
        ] {
            assert_eq!(words(SignedDuration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn long_lived_keys_have_no_clock_and_short_ones_are_named() {
        let now = Timestamp::UNIX_EPOCH;
        let plan = CredentialPlan::Static(StaticKeys {
            access_key_id: "ASIA".into(),
            secret_access_key: Secret::from("secret"),
            session_token: None,
            expiration: None,
            origin: Origin::Variable("AWS_ACCESS_KEY_ID"),
            method: "env",
        });
        let fits = |expiration: Option<i64>| {
            let expires_at = expiration.map(|end| Timestamp::from_second(end).unwrap());
            let takes = SignedDuration::from_hours(1);
            let profile = "`p`".to_owned();
            let job = Job { takes, plan: &plan, expires_at, now, profile };
            // Keys at hand are not renewed, whoever serves them.
            assert_eq!(job.must_fit_login(None).is_ok(), job.must_fit_credentials().is_ok());
            job.must_fit_credentials().map_err(|error| error.to_string())
        };
        fits(None).unwrap();
        fits(Some(3600)).unwrap();
        assert_eq!(
            fits(Some(3599)).unwrap_err(),
            "a job of 1 h cannot finish with profile `p`: \
             the session of the keys in AWS_ACCESS_KEY_ID ends in 59 min"
        );
        assert!(fits(Some(-1)).unwrap_err().ends_with("AWS_ACCESS_KEY_ID has ended"));
    }
}
