//! `/start`: the accounts and roles of the signed-in user.

use maud::{Markup, html};
use url::form_urlencoded::Serializer;

use super::layout::Page;
use super::{browser, visit};
use crate::http::{Answer, Ask};
use crate::room::Room;
use crate::state::Purpose;
use crate::world::Account;

/// Accounts on a page: organizations have thousands.
const PAGE: usize = 25;

pub(super) fn open(room: &mut Room, ask: &Ask) -> Answer {
    let Some((user, who)) = browser::who(room, ask) else {
        return visit::begin(room, ask, Purpose::AccessPortal);
    };
    let search = ask.parameter("search").unwrap_or_default().trim();
    let all: Vec<_> = room.world.accounts_of(&user).collect();
    let found: Vec<_> = all.iter().filter(|account| matches(account, search)).collect();
    let from = ask.parameter("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let from = if from < found.len() { from } else { 0 };
    let shown = &found[from..found.len().min(from + PAGE)];
    let content = html! {
        @if all.len() > 3 { (search_form(search)) }
        p.count role="status" { (counted(found.len(), all.len())) }
        @for account in shown { (section(room, &user, account)) }
        (turn(search, from, found.len()))
    };
    Page::new("Your AWS accounts", content).portal(who).answer()
}

fn matches(account: &Account, search: &str) -> bool {
    let search = search.to_lowercase();
    let texts = [Some(&account.id), account.name.as_ref(), account.email.as_ref()];
    texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&search))
}

fn search_form(search: &str) -> Markup {
    html! {
        form.search method="get" action=(super::PORTAL) role="search" {
            label for="search" { "Search by name, ID or e-mail address" }
            div { input type="search" id="search" name="search" value=(search); button.second type="submit" { "Search" } }
        }
    }
}

fn counted(found: usize, all: usize) -> String {
    match (found, all) {
        (_, 0) => "You have no accounts. An administrator assigns them.".to_owned(),
        (1, 1) => "1 account".to_owned(),
        _ if found == all => format!("{all} accounts"),
        _ => format!("{found} of {all} accounts"),
    }
}

fn section(room: &Room, user: &str, account: &Account) -> Markup {
    let name = account.name.clone().filter(|_| !account.suspended);
    let name = name.unwrap_or_else(|| format!("Account {}", account.id));
    let email = account.email.as_deref().filter(|_| !account.suspended);
    let roles = room.world.role_names(user, &account.id).filter(|_| !account.suspended);
    html! {
        section.account aria-labelledby={ "account-" (account.id) } {
            h2 id={ "account-" (account.id) } { bdi { (name) } }
            p.hint { (account.id) @if let Some(email) = email { " · " bdi { (email) } } }
            @if account.suspended { p { "This account is suspended: nobody gets in." } }
            ul.roles { @for role in roles { (role_item(account, &name, role)) } }
        }
    }
}

/// Links say where they lead when they are read out alone.
fn role_item(account: &Account, name: &str, role: &str) -> Markup {
    let query = Serializer::new(String::new())
        .append_pair("account_id", &account.id)
        .append_pair("role_name", role)
        .finish();
    let of = format!(" of {role} in {name}");
    html! {
        li {
            span.role { (role) }
            span.ways {
                a href={ "/start/console?" (query) } { "Management console" span.unseen { (of) } }
                a href={ "/start/keys?" (query) } { "Access keys" span.unseen { (of) } }
            }
        }
    }
}

/// Links to the pages before and after.
fn turn(search: &str, from: usize, found: usize) -> Markup {
    let link = |from: usize| {
        let mut query = Serializer::new(String::new());
        query.append_pair("search", search).append_pair("from", &from.to_string());
        format!("{}?{}", super::PORTAL, query.finish())
    };
    html! {
        @if found > PAGE {
            nav.turn aria-label="Pages" {
                @if from > 0 { a href=(link(from.saturating_sub(PAGE))) rel="prev" { "Previous" } }
                span { (from + 1) "–" (found.min(from + PAGE)) " of " (found) }
                @if from + PAGE < found { a href=(link(from + PAGE)) rel="next" { "Next" } }
            }
        }
    }
}
