//! Where this process runs, as far as a login cares: whether a browser that is opened
//! here can come back to it.

use crate::host::Vars;
use std::fmt;

/// The variables that tell. They hold no secrets, and one that is no text tells nothing.
pub const VARIABLES: &[&str] = &[
    "AWS_EXECUTION_ENV",
    "BROWSER",
    "CODESPACES",
    "DISPLAY",
    "JPY_PARENT_PID",
    "JPY_SESSION_NAME",
    "JUPYTERHUB_API_URL",
    "JUPYTERHUB_SERVICE_PREFIX",
    "JUPYTERHUB_USER",
    "JUPYTER_SERVER_URL",
    "REMOTE_CONTAINERS",
    "SSH_CLIENT",
    "SSH_CONNECTION",
    "SSH_TTY",
    "VSCODE_IPC_HOOK_CLI",
    "WAYLAND_DISPLAY",
    "WSL_DISTRO_NAME",
];

/// What no variable tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// An engine has left its mark in the file system.
    pub container: bool,
    /// What WSL calls the way its network is made: `nat`, `mirrored` and others.
    pub wsl_network: Option<String>,
    /// Whether windows need a display that a variable names: Linux and its kin.
    pub needs_display: bool,
}

/// A place, by what it means for a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A desktop of the person's own.
    Here,
    /// A hub's notebook server.
    JupyterHub,
    /// The shell in AWS's console.
    CloudShell,
    /// GitHub's machine.
    Codespaces,
    /// The far side of an editor.
    VsCode,
    /// A container that an editor works in.
    DevContainer,
    /// A machine reached by SSH.
    Ssh,
    /// Linux inside Windows, with a network of its own.
    Wsl,
    /// A container.
    Container,
    /// A machine without a screen.
    NoDisplay,
}

/// Chooses by what is set; the first that fits, from the surest sign to the weakest.
pub fn detect(vars: &Vars, signs: &Signs) -> Place {
    let any = |names: &[&str]| vars.first(names).is_some();
    let strong = [
        (is_hub(vars), Place::JupyterHub),
        (is_cloud_shell(vars), Place::CloudShell),
        (vars.is_true("CODESPACES"), Place::Codespaces),
        (vars.is_true("REMOTE_CONTAINERS"), Place::DevContainer),
        (any(&["VSCODE_IPC_HOOK_CLI"]), Place::VsCode),
        (any(&["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]), Place::Ssh),
    ];
    if let Some((_, place)) = strong.into_iter().find(|(fits, _)| *fits) {
        return place;
    }
    if any(&["WSL_DISTRO_NAME"]) {
        return if shares_network(signs) { Place::Here } else { Place::Wsl };
    }
    // Whoever names a browser there has one.
    if any(&["BROWSER"]) {
        return Place::Here;
    }
    match (signs.container, signs.needs_display && !any(&["DISPLAY", "WAYLAND_DISPLAY"])) {
        (true, _) => Place::Container,
        (false, true) => Place::NoDisplay,
        (false, false) => Place::Here,
    }
}

fn is_hub(vars: &Vars) -> bool {
    vars.first(&["JUPYTERHUB_USER", "JUPYTERHUB_API_URL", "JUPYTERHUB_SERVICE_PREFIX"]).is_some()
}

fn is_cloud_shell(vars: &Vars) -> bool {
    vars.get("AWS_EXECUTION_ENV").is_some_and(|name| name.eq_ignore_ascii_case("CloudShell"))
}

/// Windows reaches 127.0.0.1 of a mirrored machine. Of one behind NAT it does so only
/// where nobody has switched that off, which cannot be seen from inside.
fn shares_network(signs: &Signs) -> bool {
    signs.wsl_network.as_deref().is_some_and(|mode| mode.trim().eq_ignore_ascii_case("mirrored"))
}

/// Whether people here write notebooks.
pub fn has_notebooks(vars: &Vars) -> bool {
    const SERVER: &[&str] = &["JUPYTER_SERVER_URL", "JPY_PARENT_PID", "JPY_SESSION_NAME"];
    is_hub(vars) || vars.first(SERVER).is_some()
}

/// How a port of this machine is forwarded by SSH to whoever is in by it: the user and
/// the address that they dialled, as far as is known.
pub fn forward_line(vars: &Vars, user: Option<&str>, port: u16) -> String {
    let words: Vec<&str> = vars.get("SSH_CONNECTION").unwrap_or_default().split(' ').collect();
    let (host, their_port) = match words.as_slice() {
        [_, _, host, port] if host.parse::<std::net::IpAddr>().is_ok() => (*host, Some(*port)),
        _ => ("HOST", None),
    };
    let plain = |user: &&str| user.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let user = user.filter(plain).filter(|user| !user.is_empty() && !user.starts_with('-'));
    let whom = user.map(|user| format!("{user}@")).unwrap_or_default();
    let at = their_port.filter(|port| *port != "22" && port.parse::<u16>().is_ok());
    let at = at.map(|port| format!("-p {port} ")).unwrap_or_default();
    format!("ssh -N -L {port}:127.0.0.1:{port} {at}{whom}{host}")
}

impl Place {
    /// Whether a browser that is opened from here is one that can reach 127.0.0.1 here.
    pub fn browser_comes_back(self) -> bool {
        self == Place::Here
    }

    /// Whether something here opens a browser where the person is, though that cannot
    /// come back: an editor's helper, or Windows.
    pub fn opens_elsewhere(self) -> bool {
        matches!(self, Place::VsCode | Place::DevContainer | Place::Codespaces | Place::Wsl)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::Here => "this machine",
            Place::JupyterHub => "JupyterHub",
            Place::CloudShell => "AWS CloudShell",
            Place::Codespaces => "Codespaces",
            Place::VsCode => "VS Code, remote",
            Place::DevContainer => "dev container",
            Place::Ssh => "SSH",
            Place::Wsl => "WSL",
            Place::Container => "container",
            Place::NoDisplay => "no display",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(text: &str) -> Vars {
        let pairs = text.split_whitespace().map(|pair| pair.split_once('=').unwrap());
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn linux() -> Signs {
        Signs { needs_display: true, ..Signs::default() }
    }

    #[test]
    fn the_table_of_places() {
        let container = Signs { container: true, ..linux() };
        let wsl = |mode: &str| Signs { wsl_network: Some(mode.to_owned()), ..linux() };
        let table = [
            ("DISPLAY=:0", linux(), Place::Here),
            ("WAYLAND_DISPLAY=wayland-0", linux(), Place::Here),
            ("", Signs::default(), Place::Here),
            ("", linux(), Place::NoDisplay),
            ("BROWSER=w3m", linux(), Place::Here),
            ("", container.clone(), Place::Container),
            ("DISPLAY=:0", container.clone(), Place::Container),
            ("BROWSER=firefox", container.clone(), Place::Here),
            ("SSH_CONNECTION=a SSH_TTY=/dev/pts/0", linux(), Place::Ssh),
            // Forwarded by `ssh -X`, or left over in a tmux: not a sign of being here.
            ("SSH_TTY=/dev/pts/0 DISPLAY=:10", linux(), Place::Ssh),
            ("SSH_CONNECTION=a BROWSER=firefox", linux(), Place::Ssh),
            ("SSH_TTY=/dev/ttys1", Signs::default(), Place::Ssh),
            ("SSH_TTY=", linux(), Place::NoDisplay),
            ("JUPYTERHUB_USER=ada", container.clone(), Place::JupyterHub),
            ("JUPYTERHUB_SERVICE_PREFIX=/user/ada/ SSH_TTY=x", linux(), Place::JupyterHub),
            ("JPY_PARENT_PID=7 DISPLAY=:0", linux(), Place::Here),
            ("AWS_EXECUTION_ENV=CloudShell", container.clone(), Place::CloudShell),
            ("AWS_EXECUTION_ENV=AWS_ECS_FARGATE", container.clone(), Place::Container),
            ("CODESPACES=true BROWSER=/vscode/browser.sh", container.clone(), Place::Codespaces),
            ("REMOTE_CONTAINERS=true VSCODE_IPC_HOOK_CLI=/x", container, Place::DevContainer),
            ("VSCODE_IPC_HOOK_CLI=/x SSH_CONNECTION=a BROWSER=/b", linux(), Place::VsCode),
            ("WSL_DISTRO_NAME=Ubuntu DISPLAY=:0", linux(), Place::Wsl),
            ("WSL_DISTRO_NAME=Ubuntu", wsl("nat"), Place::Wsl),
            ("WSL_DISTRO_NAME=Ubuntu", wsl("mirrored\n"), Place::Here),
        ];
        for (text, signs, expected) in table {
            assert_eq!(detect(&vars(text), &signs), expected, "{text} {signs:?}");
        }
    }

    #[test]
    fn every_variable_of_the_table_is_read() {
        for name in ["SSH_TTY", "JUPYTERHUB_USER", "CODESPACES", "BROWSER", "DISPLAY"] {
            assert!(VARIABLES.contains(&name), "{name}");
        }
    }

    #[test]
    fn notebooks_are_on_hubs_and_on_servers_of_one_s_own() {
        assert!(has_notebooks(&vars("JUPYTERHUB_API_URL=http://hub:8081/hub/api")));
        assert!(has_notebooks(&vars("JPY_PARENT_PID=1")));
        assert!(!has_notebooks(&vars("SSH_TTY=x")));
    }

    #[test]
    fn the_line_that_forwards_a_port_can_be_pasted() {
        let connection = |text: &str| -> Vars {
            [("SSH_CONNECTION".to_owned(), text.to_owned())].into_iter().collect()
        };
        let line = |text: &str, user| forward_line(&connection(text), user, 8400);
        assert_eq!(
            line("192.0.2.7 50000 198.51.100.4 22", Some("ada")),
            "ssh -N -L 8400:127.0.0.1:8400 ada@198.51.100.4"
        );
        assert_eq!(
            line("192.0.2.7 50000 2001:db8::4 2222", None),
            "ssh -N -L 8400:127.0.0.1:8400 -p 2222 2001:db8::4"
        );
        // What is no address and no name is not pasted.
        assert_eq!(line("a b $(x) 22", Some("a;b")), "ssh -N -L 8400:127.0.0.1:8400 HOST");
        assert_eq!(line("", Some("-oX")), "ssh -N -L 8400:127.0.0.1:8400 HOST");
    }
}
