//! An invitation from a web address: over https and nothing else.

use super::MOST_BYTES;
use crate::aws::{Aws, Page};
use crate::error::{Error, Kind, Result, quoted};
use crate::files;
use sha2::{Digest, Sha256};
use std::path::Path;
use url::Url;

const MOST_REDIRECTS: usize = 5;

/// Gets the file behind an address. Redirects are followed, to https only.
///
/// # Errors
/// [`Kind::Config`] for an address or an answer that cannot be used, [`Kind::Network`]
/// where nobody answers.
pub async fn fetch(aws: &Aws, address: &str) -> Result<Vec<u8>> {
    let mut url = Url::parse(address).map_err(|error| refused(address, error.to_string()))?;
    for _ in 0..=MOST_REDIRECTS {
        check(&url, address)?;
        match aws.page(url.as_str(), MOST_BYTES).await? {
            Page { status: 200, body, .. } => return Ok(body),
            Page { status: 301 | 302 | 303 | 307 | 308, location: Some(place), .. } => {
                url = url.join(&place).map_err(|error| refused(address, error.to_string()))?;
            }
            Page { status, .. } => {
                return Err(refused(address, format!("{} answers {status}", bare(&url))));
            }
        }
    }
    Err(refused(address, format!("it leads through more than {MOST_REDIRECTS} redirects")))
}

/// Reads the file at `path`; `shown` is how it was named.
///
/// # Errors
/// [`Kind::Config`] where there is none, or it cannot be read.
pub fn load(path: &Path, shown: &str) -> Result<Vec<u8>> {
    let failed = |why: String| {
        Error::new(Kind::Config, format!("cannot read the invitation {}", quoted(shown)))
            .because(why)
            .hint("give --from a file, or an address that begins with https://")
    };
    let file = files::read_small(path).map_err(|error| failed(error.to_string()))?;
    Ok(file.ok_or_else(|| failed("there is no such file".to_owned()))?.bytes)
}

/// The SHA-256 of an invitation in hexadecimal, as `sha256sum` prints it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check(url: &Url, address: &str) -> Result<()> {
    let named = !url.username().is_empty() || url.password().is_some();
    match url.scheme() {
        "https" if !named => Ok(()),
        "https" => Err(refused(address, "an address with a user's name in it".to_owned())),
        _ => Err(refused(
            address,
            format!("{} is not https: anybody in between could have changed it", bare(url)),
        )),
    }
}

/// Without user, query and fragment, which may hold secrets.
fn bare(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

fn refused(address: &str, why: String) -> Error {
    let shown = Url::parse(address).map_or_else(|_| address.to_owned(), |url| bare(&url));
    Error::new(Kind::Config, format!("cannot get the invitation {}", quoted(&shown)))
        .because(why)
        .hint("open the address in a browser, save the file, and give that to --from")
}
