//! The calls of a login: two settings, the start URL and the SSO region, are behind most
//! of what fails here, and the service names neither.

use super::retold;
use crate::aws::Fault;
use crate::error::Error;
use crate::names::Region;
use crate::resolve::SessionPlan;
use crate::resolve::sso::shell_word;
use jiff::Timestamp;

const AGAIN: &str = "run the command again";

/// A fault of a login's own calls; `region` is the one that was asked.
pub(crate) fn login(plan: &SessionPlan, region: &Region, fault: Fault, now: Timestamp) -> Error {
    let is = |codes: [&str; 2]| codes.iter().any(|code| fault.is(code));
    if fault.detail("reason").is_some_and(|reason| reason.starts_with("KMS")) {
        let message =
            "IAM Identity Center cannot use the key that your organization encrypts it with";
        return retold(fault, now, message).hint("tell your administrator what AWS said");
    }
    if is(["InvalidRequestRegionException", "invalid_request_region"]) {
        return elsewhere(plan, region, fault, now);
    }
    if is(["InvalidRequestException", "invalid_request"]) {
        return mismatch(plan, region, fault, now);
    }
    if is(["InvalidGrantException", "invalid_grant"]) {
        return retold(
            fault,
            now,
            "the login came back, and IAM Identity Center does not accept it",
        )
        .because("what the browser brings may be used once, and within minutes")
        .hint(AGAIN);
    }
    if is(["InvalidScopeException", "invalid_scope"]) {
        let scopes = plan.effective_scopes().join(", ");
        return retold(fault, now, "IAM Identity Center does not know one of the scopes")
            .because(format!("sso_registration_scopes is {scopes}"))
            .hint("remove the key sso_registration_scopes, or write `sso:account:access`");
    }
    if is(["InvalidClientException", "invalid_client"])
        || is(["UnauthorizedClientException", "unauthorized_client"])
    {
        return retold(fault, now, "IAM Identity Center has forgotten this client's registration")
            .because("the cached one is removed: the next login makes another")
            .hint(AGAIN);
    }
    fault.into_error(now).hint(AGAIN)
}

/// The service knows better, and says where.
fn elsewhere(plan: &SessionPlan, region: &Region, fault: Fault, now: Timestamp) -> Error {
    let there = fault.detail("region").and_then(|name| Region::parse(name).ok());
    let error = mismatch_without_hint(plan, region, fault, now);
    match (there, &plan.name) {
        (Some(there), Some(session)) => error
            .because(format!("the start URL belongs to {there}"))
            .hint(format!(
                "run `daypass configure set sso_region {there} --sso-session {}`, then log in again",
                shell_word(session.as_str())
            )),
        (Some(there), None) => error.hint(format!("set sso_region to {there}")),
        (None, _) => error.hint(CHECK),
    }
}

const CHECK: &str = "check the start URL, letter by letter, and the SSO region: it is where Identity Center lives, not where your data is";

fn mismatch(plan: &SessionPlan, region: &Region, fault: Fault, now: Timestamp) -> Error {
    mismatch_without_hint(plan, region, fault, now).hint(CHECK)
}

fn mismatch_without_hint(
    plan: &SessionPlan,
    region: &Region,
    fault: Fault,
    now: Timestamp,
) -> Error {
    let message = format!("IAM Identity Center in {region} does not know this start URL");
    retold(fault, now, message)
        .because(format!("sso_region is {region} ({})", plan.region.origin))
        .because(format!("sso_start_url is {} ({})", plan.start_url.value, plan.start_url.origin))
}

#[cfg(test)]
mod tests {
    use super::super::tests::fault;
    use super::*;
    use crate::aws::Cause;
    use crate::error::Kind;
    use crate::names::SessionName;
    use crate::resolve::sso::Keeping;
    use crate::resolve::{Origin, Sourced};
    use crate::start_url::StartUrl;

    fn plan() -> SessionPlan {
        let url = StartUrl::parse("https://d-9067c5bbc5.awsapps.com/start").unwrap();
        SessionPlan {
            name: Some(SessionName::parse("corp").unwrap()),
            start_url: Sourced::new(url, Origin::Default),
            region: Sourced::new(Region::parse("us-west-2").unwrap(), Origin::Default),
            scopes: None,
            keeping: Keeping::Shared,
            profile: None,
        }
    }

    fn explained(code: &str, details: &[(&str, &str)]) -> Error {
        let mut fault = fault("CreateToken", 400, code);
        if let Cause::Answer(answer) = &mut fault.cause {
            answer.details =
                details.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        }
        let plan = plan();
        login(&plan, &plan.region.value, fault, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_region_that_the_service_names_is_in_the_command() {
        let error = explained("InvalidRequestRegionException", &[("region", "us-east-1")]);
        assert!(error.message().contains("in us-west-2 does not know"), "{error}");
        let hint = "run `daypass configure set sso_region us-east-1 --sso-session corp`, \
                    then log in again";
        assert_eq!(error.next_step(), Some(hint));
        let odd = explained("InvalidRequestRegionException", &[("region", "$(reboot)")]);
        assert_eq!(odd.next_step(), Some(CHECK));
    }

    #[test]
    fn each_refusal_says_what_to_do_and_keeps_the_service_s_words() {
        for (code, words) in [
            ("InvalidRequestException", "does not know this start URL"),
            ("InvalidGrantException", "does not accept it"),
            ("InvalidScopeException", "one of the scopes"),
            ("InvalidClientException", "registration"),
        ] {
            let error = explained(code, &[]);
            assert!(error.message().contains(words), "{error}");
            assert!(error.words_of_service().unwrap().contains(code), "{error}");
            assert!(error.next_step().is_some() && error.kind() == Kind::Service);
        }
        let kms = explained("InvalidRequestException", &[("reason", "KMS_NotFoundException")]);
        assert!(kms.message().contains("encrypts"), "{kms}");
    }
}
