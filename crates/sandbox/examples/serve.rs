//! Runs the guide's world until standard input ends, or plays the person:
//!
//! ```text
//! cargo run --example serve                      prints `export NAME=VALUE` lines
//! cargo run --example serve -- visit URL [deny]  signs in as ada and decides
//! ```
#![expect(clippy::print_stdout, reason = "the example's output")]

use std::io::Read as _;

use sandbox::person::Person;
use sandbox::{Options, Sandbox, World};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, verb, url, rest @ ..] = arguments.as_slice() {
        let person = if rest.is_empty() { Person::allowing("ada") } else { Person::denying("ada") };
        println!("{verb}: {}", person.visit(url)?);
        return Ok(());
    }
    let running = Sandbox::start_blocking(World::guide(), Options::default())?;
    for (name, value) in running.environment() {
        println!("export {name}={value}");
    }
    std::io::stdin().read_to_end(&mut Vec::new())?;
    for entry in running.control().journal() {
        println!("# {} {} {:?} {:?}", entry.operation, entry.status, entry.code, entry.subject);
    }
    Ok(())
}
