//! What to write so that a container gets its credentials from us.

use super::engines::Way;
use clap::ValueEnum;
use daypass_core::resolve::sso::shell_word;
use serde_json::{Value, json};
use std::path::Path;

/// For what the recipe is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Recipe {
    /// The options of `docker run`
    Docker,
    /// A service of a compose file
    Compose,
    /// The options of `podman run`
    Podman,
    /// Keys of a devcontainer.json
    Devcontainer,
}

/// What a recipe depends on.
pub struct Facts<'a> {
    pub uri: &'a str,
    pub port: u16,
    pub token_file: &'a Path,
    pub region: Option<&'a str>,
    pub way: Way,
    /// SELinux is in force.
    pub labelled: bool,
}

/// Where the token is in the container.
const TOKEN: &str = "/run/daypass/token";
/// The container that forwards.
const DOOR: &str = "daypass-door";
/// An image whose program is socat.
const SOCAT: &str = "docker.io/alpine/socat";

impl Facts<'_> {
    /// The variables in the container.
    fn variables(&self) -> Vec<(&'static str, &str)> {
        let mut variables = vec![
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", self.uri),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", TOKEN),
        ];
        variables.extend(self.region.map(|region| ("AWS_REGION", region)));
        variables
    }

    fn token_file(&self) -> String {
        self.token_file.display().to_string()
    }

    /// socat's words: SDKs take a plain address only if it is a loopback one, so the
    /// door stands in the container's own network.
    fn forward(&self, host: &str) -> [String; 2] {
        let port = self.port;
        [format!("TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr"), format!("TCP:{host}:{port}")]
    }
}

impl Recipe {
    /// The program whose engine is meant.
    pub fn program(self) -> &'static str {
        if self == Recipe::Podman { "podman" } else { "docker" }
    }

    /// Whether it goes into a file that is kept.
    pub fn is_kept(self) -> bool {
        matches!(self, Recipe::Compose | Recipe::Devcontainer)
    }

    /// The recipe.
    pub fn text(self, facts: &Facts<'_>) -> String {
        match self {
            Recipe::Docker | Recipe::Podman => run(self.program(), facts),
            Recipe::Compose => compose(facts),
            Recipe::Devcontainer => devcontainer(facts),
        }
    }
}

/// Starts the container that forwards, if one is needed, and names the network.
fn network(program: &str, facts: &Facts<'_>) -> (String, String) {
    match facts.way {
        Way::Host => (String::new(), "host".to_owned()),
        Way::Door(host) => {
            let [listen, to] = facts.forward(host);
            let start = format!("{program} run -d --rm --name {DOOR} {SOCAT} {listen} {to}");
            (start, format!("container:{DOOR}"))
        }
    }
}

fn run(program: &str, facts: &Facts<'_>) -> String {
    let (start, network) = network(program, facts);
    let file = facts.token_file();
    let mut options = vec![
        format!("--network {network}"),
        format!(
            "--mount {}",
            shell_word(&format!("type=bind,source={file},target={TOKEN},readonly"))
        ),
    ];
    if facts.labelled {
        options.push("--security-opt label=disable".to_owned());
    }
    let variable = |(name, value): (&str, &str)| format!("-e {name}={}", shell_word(value));
    options.extend(facts.variables().into_iter().map(variable));
    let start = if start.is_empty() { start } else { start + "\n" };
    format!("{start}{program} run --rm -it \\\n  {} \\\n  IMAGE\n", options.join(" \\\n  "))
}

/// JSON strings are YAML as well, whatever is in them.
fn compose(facts: &Facts<'_>) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut lines = vec!["services:".to_owned()];
    let mut network = "host".to_owned();
    if let Way::Door(host) = facts.way {
        let [listen, to] = facts.forward(host);
        lines.push(format!("  {DOOR}:\n    image: {SOCAT}"));
        lines.push(format!("    command: [{}, {}]", quoted(&listen), quoted(&to)));
        network = format!("service:{DOOR}");
    }
    lines.push("  YOUR-SERVICE:".to_owned());
    lines.push(format!("    network_mode: {}", quoted(&network)));
    if facts.labelled {
        lines.push("    security_opt: [\"label=disable\"]".to_owned());
    }
    lines.push("    environment:".to_owned());
    let variable = |(name, value): (&str, &str)| format!("      {name}: {}", quoted(value));
    lines.extend(facts.variables().into_iter().map(variable));
    // A file that is not there would be made, as a directory of root's.
    lines.push(format!(
        "    volumes:\n      - type: bind\n        source: {}\n        target: {TOKEN}\n        read_only: true\n        bind: {{create_host_path: false}}",
        quoted(&facts.token_file())
    ));
    lines.join("\n") + "\n"
}

fn devcontainer(facts: &Facts<'_>) -> String {
    let (start, network) = network("docker", facts);
    let mut arguments = vec![format!("--network={network}")];
    if facts.labelled {
        arguments.push("--security-opt=label=disable".to_owned());
    }
    let mount = format!("type=bind,source={},target={TOKEN},readonly", facts.token_file());
    let variables = facts.variables().into_iter();
    let variables: serde_json::Map<_, _> =
        variables.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let mut keys = json!({"runArgs": arguments, "mounts": [mount], "containerEnv": variables});
    if !start.is_empty() {
        keys["initializeCommand"] =
            Value::from(format!("docker inspect {DOOR} >/dev/null 2>&1 || {start}"));
    }
    format!("{keys:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(way: Way) -> Facts<'static> {
        Facts {
            uri: "http://127.0.0.1:4000/creds/dev",
            port: 4000,
            token_file: Path::new("/run/user/1000/daypass/endpoint-port-4000/token"),
            region: Some("us-west-2"),
            way,
            labelled: false,
        }
    }

    const DESKTOP: Way = Way::Door("host.docker.internal");

    #[test]
    fn a_native_engine_shares_the_network() {
        assert_eq!(
            Recipe::Docker.text(&facts(Way::Host)),
            "docker run --rm -it \\
  --network host \\
  --mount type=bind,source=/run/user/1000/daypass/endpoint-port-4000/token,target=/run/daypass/token,readonly \\
  -e AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:4000/creds/dev \\
  -e AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/run/daypass/token \\
  -e AWS_REGION=us-west-2 \\
  IMAGE
"
        );
        assert!(Recipe::Podman.text(&facts(Way::Host)).starts_with("podman run "));
        let labelled = Facts { labelled: true, ..facts(Way::Host) };
        assert!(Recipe::Podman.text(&labelled).contains(" --security-opt label=disable "));
    }

    #[test]
    fn a_virtual_machine_s_containers_go_through_the_door() {
        let text = Recipe::Docker.text(&facts(DESKTOP));
        let (door, run) = text.split_once('\n').unwrap();
        assert!(
            door.ends_with(
                "TCP-LISTEN:4000,bind=127.0.0.1,fork,reuseaddr TCP:host.docker.internal:4000"
            ),
            "{door}"
        );
        assert!(run.contains("--network container:daypass-door"), "{run}");
        let compose = Recipe::Compose.text(&facts(DESKTOP));
        assert!(compose.contains("network_mode: \"service:daypass-door\""), "{compose}");
    }

    #[test]
    fn a_compose_file_makes_no_directory_where_a_file_is_missing() {
        let text = Recipe::Compose.text(&facts(Way::Host));
        assert!(text.contains("network_mode: \"host\""), "{text}");
        assert!(text.contains("create_host_path: false"), "{text}");
        assert!(!text.contains("daypass-door"), "{text}");
    }

    #[test]
    fn a_devcontainer_s_keys_are_json() {
        for way in [Way::Host, DESKTOP] {
            let json: Value =
                serde_json::from_str(&Recipe::Devcontainer.text(&facts(way))).unwrap();
            assert_eq!(json["containerEnv"]["AWS_REGION"], "us-west-2");
            assert_eq!(json["initializeCommand"].is_string(), way == DESKTOP);
        }
    }
}
