//! The clients of the matrix, in five languages: each kit is made below
//! target/peers from the files in tests/peers that pin it.

use crate::peers::{environment, read, run, write};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of clients.
struct Kit {
    name: &'static str,
    /// What it is made from; made anew when that has changed.
    pins: &'static [&'static str],
    make: fn(&Places) -> Result<(), String>,
}

/// Where a kit is made.
struct Places {
    kit: PathBuf,
    target: PathBuf,
    ours: PathBuf,
}

const KITS: [Kit; 6] = [
    Kit { name: "clients", pins: &["requirements-clients.txt"], make: python },
    Kit {
        name: "js",
        pins: &["matrix/js/package.json", "matrix/js/package-lock.json", "matrix/js/caller.js"],
        make: javascript,
    },
    Kit {
        name: "go",
        pins: &["matrix/go/go.mod", "matrix/go/go.sum", "matrix/go/main.go"],
        make: go,
    },
    Kit { name: "java", pins: &["matrix/java/pom.xml", "matrix/java/Caller.java"], make: java },
    Kit { name: "docker", pins: &[], make: docker },
    Kit { name: "shells", pins: &[], make: shells },
];

/// Installs what is not there yet. A kit that cannot be is no reason to stop: the
/// tests find why in `NAME.missing`, and report its clients as not run.
pub fn install(target: &Path, ours: &Path) -> Result<(), String> {
    KITS.iter().try_for_each(|kit| kit.install_or_say_why(target, ours))
}

impl Kit {
    fn install_or_say_why(&self, target: &Path, ours: &Path) -> Result<(), String> {
        let places = Places {
            kit: target.join(self.name),
            target: target.to_owned(),
            ours: ours.to_owned(),
        };
        let missing = target.join(format!("{}.missing", self.name));
        let _ = fs::remove_file(&missing);
        self.install(&places).or_else(|reason| {
            println!("    without {}: {reason}", self.name);
            write(&missing, &reason)
        })
    }

    fn install(&self, places: &Places) -> Result<(), String> {
        let stamp = places.target.join(format!("{}.done", self.name));
        let wanted: String =
            self.pins.iter().map(|pin| read(&places.ours.join(pin))).collect::<Result<_, _>>()?;
        if places.kit.exists() && fs::read_to_string(&stamp).is_ok_and(|done| done == wanted) {
            return Ok(());
        }
        println!("    installing {}", self.name);
        // What breaks off half-way is not taken for made the next time.
        let _ = fs::remove_file(&stamp);
        let _ = fs::remove_dir_all(&places.kit);
        fs::create_dir_all(&places.kit).map_err(|error| error.to_string())?;
        for pin in self.pins {
            let from = places.ours.join(pin);
            let to = from.file_name().map(|name| places.kit.join(name)).unwrap_or_default();
            fs::copy(&from, to).map_err(|error| format!("{}: {error}", from.display()))?;
        }
        (self.make)(places)?;
        write(&stamp, &wanted)
    }
}

impl Places {
    /// A command in the kit's folder.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.kit);
        command
    }

    /// A package manager's cache, kept for the next time.
    fn cache(&self, name: &str) -> PathBuf {
        self.target.join("caches").join(name)
    }
}

fn python(places: &Places) -> Result<(), String> {
    environment(&places.kit, &places.ours.join("requirements-clients.txt"))
}

fn javascript(places: &Places) -> Result<(), String> {
    let mut npm = places.command("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache"]);
    run("npm ci", npm.arg(places.cache("npm")))
}

fn go(places: &Places) -> Result<(), String> {
    let mut go = places.command("go");
    // Modules are read-only otherwise, and the target folder could not be removed.
    go.args(["build", "-modcacherw", "-trimpath", "-ldflags=-s -w", "-o", "caller", "."]);
    go.env("GOMODCACHE", places.cache("gomod")).env("GOCACHE", places.cache("gobuild"));
    // Without C it is one file that runs in an empty container.
    run("go build", go.env("CGO_ENABLED", "0"))
}

fn java(places: &Places) -> Result<(), String> {
    let mut maven = places.command("mvn");
    maven.args(["--quiet", "--batch-mode", "dependency:copy-dependencies"]);
    maven.arg(format!("-Dmaven.repo.local={}", places.cache("maven").display()));
    maven.arg(format!("-DoutputDirectory={}", places.kit.join("jars").display()));
    run("mvn dependency:copy-dependencies", &mut maven)?;
    let mut compiler = places.command("javac");
    run("javac", compiler.args(["-cp", "jars/*", "-d", ".", "Caller.java"]))
}

/// Debian's engine, unpacked and not installed, for a machine where none runs.
fn docker(places: &Places) -> Result<(), String> {
    if run("docker info", places.command("docker").arg("info")).is_ok() {
        return Ok(());
    }
    unpack(places, &["docker.io", "containerd", "runc"])?;
    let ready = places.kit.join("root/usr/sbin/dockerd").exists();
    ready.then_some(()).ok_or_else(|| "the packages bring no dockerd".to_owned())
}

/// The shells that not every machine has, for one that has not.
fn shells(places: &Places) -> Result<(), String> {
    let works = |shell: &str| run(shell, places.command(shell).args(["-c", "true"])).is_ok();
    match works("fish") && works("zsh") {
        true => Ok(()),
        false => unpack(places, &["fish", "libpcre2-32-0", "zsh"]),
    }
}

fn unpack(places: &Places, packages: &[&str]) -> Result<(), String> {
    run("apt-get download", places.command("apt-get").arg("download").args(packages))?;
    let unpack = "for package in *.deb; do dpkg -x $package root; done";
    run("dpkg", places.command("sh").args(["-ec", unpack]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static MADE: Cell<u32> = const { Cell::new(0) };
    }

    fn kit(make: fn(&Places) -> Result<(), String>) -> Kit {
        Kit { name: "kit", pins: &["pin"], make }
    }

    fn well(places: &Places) -> Result<(), String> {
        MADE.set(MADE.get() + 1);
        assert_eq!(read(&places.kit.join("pin"))?, read(&places.ours.join("pin"))?);
        Ok(())
    }

    fn badly(_: &Places) -> Result<(), String> {
        Err("npm is not here".to_owned())
    }

    /// A folder for the test alone: its target, and what it is made from.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("kits-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        write(&folder.join("pin"), "1").unwrap();
        folder
    }

    #[test]
    fn a_kit_is_made_once_and_again_when_its_pins_change() {
        let folder = folder("once");
        let install = || kit(well).install_or_say_why(&folder, &folder).unwrap();
        install();
        install();
        assert_eq!(MADE.get(), 1);
        write(&folder.join("pin"), "2").unwrap();
        install();
        assert_eq!(MADE.get(), 2);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_kit_that_cannot_be_made_says_why_until_it_can() {
        let folder = folder("why");
        kit(well).install_or_say_why(&folder, &folder).unwrap();
        write(&folder.join("pin"), "2").unwrap();
        kit(badly).install_or_say_why(&folder, &folder).unwrap();
        let missing = folder.join("kit.missing");
        assert_eq!(read(&missing).unwrap(), "npm is not here");
        // Back to what had been made once, and is gone.
        write(&folder.join("pin"), "1").unwrap();
        kit(badly).install_or_say_why(&folder, &folder).unwrap();
        assert!(missing.exists());
        kit(well).install_or_say_why(&folder, &folder).unwrap();
        assert!(!missing.exists());
        fs::remove_dir_all(folder).unwrap();
    }
}
