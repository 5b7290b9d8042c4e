//! Whether a login stands, by the portal's own word; and a login whose answer is pasted.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Lab, PATIENCE, block_on};
use daypass_core::login::standing::{Standing, standing};
use daypass_core::login::{self, Companion, Invitation, LoggedIn, Options, Pasting};
use daypass_core::oidc::registration::Flow;
use daypass_core::{Error, Kind, Result};
use sandbox::Fault;
use sandbox::person::Person;
use vault::Secret;

async fn asked(lab: &Lab) -> Result<Standing> {
    standing(&lab.host, &lab.aws(), &lab.session("corp")).await
}

fn calls(lab: &Lab, operation: &str) -> usize {
    lab.control.journal().iter().filter(|entry| entry.operation == operation).count()
}

#[tokio::test]
async fn the_portal_is_asked_once_and_believed() {
    let lab = Lab::new();
    assert!(matches!(asked(&lab).await.unwrap(), Standing::Needed(_)));
    assert_eq!(calls(&lab, "ListAccounts"), 0);
    let token = lab.login("corp").await.token;
    match asked(&lab).await.unwrap() {
        Standing::Valid { token: found, refreshed: false } => {
            assert_eq!(found.access_token, token.access_token);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(calls(&lab, "ListAccounts"), 1);
}

#[tokio::test]
async fn what_the_portal_refuses_is_renewed_and_asked_again() {
    let lab = Lab::new();
    lab.login("corp").await;
    lab.control.revoke_access_tokens();
    assert!(matches!(asked(&lab).await.unwrap(), Standing::Valid { refreshed: true, .. }));
    assert_eq!(calls(&lab, "ListAccounts"), 2);
    lab.control.revoke_sessions();
    match asked(&lab).await.unwrap() {
        Standing::Needed(why) => assert_eq!(why.kind(), Kind::LoginNeeded),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn no_answer_is_no_refusal() {
    let lab = Lab::new();
    lab.login("corp").await;
    let faults = [
        Fault::DropBefore,
        Fault::Bare(503),
        Fault::Status(429, "TooManyRequestsException".to_owned()),
    ];
    for fault in faults {
        lab.control.fail_next("ListAccounts", fault.clone(), 1);
        match asked(&lab).await.unwrap() {
            Standing::Unasked { token, .. } => assert!(token.lives(lab.host.now())),
            other => panic!("{fault:?}: {other:?}"),
        }
    }
    assert!(matches!(asked(&lab).await.unwrap(), Standing::Valid { refreshed: false, .. }));
}

#[tokio::test]
async fn a_dead_token_that_nobody_can_renew_now_is_an_error() {
    let lab = Lab::new();
    lab.login("corp").await;
    lab.wait(8 * 3600 + 1);
    lab.control.fail_next("CreateToken", Fault::DropBefore, 9);
    assert_eq!(asked(&lab).await.unwrap_err().kind(), Kind::Network);
}

/// Somebody who carries addresses back: some of another kind first.
struct Carrier {
    person: Person,
    first: Vec<String>,
    link: String,
    remarks: Vec<String>,
}

impl Carrier {
    fn new(person: Person, first: &[&str]) -> Self {
        let first = first.iter().rev().map(|text| (*text).to_owned()).collect();
        Self { person, first, link: String::new(), remarks: Vec::new() }
    }
}

impl Companion for Carrier {
    fn invite(&mut self, invitation: &Invitation) -> Result<()> {
        match invitation {
            Invitation::Paste { url, client, .. } => {
                assert_eq!(client, "daypass-corp");
                self.link.clone_from(url);
                Ok(())
            }
            other => panic!("{other:?}"),
        }
    }

    fn remark(&mut self, text: &str) {
        self.remarks.push(text.to_owned());
    }

    fn paste(&mut self) -> Pasting<'_> {
        Box::pin(std::future::ready(self.address()))
    }
}

impl Carrier {
    fn address(&mut self) -> Result<Secret<String>> {
        if let Some(other) = self.first.pop() {
            return Ok(Secret::new(other));
        }
        let (person, link) = (self.person.clone(), self.link.clone());
        // The browser is a program of its own.
        let visit = std::thread::spawn(move || person.address_after(&link));
        Ok(Secret::new(visit.join().unwrap().unwrap()))
    }
}

fn by_paste(lab: &Lab, carrier: &mut Carrier) -> Result<LoggedIn, Error> {
    let options = Options { flow: Flow::Code, redirect_port: None, paste: true };
    let (aws, plan) = (lab.aws(), lab.session("corp"));
    block_on(async {
        let work = login::login(&lab.host, &aws, &plan, options, carrier);
        tokio::time::timeout(PATIENCE, work).await.expect("it ends")
    })
}

#[test]
fn an_address_that_is_carried_back_logs_in() {
    let lab = Lab::new();
    let mut carrier = Carrier::new(Person::allowing("ada"), &["", "https://example.com/"]);
    let token = by_paste(&lab, &mut carrier).unwrap().token;
    assert!(token.refresh_token.is_some());
    assert_eq!(lab.token_json("corp")["accessToken"], *token.access_token.expose());
    assert_eq!(carrier.remarks.len(), 2, "{:?}", carrier.remarks);
}

#[test]
fn an_old_address_is_of_another_login() {
    let lab = Lab::new();
    let mut first = Carrier::new(Person::allowing("ada"), &[]);
    by_paste(&lab, &mut first).unwrap();
    let old = first.person.address_after(&first.link).unwrap();
    let mut second = Carrier::new(Person::allowing("ada"), &[&old]);
    by_paste(&lab, &mut second).unwrap();
    assert_eq!(second.remarks.len(), 1, "{:?}", second.remarks);
}

#[test]
fn who_says_no_is_not_logged_in_and_who_pastes_nonsense_neither() {
    let lab = Lab::new();
    let error = by_paste(&lab, &mut Carrier::new(Person::denying("ada"), &[])).unwrap_err();
    assert_eq!(error.kind(), Kind::LoginFailed);
    assert!(error.message().contains("refused in the browser"), "{error}");
    let mut carrier = Carrier::new(Person::allowing("ada"), &["x"; 5]);
    let error = by_paste(&lab, &mut carrier).unwrap_err();
    assert_eq!((error.kind(), carrier.remarks.len()), (Kind::LoginFailed, 5));
    assert!(!lab.cached("corp").exists());
}
