//! Where services are: the rules of regions and partitions, and what moves them.

mod common;

use common::{House, told};
use daypass_core::Kind;
use daypass_core::aws::Aws;
use daypass_core::names::Region;
use daypass_core::resolve::connection::Service;
use daypass_core::resolve::{Connection, Request};

async fn oidc(connection: Connection, house: &House, region: &str) -> String {
    let aws = Aws::new(connection, house.host.clock.clone()).unwrap();
    aws.oidc_endpoint(&Region::parse(region).unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_table_of_partitions_fips_and_dual_stack() {
    let table = [
        ("us-east-1", false, false, "oidc.us-east-1.amazonaws.com"),
        ("us-east-1", true, false, "oidc-fips.us-east-1.amazonaws.com"),
        ("us-east-1", false, true, "oidc.us-east-1.api.aws"),
        ("us-east-1", true, true, "oidc-fips.us-east-1.api.aws"),
        ("us-gov-west-1", false, false, "oidc.us-gov-west-1.amazonaws.com"),
        ("us-gov-west-1", true, false, "oidc.us-gov-west-1.amazonaws.com"),
        ("us-gov-west-1", true, true, "oidc-fips.us-gov-west-1.api.aws"),
        ("cn-north-1", false, false, "oidc.cn-north-1.amazonaws.com.cn"),
        ("cn-north-1", false, true, "oidc.cn-north-1.api.amazonwebservices.com.cn"),
        ("eusc-de-east-1", false, false, "oidc.eusc-de-east-1.amazonaws.eu"),
        ("us-iso-east-1", false, false, "oidc.us-iso-east-1.c2s.ic.gov"),
        ("us-isob-east-1", false, false, "oidc.us-isob-east-1.sc2s.sgov.gov"),
        ("eu-isoe-west-1", false, false, "oidc.eu-isoe-west-1.cloud.adc-e.uk"),
        ("us-isof-south-1", false, false, "oidc.us-isof-south-1.csp.hci.ic.gov"),
        ("xx-future-9", false, false, "oidc.xx-future-9.amazonaws.com"),
    ];
    for (region, fips, dual_stack, host) in table {
        let mut house = House::new([]);
        house.set_var("AWS_USE_FIPS_ENDPOINT", &fips.to_string());
        house.set_var("AWS_USE_DUALSTACK_ENDPOINT", &dual_stack.to_string());
        let connection = house.connection(&Request::default()).unwrap();
        let endpoint = oidc(connection, &house, region).await;
        assert_eq!(endpoint, format!("https://{host}"), "{region} {fips} {dual_stack}");
    }
}

/// The endpoints of sso, sso-oidc, STS and S3 with these variables and this profile.
fn endpoints(vars: &[(&str, &str)], profile: &str) -> [String; 4] {
    let mut house = House::new([]);
    house.put(".aws/config", &format!("[default]\nregion = us-east-1\n{profile}\n"));
    vars.iter().for_each(|(name, value)| house.set_var(name, value));
    let connection = house.connection(&Request::default()).unwrap();
    [Service::Sso, Service::SsoOidc, Service::Sts, Service::S3].map(|service| {
        let found = connection.endpoint(service);
        found.map_or("-".to_owned(), |e| format!("{} from {}", e.value, e.origin))
    })
}

#[test]
fn the_general_variable_moves_sts_and_s3_and_no_login() {
    let general = [("AWS_ENDPOINT_URL", "http://localhost:4566")];
    let from = "http://localhost:4566 from AWS_ENDPOINT_URL";
    assert_eq!(endpoints(&general, ""), ["-", "-", from, from]);
    let from = "http://localhost:4566 from ~/.aws/config:3";
    assert_eq!(endpoints(&[], "endpoint_url = http://localhost:4566"), ["-", "-", from, from]);
}

#[test]
fn the_nearest_word_wins() {
    let services = "services = mine\nendpoint_url = http://p\n[services mine]\n\
                    sso =\n  endpoint_url = http://sso\nsso_oidc =\n  endpoint_url = http://oidc\n\
                    sts =\n  endpoint_url = http://sts";
    assert_eq!(
        endpoints(&[], services),
        [
            "http://sso from ~/.aws/config:7",
            "http://oidc from ~/.aws/config:9",
            "http://sts from ~/.aws/config:11",
            "http://p from ~/.aws/config:4",
        ]
    );
    let vars = [("AWS_ENDPOINT_URL", "http://all"), ("AWS_ENDPOINT_URL_SSO", "http://own")];
    assert_eq!(
        endpoints(&vars, services),
        [
            "http://own from AWS_ENDPOINT_URL_SSO",
            "http://oidc from ~/.aws/config:9",
            "http://all from AWS_ENDPOINT_URL",
            "http://all from AWS_ENDPOINT_URL",
        ]
    );
}

#[test]
fn configured_endpoints_can_be_ignored() {
    let off =
        [("AWS_ENDPOINT_URL_SSO", "http://own"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True")];
    assert_eq!(endpoints(&off, "endpoint_url = http://p"), ["-", "-", "-", "-"]);
    let profile = "endpoint_url = http://p\nignore_configured_endpoint_urls = true";
    assert_eq!(endpoints(&[], profile), ["-", "-", "-", "-"]);
    let on = [("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")];
    assert_eq!(endpoints(&on, profile)[2], "http://p from ~/.aws/config:3");
}

#[test]
fn a_services_section_that_is_missing_is_named() {
    let house = House::new([]);
    house.put(".aws/config", "[default]\nservices = nowhere\n");
    let error = house.connection(&Request::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::Profile);
    let shown = told(&error);
    assert!(shown.contains("the \"nowhere\" services configuration does not exist"), "{shown}");
    assert!(shown.contains("~/.aws/config:2"), "{shown}");
}

#[test]
fn an_endpoint_that_is_no_address_is_named_with_its_origin() {
    for bad in ["localhost:4566", "http://", "nonsense", "ftp://localhost"] {
        let mut house = House::new([]);
        house.set_var("AWS_ENDPOINT_URL_SSO", bad);
        let connection = house.connection(&Request::default()).unwrap();
        let error = Aws::new(connection, house.host.clock.clone()).unwrap_err();
        assert_eq!(error.kind(), Kind::Config, "{bad}");
        assert!(error.to_string().contains("AWS_ENDPOINT_URL_SSO"), "{error}");
    }
}

#[test]
fn numbers_and_addresses_that_are_none_are_mistakes_of_the_configuration() {
    for (name, value, kind) in [
        ("AWS_MAX_ATTEMPTS", "many", Kind::Profile),
        ("AWS_MAX_ATTEMPTS", "0", Kind::Profile),
        ("AWS_CA_BUNDLE", "  ", Kind::Profile),
        ("HTTPS_PROXY", "http://ada:s3cret@[nonsense", Kind::Config),
    ] {
        let mut house = House::new([]);
        house.set_var(name, value);
        let error = house
            .connection(&Request::default())
            .and_then(|connection| Aws::new(connection, house.host.clock.clone()))
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{name}");
        let shown = told(&error);
        assert!(shown.contains(name) && !shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn an_endpoint_of_the_command_line_moves_one_service() {
    let house = House::new([]);
    let mut connection = house.connection(&Request::default()).unwrap();
    connection.override_endpoint(Service::S3, "http://localhost:9000");
    assert_eq!(connection.endpoint(Service::S3).unwrap().origin.to_string(), "--endpoint-url");
    assert!(connection.endpoint(Service::Sts).is_none());
}
