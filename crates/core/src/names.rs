//! Names, parsed once at the edge and trusted after.

use crate::error::{Error, Kind, Result, quoted};
use std::fmt;

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// An AWS account: 12 digits. A string, since leading zeros count.
    AccountId
}
name! {
    /// What a permission set is called in the portal; case counts.
    RoleName
}
name! {
    /// The name of an `[sso-session NAME]` section; it names the token's file.
    SessionName
}
name! {
    /// An AWS region such as `us-east-1`; it becomes part of host names.
    Region
}

impl AccountId {
    /// Takes 12 digits, blanks around them removed.
    ///
    /// # Errors
    /// [`Kind::Config`] for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let id = text.trim();
        if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(id.to_owned()));
        }
        let message = format!("{} is not an AWS account ID", quoted(id));
        Err(Error::new(Kind::Config, message).because("an account ID has 12 digits"))
    }
}

impl RoleName {
    /// Takes any role name without control characters, blanks around it removed.
    ///
    /// # Errors
    /// [`Kind::Config`] for an empty one or one with control characters.
    pub fn parse(text: &str) -> Result<Self> {
        plain(text, "role name").map(Self)
    }
}

impl SessionName {
    /// Takes any section name that can be written into the config file.
    ///
    /// # Errors
    /// [`Kind::Config`] for an empty one, or one with `]` or control characters.
    pub fn parse(text: &str) -> Result<Self> {
        let name = plain(text, "sso-session name")?;
        if name.contains(']') {
            let message = format!("{} cannot name an sso-session", quoted(&name));
            return Err(Error::new(Kind::Config, message).because("`]` ends the section's header"));
        }
        Ok(Self(name))
    }
}

impl Region {
    /// Takes letters, digits and `-`, as every AWS region has them.
    ///
    /// # Errors
    /// [`Kind::Profile`] for anything else: the text would become a host name.
    pub fn parse(text: &str) -> Result<Self> {
        let region = text.trim();
        let fits = (1..=63).contains(&region.len());
        let edge = !region.starts_with('-') && !region.ends_with('-');
        if fits && edge && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Ok(Self(region.to_owned()));
        }
        let message = format!("{} is not a region", quoted(region));
        Err(Error::new(Kind::Profile, message).hint("a region looks like `us-east-1`"))
    }
}

fn plain(text: &str, what: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() {
        return Err(Error::new(Kind::Config, format!("the {what} is empty")));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::new(Kind::Config, format!("the {what} has control characters")));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_keeps_its_zeros_and_nothing_else() {
        assert_eq!(AccountId::parse(" 000000000042 ").unwrap().as_str(), "000000000042");
        for bad in ["", "42", "86753090000a", "8675309000000", "８６７５３０９０００００"]
        {
            AccountId::parse(bad).unwrap_err();
        }
    }

    #[test]
    fn a_region_cannot_smuggle_a_host_name() {
        Region::parse("us-gov-west-1").unwrap();
        for bad in ["", "us-east-1.evil.example", "us east", "-a", "a-", "us-east-1 ; c", "x/y"] {
            Region::parse(bad).unwrap_err();
        }
    }

    #[test]
    fn a_session_name_fits_in_a_header() {
        SessionName::parse("team a").unwrap();
        for bad in ["", "  ", "a]b", "a\nb"] {
            SessionName::parse(bad).unwrap_err();
        }
    }
}
