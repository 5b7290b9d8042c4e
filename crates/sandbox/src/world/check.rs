//! What a name may look like.

/// 12 digits.
pub(super) fn account_id(text: &str) -> Result<(), String> {
    let fine = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    ensure(fine, || format!("account ID `{text}` is not 12 digits"))
}

/// An account ID, or the ARN of an IAM user or role.
pub(super) fn trusted(text: &str) -> Result<(), String> {
    let rest = text.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':'));
    match rest {
        Some((account, name)) if name.starts_with("user/") || name.starts_with("role/") => {
            account_id(account)
        }
        Some(_) => Err(format!("`{text}` is not the ARN of a user or role")),
        None => account_id(text),
    }
}

/// Six digits.
pub(super) fn mfa_code(text: &str) -> Result<(), String> {
    let fine = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    ensure(fine, || format!("MFA code `{text}` is not 6 digits"))
}

/// `us-east-1`, `us-gov-west-1`.
pub(super) fn region(text: &str) -> Result<(), String> {
    ensure(is_region(text), || format!("`{text}` is not a region"))
}

/// Whether `text` has a region's shape: words and a number, joined by `-`.
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number =
        parts.next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let words: Vec<_> = parts.collect();
    number
        && words.len() >= 2
        && words.iter().all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
}

/// 1 to 32 letters of `A-Za-z0-9_+=,.@-`, as IAM Identity Center has it.
pub(super) fn permission_set_name(text: &str) -> Result<(), String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    let fine = (1..=32).contains(&text.len()) && text.bytes().all(allowed);
    ensure(fine, || {
        format!("`{text}` is not a permission set's name: 1 to 32 of A-Z a-z 0-9 _+=,.@-")
    })
}

/// `s3:GetObject`, `s3:*`, `*`.
pub(super) fn action(text: &str) -> Result<(), String> {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"*-".contains(&b))
    };
    let fine = text == "*"
        || text.split_once(':').is_some_and(|(service, name)| part(service) && part(name));
    ensure(fine, || format!("`{text}` is not an action such as s3:GetObject or s3:*"))
}

/// 3 to 63 of `a-z0-9.-`.
pub(super) fn bucket_name(text: &str) -> Result<(), String> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
    let fine = (3..=63).contains(&text.len()) && text.bytes().all(allowed);
    ensure(fine, || format!("`{text}` is not a bucket's name: 3 to 63 of a-z 0-9 . -"))
}

/// Any text but the empty one.
pub(super) fn password(text: &str) -> Result<(), String> {
    ensure(!text.is_empty(), || "a password has a letter; leave it out for none".to_owned())
}

/// `https://HOST/...`
pub(super) fn start_url(text: &str) -> Result<(), String> {
    let fine = url::Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    ensure(fine, || format!("start URL `{text}` is not an https URL"))
}

fn ensure(fine: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if fine { Ok(()) } else { Err(message()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        for good in ["us-east-1", "us-gov-west-1", "ap-southeast-12"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "us", "us-1", "us-east", "us-east-1a", "us--1", "US-EAST-1"] {
            assert!(!is_region(bad), "{bad}");
        }
    }

    #[test]
    fn names() {
        assert!(account_id("867530900000").is_ok());
        assert!(account_id("86753090000").is_err());
        assert!(permission_set_name(&"x".repeat(33)).is_err());
        assert!(bucket_name("Not_a_bucket").is_err());
        assert!(start_url("http://d-1.awsapps.com/start").is_err());
    }
}
