//! Two regions behind one word, and one portal in several spellings.

use super::super::finding::{Finding, Severity};
use super::super::mend::{Change, Mend};
use super::super::scene::Scene;
use crate::resolve::Sourced;
use crate::resolve::profile;
use crate::resolve::sso::shell_word;
use crate::start_url::StartUrl;
use crate::token::cache;
use awsconfig::{FileKind, SectionName};
use std::collections::BTreeMap;

/// A section that names a portal.
struct Place<'a> {
    section: SectionName,
    url: StartUrl,
    url_said: Sourced<&'a str>,
    region: Option<Sourced<&'a str>>,
}

fn places(scene: &Scene) -> Vec<Place<'_>> {
    let config = &scene.files.config;
    let place = |(name, section): (&SectionName, &'_ awsconfig::Section)| {
        let section = config.parsed.section(name).filter(|_| !section.keys().count().eq(&0))?;
        let url_said = profile::lookup(Some(section), config, "sso_start_url")?;
        let url = StartUrl::parse(url_said.value).ok()?;
        let region = profile::lookup(Some(section), config, "sso_region");
        Some(Place { section: name.clone(), url, url_said, region })
    };
    config.parsed.sections().filter_map(place).collect()
}

/// The region of an Identity Center written where the data's region belongs, and the
/// other way round.
pub(super) fn swapped(scene: &Scene) -> Vec<Finding> {
    let known = known_regions(scene);
    let finding = |place: Place<'_>| {
        let said = place.region?;
        let right = scene
            .seen
            .region
            .as_ref()
            .filter(|_| in_force(scene, &place.section))
            .or_else(|| known.get(place.url.canonical()))?;
        if right == said.value {
            return None;
        }
        let what = format!("{} answers in {right}, and not in {}", place.url.host(), said.value);
        let why = "sso_region is where IAM Identity Center lives, `region` is where the data is: \
                   with the two swapped, a login fails with InvalidRequest or InvalidGrant, \
                   which reads like a wrong password";
        let (word, name) = match &place.section {
            SectionName::SsoSession(name) => ("--sso-session", name.clone()),
            other => ("--profile", other.name().to_owned()),
        };
        let command =
            format!("daypass configure set sso_region {right} {word} {}", shell_word(&name));
        let severity =
            if in_force(scene, &place.section) { Severity::Broken } else { Severity::Risk };
        Some(Finding::new("swapped-regions", severity, what, why).at([said.origin]).run(command))
    };
    places(scene).into_iter().filter_map(finding).collect()
}

/// Whether the profile in force logs in there.
fn in_force(scene: &Scene, section: &SectionName) -> bool {
    let chosen = scene.chosen();
    match section {
        SectionName::SsoSession(name) => {
            chosen.profile.sso("sso_session").is_some_and(|found| found.value == name)
        }
        other => other.name() == chosen.name.value,
    }
}

/// What a login has shown: the region in which a portal answered, by its start URL.
fn known_regions(scene: &Scene) -> BTreeMap<String, String> {
    let texts = cache::portals(&scene.host.sso_cache());
    let known = texts.into_iter().filter_map(|(url, region)| {
        Some((StartUrl::parse(&url).ok()?.canonical().to_owned(), region))
    });
    known.collect()
}

/// One portal in two spellings: every SDK takes them for two.
pub(super) fn start_urls(scene: &Scene) -> Vec<Finding> {
    let mut by_portal: BTreeMap<String, Vec<Place<'_>>> = BTreeMap::new();
    for place in places(scene) {
        by_portal.entry(place.url.canonical().to_owned()).or_default().push(place);
    }
    let mut found: Vec<Finding> =
        by_portal.values().filter_map(|places| variants(places)).collect();
    found.extend(places(scene).iter().filter(|place| !place.url.is_https()).map(over_http));
    found
}

fn variants(places: &[Place<'_>]) -> Option<Finding> {
    let first = places.first()?;
    if places.iter().all(|place| place.url_said.value == first.url_said.value) {
        return None;
    }
    let canonical = first.url.canonical();
    let others = places.iter().filter(|place| place.url_said.value != canonical);
    let changes = others.map(|place| set_url(place, canonical));
    let what = format!("one portal is written in several ways: {}", spellings(places).join(", "));
    let why = "tools name the login's file after the spelling: whoever logs in with one of them \
               is not logged in with the other";
    let finding = Finding::new("start-url-variants", Severity::Risk, what, why)
        .at(places.iter().map(|place| place.url_said.origin.clone()));
    Some(
        finding.fix(
            Mend::safe(changes).losing(
                "profiles in the old form (sso_start_url of their own) may need a new login",
            ),
        ),
    )
}

fn spellings(places: &[Place<'_>]) -> Vec<String> {
    let mut all: Vec<String> = places.iter().map(|place| place.url_said.value.to_owned()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn set_url(place: &Place<'_>, url: &str) -> Change {
    Change::Set {
        kind: FileKind::Config,
        section: place.section.clone(),
        key: "sso_start_url".to_owned(),
        value: url.to_owned(),
    }
}

fn over_http(place: &Place<'_>) -> Finding {
    let what = format!("the start URL {} is not https", place.url_said.value);
    let why = "the AWS CLI refuses it, and anybody on the way could send you to another page";
    Finding::new("start-url-http", Severity::Broken, what, why)
        .at([place.url_said.origin.clone()])
        .fix(Mend::safe([set_url(place, place.url.over_https().canonical())]))
}
