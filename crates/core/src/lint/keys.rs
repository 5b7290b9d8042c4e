//! Keys that look like another one.

use super::{Finding, Severity, Source, Verdict};
use awsconfig::SectionName;

/// Keys that the AWS CLI or an SDK reads in a profile, an sso-session or a services
/// section, and our own.
pub(super) const KNOWN: [&str; 62] = [
    "account_id_endpoint_mode",
    "api_versions",
    "auth_scheme_preference",
    "aws_access_key_id",
    "aws_account_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "ca_bundle",
    "cli_auto_prompt",
    "cli_binary_format",
    "cli_follow_urlparam",
    "cli_help_output",
    "cli_history",
    "cli_pager",
    "cli_timestamp_format",
    "credential_process",
    "credential_source",
    "default_s3_uri",
    "defaults_mode",
    "disable_request_compression",
    "duration_seconds",
    "ec2_metadata_service_endpoint",
    "ec2_metadata_service_endpoint_mode",
    "ec2_metadata_v1_disabled",
    "endpoint_discovery_enabled",
    "endpoint_url",
    "external_id",
    "ignore_configured_endpoint_urls",
    "login_session",
    "max_attempts",
    "metadata_service_num_attempts",
    "metadata_service_timeout",
    "mfa_serial",
    "output",
    "parameter_validation",
    "region",
    "request_checksum_calculation",
    "request_min_compression_size_bytes",
    "response_checksum_validation",
    "retry_mode",
    "role_arn",
    "role_session_name",
    "s3",
    "s3_disable_multiregion_access_points",
    "s3_us_east_1_regional_endpoint",
    "s3_use_arn_region",
    "sdk_ua_app_id",
    "services",
    "sigv4a_signing_region_set",
    "source_identity",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_registration_scopes",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "sts_regional_endpoints",
    "tcp_keepalive",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
];

const MORE: [&str; 4] = ["web_identity_token_file", "s3api", "sso_use_device_code", "dynamodb"];

pub(super) fn look(source: &Source, found: &mut Vec<Finding>) {
    let sections = source.parsed.iter().flat_map(|parsed| parsed.sections());
    for (name, section) in sections {
        if !matches!(name, SectionName::Profile(_) | SectionName::SsoSession(_)) {
            continue;
        }
        for key in section.keys() {
            let line = section.get(key).map_or(0, |value| value.line);
            found.extend(meant(key).map(|meant| typo(key, meant).at(source, line)));
        }
    }
}

/// What an unknown key was probably meant to be; keys of other tools are far from all.
fn meant(key: &str) -> Option<&'static str> {
    let known = || KNOWN.into_iter().chain(MORE);
    if known().any(|name| name == key) || key.starts_with("daypass_") {
        return None;
    }
    let far = if key.len() < 8 { 1 } else { 2 };
    let near = |name: &&str| strsim::osa_distance(name, key) <= far;
    known().filter(near).min_by_key(|name| strsim::osa_distance(name, key))
}

fn typo(key: &str, meant: &'static str) -> Verdict {
    Verdict::new(
        Severity::Warning,
        "unknown-key",
        format!("no program knows the key `{key}`"),
        "all programs pass over it without a word",
        format!("is `{meant}` meant?"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_keys_of_other_tools_are_not() {
        for (key, want) in [
            ("sso_acount_id", Some("sso_account_id")),
            ("sso_start_ur", Some("sso_start_url")),
            ("regoin", Some("region")),
            ("sso-session", Some("sso_session")),
            ("credentials_process", Some("credential_process")),
            ("region", None),
            ("granted_sso_start_url", None),
            ("daypass_sealed", None),
            ("color", None),
            ("web_identity_token_file", None),
        ] {
            assert_eq!(meant(key), want, "{key}");
        }
    }
}
