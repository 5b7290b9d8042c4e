//! Certificates and proxies reach every client alike: oidc, portal, STS.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::tls::{Authority, Front, Proxy};
use common::{Lab, raw, told};
use daypass_core::Kind;
use daypass_core::aws::Aws;
use daypass_core::names::Region;
use daypass_core::resolve::Request;

const HOUR: i64 = 3600;
/// Names of the real services, which a proxy of the test leads to the sandbox.
const NAMES: [&str; 4] = [
    "oidc.us-east-1.amazonaws.com",
    "portal.sso.us-east-1.amazonaws.com",
    "sts.us-west-2.amazonaws.com",
    "127.0.0.1",
];

/// The sandbox behind TLS of a company's own certificate authority.
struct Guarded {
    lab: Lab,
    authority: Authority,
    fronts: [Front; 3],
}

impl Guarded {
    fn new() -> Self {
        // Not a strict one: the one poll below is not for learning to be slow.
        let lab = Lab::with(sandbox::Options::default());
        let authority = Authority::new();
        let plain = lab.sandbox.endpoints();
        let fronts = [&plain.sso_oidc, &plain.sso, &plain.sts]
            .map(|url| Front::before(url, &authority, &NAMES));
        Self { lab, authority, fronts }
    }

    /// As `new`, with the endpoint variables pointing at the fronts.
    fn with_endpoints() -> Self {
        let mut guarded = Self::new();
        let names = ["AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_STS"];
        for (name, front) in names.into_iter().zip(&guarded.fronts) {
            guarded.lab.house.set_var(name, &front.url());
        }
        guarded
    }

    /// As `new`, with the real services' names behind a proxy.
    fn with_proxy() -> (Self, Proxy) {
        let mut guarded = Self::new();
        for name in ["AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_STS"] {
            guarded.lab.house.set_var(name, "");
        }
        let places = guarded.fronts.each_ref().map(|front| front.at.clone());
        let proxy = Proxy::start(move |asked| {
            let nth = NAMES.iter().position(|name| asked.starts_with(name)).unwrap();
            places[nth].clone()
        });
        guarded.lab.house.set_var("HTTPS_PROXY", &proxy.url);
        (guarded, proxy)
    }

    fn trust(&mut self) {
        let bundle = self.lab.put("company.pem", &self.authority.pem);
        self.lab.house.set_var("AWS_CA_BUNDLE", bundle.to_str().unwrap());
    }

    /// Login, role credentials, a refresh, and who one is.
    async fn everything(&self, request: &Request) -> daypass_core::Result<()> {
        let aws = Aws::new(self.lab.connection(request)?, self.lab.host.clock.clone())?;
        let token = self.device_token(&aws).await?;
        self.lab.put(&format!(".aws/sso/cache/{}.json", common::sha1("corp")), &token);
        self.lab.provide_for(request).await?;
        self.lab.pass(2 * HOUR);
        self.lab.forget_roles();
        let provided = self.lab.provide_for(request).await?;
        assert_eq!(self.lab.control.count_ok("CreateToken"), 2, "the token was refreshed");
        let region = Region::parse("us-west-2")?;
        let who = aws.caller_identity(&region, &provided.credentials).await;
        who.map(drop).map_err(|fault| fault.into_error(self.lab.host.now()))
    }

    /// A token got over the wire, as the file has it.
    async fn device_token(&self, aws: &Aws) -> daypass_core::Result<String> {
        use daypass_core::aws::oidc::{Grant, Registration};
        let (region, now) = (Region::parse("us-east-1")?, self.lab.host.now());
        let wanted = Registration {
            client_name: "a test".into(),
            scopes: vec!["sso:account:access".into()],
            code: None,
        };
        let failed = |fault: daypass_core::aws::Fault| fault.into_error(now);
        let client = aws.register_client(&region, &wanted).await.map_err(failed)?;
        let begun = aws.start_device_authorization(&region, &client, common::START_URL).await;
        let begun = begun.map_err(failed)?;
        assert!(self.lab.control.approve_device(&begun.user_code));
        let grant = Grant::DeviceCode(begun.device_code);
        let tokens = aws.create_token(&region, &client, &grant).await.map_err(failed)?;
        Ok(serde_json::json!({
            "accessToken": tokens.access_token.expose(),
            "expiresAt": tokens.expires_at.to_string(),
            "refreshToken": tokens.refresh_token.unwrap().expose(),
            "clientId": client.client_id,
            "clientSecret": client.client_secret.expose(),
        })
        .to_string())
    }
}

fn dev() -> Request {
    Request { profile: Some("dev".into()), ..Request::default() }
}

#[tokio::test]
async fn a_company_s_certificate_reaches_every_client() {
    let mut guarded = Guarded::with_endpoints();
    guarded.trust();
    guarded.everything(&dev()).await.unwrap();
    assert!(guarded.fronts.iter().all(|front| front.handshakes() > 0));
}

#[tokio::test]
async fn it_may_come_from_the_profile_the_command_line_or_requests() {
    let bundle = |guarded: &Guarded| {
        let text =
            format!("# the company\n\n{}\n# ours\n{}", Authority::new().pem, guarded.authority.pem);
        guarded.lab.put("bundle with a blank.pem", &text).to_str().unwrap().to_owned()
    };
    let guarded = Guarded::with_endpoints();
    let path = bundle(&guarded);
    let flagged = Request { ca_bundle: Some(path.clone()), ..dev() };
    guarded.everything(&flagged).await.unwrap();

    let guarded = Guarded::with_endpoints();
    let path = bundle(&guarded);
    let config =
        common::CONFIG.replace("[profile dev]\n", &format!("[profile dev]\nca_bundle = {path}\n"));
    guarded.lab.put(".aws/config", &config);
    guarded.everything(&dev()).await.unwrap();

    let mut guarded = Guarded::with_endpoints();
    let path = bundle(&guarded);
    guarded.lab.house.set_var("REQUESTS_CA_BUNDLE", &path);
    guarded.everything(&dev()).await.unwrap();
}

#[tokio::test]
async fn an_untrusted_certificate_is_the_reason_that_is_told() {
    let mut guarded = Guarded::with_endpoints();
    let stranger = Authority::new().pem;
    let bundle = guarded.lab.put("other.pem", &stranger);
    guarded.lab.house.set_var("AWS_CA_BUNDLE", bundle.to_str().unwrap());
    let error = guarded.everything(&dev()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Network);
    let shown = told(&error);
    assert!(shown.contains("SSL validation failed"), "{shown}");
    assert!(shown.contains(&guarded.fronts[0].url()), "{shown}");
    assert!(shown.to_lowercase().contains("ca_bundle"), "{shown}");
    assert!(guarded.lab.control.journal().is_empty());
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused() {
    let authority = Authority::new();
    let lab = Lab::new();
    let front = Front::before(&lab.sandbox.endpoints().sso_oidc, &authority, &["other.example"]);
    let mut lab = lab;
    let bundle = lab.put("ca.pem", &authority.pem);
    lab.house.set_var("AWS_CA_BUNDLE", bundle.to_str().unwrap());
    lab.house.set_var("AWS_ENDPOINT_URL_SSO_OIDC", &front.url());
    let plan = lab.session("corp");
    let (outcome, _) =
        lab.login_with(&plan, daypass_core::oidc::registration::Flow::Code, common::ada).await;
    let shown = told(&outcome.unwrap_err());
    assert!(shown.contains("SSL validation failed"), "{shown}");
}

#[tokio::test]
async fn nothing_is_verified_where_that_was_asked_for() {
    let guarded = Guarded::with_endpoints();
    guarded.everything(&Request { no_verify_ssl: true, ..dev() }).await.unwrap();
    let (guarded, proxy) = Guarded::with_proxy();
    guarded.everything(&Request { no_verify_ssl: true, ..dev() }).await.unwrap();
    assert_eq!(proxy.lines().len(), 3, "the proxy is kept to: {:?}", proxy.lines());
}

#[tokio::test]
async fn an_https_proxy_carries_every_client() {
    let (mut guarded, proxy) = Guarded::with_proxy();
    guarded.trust();
    guarded.everything(&dev()).await.unwrap();
    assert_eq!(
        proxy.lines(),
        [
            "CONNECT oidc.us-east-1.amazonaws.com:443",
            "CONNECT portal.sso.us-east-1.amazonaws.com:443",
            "CONNECT sts.us-west-2.amazonaws.com:443",
        ]
    );
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_gets_it() {
    let (mut guarded, proxy) = Guarded::with_proxy();
    guarded.trust();
    let url = proxy.url.replace("http://", "http://ada:pass%20word@");
    guarded.lab.house.set_var("HTTPS_PROXY", &url);
    guarded.everything(&dev()).await.unwrap();
    let heads = proxy.heads();
    // ada:pass word
    let wanted = "proxy-authorization: basic ywrhonbhc3mgd29yza==";
    assert!(heads.iter().all(|head| head.to_lowercase().contains(wanted)), "{heads:?}");
}

#[tokio::test]
async fn an_http_proxy_carries_plain_addresses() {
    let mut lab = Lab::new();
    let plain = lab.sandbox.endpoints().sso_oidc.replace("http://", "");
    let proxy = Proxy::start(move |_| plain.clone());
    lab.house.set_var("AWS_ENDPOINT_URL_SSO_OIDC", "http://oidc.us-east-1.amazonaws.com");
    lab.house.set_var("http_proxy", proxy.url.trim_start_matches("http://"));
    let wanted = daypass_core::aws::oidc::Registration {
        client_name: "a test".into(),
        scopes: vec![],
        code: None,
    };
    let region = Region::parse("us-east-1").unwrap();
    lab.aws().register_client(&region, &wanted).await.unwrap();
    assert_eq!(proxy.lines(), ["POST http://oidc.us-east-1.amazonaws.com/client/register"]);
}

#[tokio::test]
async fn hosts_of_no_proxy_are_reached_directly() {
    for exempt in ["127.0.0.1", "example.com,127.0.0.1", "127.0.0.0/8", "*"] {
        let mut guarded = Guarded::with_endpoints();
        guarded.trust();
        let proxy = Proxy::start(|asked| panic!("{asked} was to be reached directly"));
        guarded.lab.house.set_var("HTTPS_PROXY", &proxy.url);
        guarded.lab.house.set_var("HTTP_PROXY", &proxy.url);
        guarded.lab.house.set_var("NO_PROXY", exempt);
        guarded.everything(&dev()).await.unwrap();
        assert_eq!(proxy.lines().len(), 0, "{exempt}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_down_is_a_network_error_without_its_password() {
    let (mut guarded, _) = Guarded::with_proxy();
    guarded.trust();
    let down = raw::nobody().replace("http://", "http://ada:s3cret@");
    guarded.lab.house.set_var("HTTPS_PROXY", &down);
    guarded.lab.house.set_var("AWS_MAX_ATTEMPTS", "1");
    let error = guarded.everything(&dev()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Network);
    let shown = told(&error);
    assert!(shown.contains("https://oidc.us-east-1.amazonaws.com/"), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn a_bundle_that_is_none_is_a_mistake_of_the_configuration() {
    let mut lab = Lab::new();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, text) in [("empty.pem", ""), ("prose.pem", "SENTINEL"), ("broken.pem", broken)] {
        let path = lab.put(name, text);
        lab.house.set_var("AWS_CA_BUNDLE", path.to_str().unwrap());
        let connection = lab.connection(&Request::default()).unwrap();
        let error = Aws::new(connection, lab.host.clock.clone()).unwrap_err();
        assert_eq!(error.kind(), Kind::Profile, "{name}");
        let shown = told(&error);
        assert!(shown.contains(name) && shown.contains("AWS_CA_BUNDLE"), "{shown}");
        assert!(!shown.contains("SENTINEL"), "{shown}");
    }
    lab.house.set_var("AWS_CA_BUNDLE", "~/nowhere.pem");
    let connection = lab.connection(&Request::default()).unwrap();
    let error = Aws::new(connection, lab.host.clock.clone()).unwrap_err();
    assert!(told(&error).contains("there is no such file"), "{error}");
}
