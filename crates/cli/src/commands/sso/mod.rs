//! `sso …`: login, logout, and the portal's raw calls.

pub mod login;
mod logout;
mod portal;

use crate::app::App;
use crate::report::Done;
use clap::Subcommand;
use daypass_core::Result;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Log in with the browser
    Login(login::Login),
    /// Log out: of every sso-session, or of one
    Logout(logout::Logout),
    /// List the accounts you have a role in
    ListAccounts(portal::ListAccounts),
    /// List your roles in an account
    ListAccountRoles(portal::ListAccountRoles),
    /// Print the credentials of a role; they are secret
    GetRoleCredentials(portal::GetRoleCredentials),
}

pub fn run(app: &App, command: Command) -> Result<Done> {
    match command {
        Command::Login(wanted) => login::run(app, &wanted),
        Command::Logout(wanted) => logout::run(app, &wanted),
        Command::ListAccounts(wanted) => portal::list_accounts(app, &wanted),
        Command::ListAccountRoles(wanted) => portal::list_account_roles(app, &wanted),
        Command::GetRoleCredentials(wanted) => portal::get_role_credentials(app, &wanted),
    }
}
