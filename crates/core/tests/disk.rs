//! Files in the shared cache as other programs, full disks and people leave them.
#![allow(clippy::disallowed_methods, reason = "tests set up their own world")]

mod common;

use common::{Lab, told};
use daypass_core::Kind;
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
use serde_json::json;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tracing::field::Field;
use tracing::span;

const HOUR: i64 = 3600;

/// From here on this thread obeys file modes, even if root runs the tests.
fn obey_modes() {
    let mut sets = capabilities(None).unwrap();
    sets.effective.remove(CapabilitySet::DAC_OVERRIDE);
    set_capabilities(None, sets).unwrap();
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_does_not_cost_the_refresh_token() {
    obey_modes();
    let lab = Lab::logged_in().await;
    let before = lab.token_text("corp");
    let plan = lab.session("corp");
    lab.pass(2 * HOUR);
    set_mode(&lab.host.sso_cache(), 0o500);
    let error = lab.token(&plan).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Store, "{error}");
    assert!(error.to_string().contains(&*lab.cached("corp").to_string_lossy()), "{error}");
    assert_eq!(lab.refreshes(), 0, "the refresh token is not spent");
    set_mode(&lab.host.sso_cache(), 0o700);
    assert_eq!(lab.token_text("corp"), before);
    lab.token(&plan).await.unwrap();
}

#[tokio::test]
async fn a_living_token_in_a_read_only_cache_is_used_to_its_end() {
    obey_modes();
    let lab = Lab::logged_in().await;
    lab.pass(HOUR - 600);
    set_mode(&lab.host.sso_cache(), 0o500);
    lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(lab.refreshes(), 0);
    set_mode(&lab.host.sso_cache(), 0o700);
}

/// Mends a file at the first word of its being torn.
struct Mender {
    path: PathBuf,
    text: String,
    torn: Arc<AtomicUsize>,
}

impl tracing::Subscriber for Mender {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut words = String::new();
        event.record(&mut |field: &Field, value: &dyn std::fmt::Debug| {
            words += &format!("{field}={value:?} ");
        });
        if words.contains("torn") {
            // The third time, as a slow writer would.
            if self.torn.fetch_add(1, Ordering::SeqCst) == 2 {
                fs::write(&self.path, &self.text).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_file_that_another_tool_is_writing_in_place_is_read_again() {
    for torn_at in [0, 1, 40, 300] {
        let lab = Lab::logged_in().await;
        let (path, text) = (lab.cached("corp"), lab.token_text("corp"));
        fs::write(&path, &text[..torn_at]).unwrap();
        let torn = Arc::new(AtomicUsize::new(0));
        let mender = Mender { path, text, torn: Arc::clone(&torn) };
        let _guard = tracing::subscriber::set_default(mender);
        lab.token(&lab.session("corp")).await.unwrap();
        assert_eq!(torn.load(Ordering::SeqCst), 3, "torn at {torn_at}");
    }
}

#[tokio::test]
async fn what_stays_unreadable_is_named_and_kept() {
    let garbage: [&[u8]; 6] =
        [b"", b"[1]", b"7", b"\"text\"", b"{\"accessToken\": \"x\", \"exp", &[0xff, 0xfe, 0]];
    let lab = Lab::new();
    fs::create_dir_all(lab.host.sso_cache()).unwrap();
    for bytes in garbage {
        fs::write(lab.cached("corp"), bytes).unwrap();
        let error = lab.token(&lab.session("corp")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::LoginNeeded);
        let shown = told(&error);
        assert!(shown.contains("`~/.aws/sso/cache/"), "{shown}");
        assert!(shown.contains("daypass sso login --sso-session corp"), "{shown}");
        assert_eq!(fs::read(lab.cached("corp")).unwrap(), bytes);
    }
    lab.login("corp").await;
    lab.token(&lab.session("corp")).await.unwrap();
}

#[tokio::test]
async fn neighbours_of_any_shape_disturb_nobody() {
    let lab = Lab::logged_in().await;
    for (name, text) in [("array", "[1, 2]"), ("number", "7"), ("null", "null"), ("torn", "{\"a")] {
        lab.put(&format!(".aws/sso/cache/{name}.json"), text);
    }
    fs::create_dir(lab.host.sso_cache().join("directory.json")).unwrap();
    symlink("nowhere", lab.host.sso_cache().join("dangling.json")).unwrap();
    lab.pass(2 * HOUR);
    lab.token(&lab.session("corp")).await.unwrap();
    assert_eq!(lab.cache_names().len(), 8);
}

#[tokio::test]
async fn a_directory_in_the_token_s_place_is_no_token() {
    let lab = Lab::new();
    fs::create_dir_all(lab.cached("corp")).unwrap();
    let error = lab.token(&lab.session("corp")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::LoginNeeded);
}

#[tokio::test]
async fn a_link_to_the_token_stays_a_link_when_it_is_refreshed() {
    let lab = Lab::logged_in().await;
    let real = lab.home.path().join("elsewhere.json");
    fs::rename(lab.cached("corp"), &real).unwrap();
    symlink(&real, lab.cached("corp")).unwrap();
    let before = fs::read_to_string(&real).unwrap();
    lab.pass(2 * HOUR);
    lab.token(&lab.session("corp")).await.unwrap();
    assert!(fs::symlink_metadata(lab.cached("corp")).unwrap().is_symlink());
    assert_ne!(fs::read_to_string(&real).unwrap(), before);
}

#[tokio::test]
async fn a_fifo_does_not_hang_anybody() {
    let lab = Lab::new();
    fs::create_dir_all(lab.host.sso_cache()).unwrap();
    let made = std::process::Command::new("mkfifo").arg(lab.cached("corp")).status().unwrap();
    assert!(made.success());
    let plan = lab.session("corp");
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| tell.send(common::block_on(lab.token(&plan))).unwrap());
        let outcome = told.recv_timeout(std::time::Duration::from_secs(10));
        // Whoever waits for a writer is let go.
        let _ = fs::OpenOptions::new().read(true).write(true).open(lab.cached("corp"));
        assert_eq!(outcome.expect("an answer").unwrap_err().kind(), Kind::LoginNeeded);
    });
}

#[tokio::test]
async fn times_of_every_writer_are_understood() {
    let lab = Lab::logged_in().await;
    lab.put(".aws/config", common::CONFIG);
    for time in [
        "2099-01-01T00:00:00Z",
        "2099-01-01T00:00:00UTC",
        "2099-01-01T02:00:00+02:00",
        "2099-01-01T00:00:00+00:00",
        "2099-01-01T00:00:00.267Z",
        "2099-01-01T00:00:00.267891Z",
    ] {
        lab.rewrite_token("corp", |token| token["expiresAt"] = json!(time));
        let token = lab.token(&lab.session("corp")).await.unwrap();
        assert_eq!(token.expires_at.as_second(), 4_070_908_800, "{time}");
    }
    for time in ["", "soon", "1999", "2099-01-01"] {
        lab.rewrite_token("corp", |token| token["expiresAt"] = json!(time));
        let error = lab.token(&lab.session("corp")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::LoginNeeded, "{time}: {error}");
    }
    assert_eq!(lab.refreshes(), 0);
}

#[tokio::test]
async fn files_of_other_tools_are_read_with_what_they_lack() {
    let lab = Lab::logged_in().await;
    for missing in ["startUrl", "region", "registrationExpiresAt"] {
        lab.rewrite_token("corp", |token| {
            token.as_object_mut().unwrap().remove(missing);
        });
        lab.pass(2 * HOUR);
        lab.token(&lab.session("corp")).await.unwrap_or_else(|e| panic!("{missing}: {e}"));
    }
    let json = lab.token_json("corp");
    assert_eq!(json["region"], "us-east-1", "written again, for the tools that need it");
    assert_eq!(json["startUrl"], common::START_URL);
    for missing in ["refreshToken", "clientId", "clientSecret"] {
        let whole = lab.token_text("corp");
        lab.rewrite_token("corp", |token| {
            token.as_object_mut().unwrap().remove(missing);
            token["expiresAt"] = json!("2020-01-01T00:00:00Z");
        });
        let error = lab.token(&lab.session("corp")).await.unwrap_err();
        assert!(error.message().contains("has no refresh token"), "{missing}: {error}");
        fs::write(lab.cached("corp"), whole).unwrap();
    }
}
