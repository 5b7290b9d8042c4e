//! The region a host is named for, as `oidc.us-east-1.amazonaws.com`.

use crate::http::Ask;
use crate::room::Room;
use crate::world::is_region;

/// The region in the request's `Host`; nothing for hosts without one.
pub(super) fn of_host(ask: &Ask) -> Option<&str> {
    let host = ask.header("host")?;
    // From the end: a bucket's name comes first, and can look like a region.
    host.split(['.', ':']).rev().find(|label| is_region(label))
}

/// Whether the request went to another region than the organization's.
pub(super) fn is_elsewhere(room: &Room, ask: &Ask) -> bool {
    of_host(ask).is_some_and(|region| region != room.world.region)
}
