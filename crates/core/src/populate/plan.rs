//! What there is, what there should be, and the edits in between.

use super::mark::{self, MARK};
use super::names::{Bid, award, safe};
use super::template::Fields;
use super::{Recipe, Style, Wanted};
use crate::directory::{Directory, Listed};
use crate::error::Result;
use awsconfig::{Parsed, Section, SectionEdit, SectionName};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What is done, profile by profile.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// New ones.
    pub added: Vec<String>,
    /// Old ones with other keys.
    pub changed: Vec<String>,
    /// Old ones with other names.
    pub renamed: Vec<(String, String)>,
    /// Those of accounts and roles that are gone.
    pub removed: Vec<String>,
    /// Of those, the ones that stay, since nobody asked for their removal.
    pub gone: Vec<String>,
    /// Those that were changed by hand, and are left alone.
    pub kept: Vec<String>,
    /// Those that would have another name, or none, and stay as they are named: with the
    /// profile whose `source_profile` they are.
    pub leant_on: Vec<(String, String)>,
    /// How many have names that another template has given them.
    pub old_names: usize,
    /// Those that are as they should be.
    pub same: usize,
    /// What has to be done to the config file.
    pub edits: Vec<SectionEdit>,
}

/// A profile that should be there.
struct Goal<'a> {
    account: &'a Listed,
    role: &'a str,
    region: &'a str,
    identity: String,
}

/// A profile that was made here.
struct Made<'a> {
    name: &'a str,
    section: &'a Section,
    intact: bool,
    /// A profile that names it as its `source_profile`: without it that one has no keys.
    dependent: Option<&'a str>,
}

/// What has to change in a config file.
///
/// # Errors
/// A name that cannot stand in a `credential_process`.
pub fn plan(
    config: &Parsed,
    credentials: &Parsed,
    comments: &dyn Fn(&Section) -> bool,
    recipe: &Recipe<'_>,
    wanted: &Wanted<'_>,
) -> Result<Outcome> {
    let made = made(config, comments, &dependents(config, credentials));
    let goals = goals(recipe, wanted);
    let taken = taken(config, credentials);
    let mut outcome = Outcome::default();
    let names = outcome.names(recipe, &goals, &made, &taken);
    for (goal, name) in goals.iter().zip(&names) {
        outcome.pursue(recipe, goal, name, made.get(goal.identity.as_str()))?;
    }
    let goals: HashSet<&str> = goals.iter().map(|goal| goal.identity.as_str()).collect();
    outcome.clear(recipe, wanted.directory, &made, &goals);
    Ok(outcome)
}

/// Who names whom as `source_profile`, by the one that is named.
fn dependents<'a>(config: &'a Parsed, credentials: &'a Parsed) -> HashMap<&'a str, &'a str> {
    let sections = config.sections().chain(credentials.sections());
    let named = sections.filter_map(|(name, section)| match name {
        SectionName::Profile(name) => Some((section.get("source_profile")?.as_str()?, name)),
        _ => None,
    });
    named.map(|(source, name)| (source.trim(), name.as_str())).collect()
}

/// By what they are of. Comments inside are a change by hand as well.
fn made<'a>(
    config: &'a Parsed,
    comments: &dyn Fn(&Section) -> bool,
    dependents: &HashMap<&str, &'a str>,
) -> HashMap<&'a str, Made<'a>> {
    let profiles = config.sections().filter_map(|(name, section)| match name {
        SectionName::Profile(name) => {
            let found = mark::read(name, section)?;
            let intact = found.intact && !comments(section);
            let dependent = dependents.get(name.as_str()).copied();
            Some((found.identity, Made { name, section, intact, dependent }))
        }
        _ => None,
    });
    profiles.collect()
}

fn taken(config: &Parsed, credentials: &Parsed) -> HashSet<String> {
    config.profiles().chain(credentials.profiles()).map(str::to_lowercase).collect()
}

/// The region is a part of what a profile is of only where there are several.
fn goals<'a>(recipe: &Recipe<'a>, wanted: &Wanted<'a>) -> Vec<Goal<'a>> {
    let regions: Vec<&str> = match recipe.regions {
        [] => vec![""],
        regions => regions.iter().map(crate::names::Region::as_str).collect(),
    };
    let login = login_name(recipe);
    let mut goals = Vec::with_capacity(wanted.pairs.len() * regions.len());
    for (account, role) in &wanted.pairs {
        let Some(account) = wanted.directory.accounts.get(*account) else { continue };
        let Some(role) = account.roles.get(*role) else { continue };
        for region in &regions {
            let told_apart = if regions.len() > 1 { *region } else { "" };
            let identity = mark::identity(&login, &account.id, role, told_apart);
            goals.push(Goal { account, role, region, identity });
        }
    }
    goals
}

fn login_name(recipe: &Recipe<'_>) -> String {
    match &recipe.login.name {
        Some(name) => name.to_string(),
        None => recipe.login.start_url.value.canonical().to_owned(),
    }
}

fn wish(recipe: &Recipe<'_>, goal: &Goal<'_>, session: &str) -> (String, [String; 3]) {
    let id = goal.account.id.as_str();
    let named = goal.account.name.as_deref().filter(|name| !safe(name).is_empty());
    let fields = Fields {
        account_name: named.unwrap_or(id),
        account_id: id,
        email: goal.account.email.as_deref().filter(|text| !text.is_empty()).unwrap_or(id),
        role: goal.role,
        region: goal.region,
        session,
    };
    let several = recipe.regions.len() > 1;
    let region = if several { safe(goal.region) } else { String::new() };
    (safe(&recipe.template.fill(&fields)), [id.to_owned(), safe(goal.role), region])
}

impl Outcome {
    /// A profile that is there keeps its name; the others bid for one. Notes which keep a
    /// name that they would not be given today.
    fn names(
        &mut self,
        recipe: &Recipe<'_>,
        goals: &[Goal<'_>],
        made: &HashMap<&str, Made<'_>>,
        taken: &HashSet<String>,
    ) -> Vec<String> {
        let session = login_name(recipe);
        let mut names: Vec<Option<String>> = Vec::with_capacity(goals.len());
        let mut bids = Vec::new();
        for goal in goals {
            let known = made.get(goal.identity.as_str());
            let (wish, suffixes) = wish(recipe, goal, &session);
            let fits = |name: &str| name == wish || name.starts_with(&format!("{wish}-"));
            let is_old = known.is_some_and(|made| made.intact && !fits(made.name));
            let dependent = known.and_then(|made| made.dependent).filter(|_| recipe.rename);
            if let (true, Some(made), Some(dependent)) = (is_old, known, dependent) {
                self.leant_on.push((made.name.to_owned(), dependent.to_owned()));
            }
            let stays = known.filter(|_| !(recipe.rename && is_old) || dependent.is_some());
            self.old_names += usize::from(is_old && !recipe.rename);
            if stays.is_none() {
                bids.push(Bid { name: wish, suffixes });
            }
            names.push(stays.map(|made| made.name.to_owned()));
        }
        let mut awarded = award(&bids, taken).into_iter();
        let awarded = names.into_iter().map(|name| name.or_else(|| awarded.next()));
        awarded.map(Option::unwrap_or_default).collect()
    }

    fn pursue(
        &mut self,
        recipe: &Recipe<'_>,
        goal: &Goal<'_>,
        name: &str,
        made: Option<&Made<'_>>,
    ) -> Result<()> {
        let pairs = pairs(recipe, goal, name, made)?;
        let section = SectionName::Profile(name.to_owned());
        let Some(made) = made else {
            self.added.push(name.to_owned());
            self.edits.push(SectionEdit::setting(section, pairs));
            return Ok(());
        };
        if !made.intact {
            self.kept.push(made.name.to_owned());
        } else if made.name != name {
            self.renamed.push((made.name.to_owned(), name.to_owned()));
            let old = SectionName::Profile(made.name.to_owned());
            self.edits.push(SectionEdit::removing(old));
            self.edits.push(SectionEdit::setting(section, pairs));
        } else {
            self.update(section, made, pairs);
        }
        Ok(())
    }

    fn update(&mut self, section: SectionName, made: &Made<'_>, pairs: Vec<(String, String)>) {
        let now = |key: &str| made.section.get(key).and_then(|value| value.as_str());
        let set: Vec<(String, String)> =
            pairs.iter().filter(|(key, value)| now(key) != Some(value)).cloned().collect();
        let wanted: BTreeSet<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
        let unset: Vec<String> =
            made.section.keys().filter(|key| !wanted.contains(key)).map(str::to_owned).collect();
        if set.is_empty() && unset.is_empty() {
            self.same += 1;
            return;
        }
        self.changed.push(made.name.to_owned());
        self.edits.push(SectionEdit { section, set, unset, remove: false });
    }

    /// Profiles of accounts and roles that the portal no longer offers. What was not
    /// asked for this time is not gone for that.
    fn clear(
        &mut self,
        recipe: &Recipe<'_>,
        directory: &Directory,
        made: &HashMap<&str, Made<'_>>,
        goals: &HashSet<&str>,
    ) {
        if !directory.all_accounts {
            return;
        }
        let accounts: HashMap<&str, &Listed> =
            directory.accounts.iter().map(|account| (account.id.as_str(), account)).collect();
        let renamed: HashSet<&str> = self.renamed.iter().map(|(old, _)| old.as_str()).collect();
        let mut gone: Vec<&Made<'_>> = made
            .iter()
            .filter(|(identity, made)| !goals.contains(*identity) && !renamed.contains(made.name))
            .map(|(_, made)| made)
            .filter(|made| is_of(recipe, made.section) && is_gone(&accounts, made.section))
            .collect();
        gone.sort_by_key(|made| made.section.header_line());
        let removals: Vec<SectionEdit> = gone
            .iter()
            .filter(|made| recipe.prune && made.intact && made.dependent.is_none())
            .map(|made| SectionEdit::removing(SectionName::Profile(made.name.to_owned())))
            .collect();
        for made in gone {
            let name = made.name.to_owned();
            match (recipe.prune, made.intact, made.dependent) {
                (true, true, Some(dependent)) => self.leant_on.push((name, dependent.to_owned())),
                (true, true, None) => self.removed.push(name),
                (true, false, _) => self.kept.push(name),
                (false, ..) => self.gone.push(name),
            }
        }
        self.edits.extend(removals);
    }
}

fn sso<'s>(section: &'s Section, key: &str) -> Option<&'s str> {
    let text = |key: &str| section.get(key).and_then(|value| value.as_str());
    text(key).or_else(|| text(&hot::keys::hidden(key)))
}

fn is_of(recipe: &Recipe<'_>, section: &Section) -> bool {
    match &recipe.login.name {
        Some(name) => sso(section, "sso_session") == Some(name.as_str()),
        None => sso(section, "sso_start_url")
            .and_then(|url| crate::start_url::StartUrl::parse(url).ok())
            .is_some_and(|url| url == recipe.login.start_url.value),
    }
}

fn is_gone(accounts: &HashMap<&str, &Listed>, section: &Section) -> bool {
    let (Some(id), Some(role)) = (sso(section, "sso_account_id"), sso(section, "sso_role_name"))
    else {
        return false;
    };
    match accounts.get(id) {
        None => true,
        Some(account) => account.asked && !account.roles.iter().any(|known| known == role),
    }
}

/// The keys of a profile in the order in which they are written.
fn pairs(
    recipe: &Recipe<'_>,
    goal: &Goal<'_>,
    name: &str,
    made: Option<&Made<'_>>,
) -> Result<Vec<(String, String)>> {
    let (account, role) = (goal.account.id.as_str(), goal.role);
    let login = recipe.login;
    let mut keys: Vec<(&str, &str)> = match &login.name {
        Some(name) => vec![("sso_session", name.as_str())],
        None => vec![
            ("sso_start_url", login.start_url.value.raw()),
            ("sso_region", login.region.value.as_str()),
        ],
    };
    keys.extend([("sso_account_id", account), ("sso_role_name", role)]);
    let hidden = |key: &str| match recipe.style {
        Style::Process => hot::keys::hidden(key),
        Style::Session | Style::Legacy => key.to_owned(),
    };
    let mut pairs: Vec<(String, String)> =
        keys.into_iter().map(|(key, value)| (hidden(key), value.to_owned())).collect();
    if recipe.style == Style::Process {
        pairs.push(("credential_process".to_owned(), (recipe.command)(name)?));
    }
    let kept = made.and_then(|made| made.section.get("region")?.as_str());
    let region = kept.filter(|_| !recipe.region_is_asked).unwrap_or(goal.region);
    if !region.is_empty() {
        pairs.push(("region".to_owned(), region.to_owned()));
    }
    pairs.extend(recipe.extra.iter().map(|(key, value)| (key.to_lowercase(), value.clone())));
    let borrowed = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let mark = mark::mark(&goal.identity, name, borrowed);
    pairs.push((MARK.to_owned(), mark));
    Ok(pairs)
}

#[cfg(test)]
mod tests;
