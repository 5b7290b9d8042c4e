//! Start URLs on a company's own domain: one look over TLS, at most one redirect.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::raw::{Scripted, answer};
use common::tls::{Authority, Front};
use common::{Lab, told};
use daypass_core::oidc::registration::Flow;
use daypass_core::start_url::StartUrl;
use daypass_core::vanity::{self, Resolved};
use daypass_core::{Kind, Result};

struct Company {
    lab: Lab,
    server: Scripted,
    front: Front,
}

impl Company {
    fn answering(answers: &[&str]) -> Self {
        let (mut lab, authority) = (Lab::new(), Authority::new());
        let bundle = lab.put("ca.pem", &authority.pem);
        lab.house.set_var("AWS_CA_BUNDLE", bundle.to_str().unwrap());
        let server = Scripted::start(answers);
        let front = Front::before(&server.url, &authority, &["localhost", "127.0.0.1"]);
        Self { lab, server, front }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.front.url().replace("127.0.0.1", "localhost"))
    }

    async fn resolve(&self, path: &str) -> Result<Resolved> {
        vanity::resolve(&self.lab.aws(), &StartUrl::parse(&self.url(path)).unwrap()).await
    }

    /// The methods and paths that were asked for.
    fn lines(&self) -> Vec<String> {
        let heads = self.server.requests();
        heads.iter().map(|head| head.split(" HTTP/").next().unwrap().to_owned()).collect()
    }
}

fn to(location: &str) -> String {
    answer("302 Found", &format!("location: {location}\r\n"), "")
}

#[tokio::test]
async fn one_redirect_leads_to_aws() {
    let company = Company::answering(&[&to("https://d-9067c5bbc5.awsapps.com/start/#/?x=1")]);
    let resolved = company.resolve("/vanity/?deep=1#/tab").await.unwrap();
    assert_eq!(resolved.url.canonical(), "https://d-9067c5bbc5.awsapps.com/start");
    assert!(resolved.region.is_none());
    assert!(resolved.remark.unwrap().contains("leads to https://d-9067c5bbc5.awsapps.com/start"));
    assert_eq!(company.lines(), ["HEAD /vanity"]);
}

#[tokio::test]
async fn every_kind_of_redirect_and_the_region_in_the_host() {
    for status in ["301", "302", "303", "307", "308"] {
        let location = "location: https://ssoins-1.portal.eu-west-1.app.aws\r\n";
        let company = Company::answering(&[&answer(status, location, "")]);
        let resolved = company.resolve("/").await.unwrap();
        assert_eq!(resolved.region.unwrap().as_str(), "eu-west-1", "{status}");
    }
}

#[tokio::test]
async fn a_server_without_head_is_asked_with_get() {
    for status in ["405 Method Not Allowed", "501 Not Implemented"] {
        let company = Company::answering(&[
            &answer(status, "", ""),
            &to("https://d-9067c5bbc5.awsapps.com/start"),
        ]);
        company.resolve("/aws").await.unwrap();
        assert_eq!(company.lines(), ["HEAD /aws", "GET /aws"]);
    }
}

#[tokio::test]
async fn what_does_not_lead_to_aws_is_refused_in_the_aws_cli_s_words() {
    let table = [
        (answer("404 Not Found", "", ""), "Failed to resolve start URL: HTTP 404"),
        (answer("302 Found", "", ""), "Redirect response missing Location header."),
        (to("http://d-9067c5bbc5.awsapps.com/start"), "Resolved URL must use https. Got: 'http:"),
        (to("https://evil.example/start"), "Final URL: 'https://evil.example/start'"),
        (to("https://awsapps.com.evil.example/"), "Final URL: 'https://awsapps.com.evil.example'"),
        (to("/elsewhere"), "Could not resolve start URL"),
        (to("javascript:alert(1)"), "Invalid sso_start_url"),
        (answer("200 OK", "", ""), "to an AWS-owned endpoint"),
    ];
    for (reply, words) in table {
        let company = Company::answering(&[&reply]);
        let error = company.resolve("/start").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.message().contains(words), "{error}");
        assert_eq!(company.lines().len(), 1, "one hop, one request: {words}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_or_not_trusted_says_why() {
    let company = Company::answering(&[&to("https://d-9067c5bbc5.awsapps.com/start")]);
    let aws = Lab::new().aws();
    let strange = vanity::resolve(&aws, &StartUrl::parse(&company.url("/")).unwrap()).await;
    let shown = told(&strange.unwrap_err());
    assert!(shown.contains("Failed to resolve start URL"), "{shown}");
    assert!(shown.contains("SSL validation failed"), "{shown}");
    assert!(company.lines().is_empty());
    let nobody = common::raw::nobody().replace("http://", "https://");
    let refused = vanity::resolve(&aws, &StartUrl::parse(&nobody).unwrap()).await;
    let shown = told(&refused.unwrap_err());
    assert!(shown.contains("refused"), "{shown}");
}

#[tokio::test]
async fn aws_s_own_addresses_are_not_asked() {
    let aws = Lab::new().aws();
    let table = [
        "https://d-9067c5bbc5.awsapps.com/start/#",
        "https://D-9067C5BBC5.AWSAPPS.COM./start",
        "https://ssoins-1.portal.us-east-2.app.aws",
    ];
    for url in table {
        let resolved = vanity::resolve(&aws, &StartUrl::parse(url).unwrap()).await.unwrap();
        assert_eq!(resolved.region, None, "the configured region counts: {url}");
        assert!(resolved.remark.is_none());
    }
    let plain = StartUrl::parse("http://d-9067c5bbc5.awsapps.com/start").unwrap();
    let resolved = vanity::resolve(&aws, &plain).await.unwrap();
    assert_eq!(resolved.url.canonical(), "https://d-9067c5bbc5.awsapps.com/start");
    assert!(resolved.remark.unwrap().contains("over https"));
}

#[tokio::test]
async fn a_login_goes_to_where_it_leads_and_keeps_the_name_it_has() {
    let location = "https://d-9067c5bbc5.awsapps.com/start";
    let company = Company::answering(&[&to(location)]);
    let own = company.url("/aws");
    company.lab.put(".aws/config", &common::CONFIG.replace(common::START_URL, &own));
    let plan = company.lab.session("corp");
    let (outcome, _) = company.lab.login_with(&plan, Flow::Code, common::ada).await;
    let done = outcome.unwrap();
    assert!(done.moved_to.is_none());
    assert_eq!(company.lab.token_json("corp")["startUrl"], own.as_str());
    company.lab.provide("dev").await.unwrap();
}

#[tokio::test]
async fn a_login_that_finds_another_region_says_so() {
    let company = Company::answering(&[&to("https://ssoins-1.portal.eu-west-1.app.aws")]);
    company
        .lab
        .put(".aws/config", &common::CONFIG.replace(common::START_URL, &company.url("/aws")));
    let plan = company.lab.session("corp");
    // The sandbox knows its own start URL only: the words name what was tried.
    let (outcome, invited) = company.lab.login_with(&plan, Flow::Code, common::ada).await;
    let shown = told(&outcome.unwrap_err());
    assert!(shown.contains("issuerUrl is not this organization's"), "{shown}");
    assert!(shown.contains("eu-west-1"), "{shown}");
    assert!(invited.is_none());
}
