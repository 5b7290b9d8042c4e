//! The container engine of this machine, as far as it tells.
#![expect(clippy::disallowed_methods, reason = "the kernel says here what kind of machine this is")]

use std::process::Stdio;
use std::time::Duration;

/// How a container reaches 127.0.0.1 of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is in this machine's own network.
    Host,
    /// Through a container that forwards to a name under which the engine lets it
    /// reach this machine.
    Door(&'static str),
}

/// What was found out.
#[derive(Debug, PartialEq, Eq)]
pub struct Engine {
    program: &'static str,
    found: Found,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    /// Beside us, as root or as this user.
    Native,
    /// In a virtual machine of its own: Docker Desktop, `podman machine`.
    Apart,
    /// docker without root: "host" is a network of its own.
    Rootless,
    NotInstalled,
    /// It is there, and does not answer.
    Silent(String),
}

/// Asks an engine what it is.
pub async fn look(program: &'static str) -> Engine {
    const PATIENCE: Duration = Duration::from_secs(5);
    let format = match program {
        "podman" => "{{.Host.ServiceIsRemote}} {{.Host.OS}}",
        _ => "{{.OperatingSystem}} {{.SecurityOptions}}",
    };
    let mut command = tokio::process::Command::new(program);
    command.args(["info", "--format", format]).stdin(Stdio::null()).kill_on_drop(true);
    let found = match tokio::time::timeout(PATIENCE, command.output()).await {
        Err(_) => Found::Silent("it did not answer within five seconds".to_owned()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Found::NotInstalled,
        Ok(Err(error)) => Found::Silent(error.to_string()),
        Ok(Ok(output)) if output.status.success() => {
            understand(program, &String::from_utf8_lossy(&output.stdout))
        }
        Ok(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Found::Silent(said.lines().last().unwrap_or("it failed").trim().to_owned())
        }
    };
    Engine { program, found }
}

fn understand(program: &str, said: &str) -> Found {
    let has = |words: &str| said.contains(words);
    match program {
        "podman" if has("true") => Found::Apart,
        "podman" => Found::Native,
        _ if has("Docker Desktop") => Found::Apart,
        _ if has("name=rootless") => Found::Rootless,
        _ => Found::Native,
    }
}

impl Engine {
    /// How its containers reach us. One that does not answer is taken for what is
    /// usual on this system.
    pub fn way(&self) -> Way {
        let host = if self.program == "podman" {
            "host.containers.internal"
        } else {
            "host.docker.internal"
        };
        match self.found {
            Found::Native => Way::Host,
            Found::Rootless => Way::Door("10.0.2.2"),
            Found::Apart => Way::Door(host),
            _ if cfg!(target_os = "linux") && !is_wsl() => Way::Host,
            _ => Way::Door(host),
        }
    }

    /// What was found, and what could not be checked.
    pub fn lines(&self) -> Vec<String> {
        let program = self.program;
        let mut lines = match &self.found {
            Found::Native => vec![format!("{program}: its containers can share this machine's network.")],
            Found::Apart => vec![
                format!("{program} runs in a virtual machine: its containers reach 127.0.0.1 through a"),
                "container that forwards. Not checked: whether the engine lets it reach this machine.".to_owned(),
            ],
            Found::Rootless => vec![
                format!("{program} runs without root: its containers reach this machine only if its daemon was"),
                "started with DOCKERD_ROOTLESS_ROOTLESSKIT_DISABLE_HOST_LOOPBACK=false. Not checked.".to_owned(),
            ],
            Found::NotInstalled => vec![
                format!("{program} is not installed here, or not on the PATH: nothing of this was checked."),
            ],
            Found::Silent(why) => vec![
                format!("{program} does not answer, so nothing of this was checked ({why})."),
            ],
        };
        if is_wsl() {
            lines.push("This is WSL: an engine on the Windows side reaches it only through Windows' 127.0.0.1".to_owned());
            lines.push(
                "(localhostForwarding, on unless .wslconfig says otherwise). Not checked."
                    .to_owned(),
            );
        }
        lines
    }
}

#[cfg(target_os = "linux")]
fn is_wsl() -> bool {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    kernel.to_lowercase().contains("microsoft")
}

#[cfg(not(target_os = "linux"))]
fn is_wsl() -> bool {
    false
}

/// Whether a mounted file stays unreadable to containers unless its label is ignored.
pub fn has_selinux() -> bool {
    std::fs::read_to_string("/sys/fs/selinux/enforce").is_ok_and(|text| text.trim() == "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_are_told_apart_by_what_they_say() {
        for (program, said, way) in [
            (
                "docker",
                "Debian GNU/Linux 12 (bookworm) [name=seccomp,profile=builtin name=cgroupns]",
                Way::Host,
            ),
            (
                "docker",
                "Docker Desktop [name=seccomp,profile=unconfined]",
                Way::Door("host.docker.internal"),
            ),
            (
                "docker",
                "Ubuntu 24.04 [name=seccomp name=rootless name=cgroupns]",
                Way::Door("10.0.2.2"),
            ),
            ("podman", "false linux", Way::Host),
            ("podman", "true linux", Way::Door("host.containers.internal")),
        ] {
            let program = if program == "docker" { "docker" } else { "podman" };
            assert_eq!(Engine { program, found: understand(program, said) }.way(), way, "{said}");
        }
    }

    #[test]
    fn an_engine_that_is_not_there_or_fails_is_said_to_be_unchecked() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let absent = runtime.block_on(look("daypass-no-such-engine"));
        assert_eq!(absent.found, Found::NotInstalled);
        let failing = runtime.block_on(look("false"));
        for engine in [absent, failing] {
            assert!(engine.lines()[0].contains("nothing of this was checked"), "{engine:?}");
        }
    }
}
