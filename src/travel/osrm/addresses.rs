//! Which addresses a server may stand at: public ones, and those a setting allows.
//!
//! An organization names its own server, so an address may lead anywhere. Names are resolved here
//! and every address they stand for is checked; the connection goes to the checked addresses and to
//! no others, so that a name cannot mean something else a moment later.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use crate::travel::errors::TravelError;

/// Resolves names, and refuses those that stand for a private address.
#[derive(Debug, Clone)]
pub struct Guard {
    allowed: Vec<IpNet>,
}

/// A name stands for an address that must not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is private")]
pub struct Refused(pub IpAddr);

impl Guard {
    /// Allows public addresses and those in `allowed`.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed.clone();
        Box::pin(async move {
            // The port is put in by the caller.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            for address in &addresses {
                check(address.ip(), &allowed)?;
            }
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// Checks an address that names its host by number; names are checked when they are resolved.
///
/// # Errors
/// [`TravelError::PrivateAddress`].
pub fn check_host(url: &url::Url, allowed: &[IpNet]) -> Result<(), TravelError> {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address),
        Some(Host::Ipv6(address)) => IpAddr::from(address),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    let refused = |_| TravelError::PrivateAddress { address: address.to_string() };
    check(address, allowed).map_err(refused)
}

/// The address that was refused on the way to this error, if one was.
pub fn refused(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(Refused(address)) = error.downcast_ref() {
            return Some(address.to_string());
        }
        cause = error.source();
    }
    None
}

/// Refuses an address that is neither public nor allowed.
///
/// # Errors
/// [`Refused`].
pub fn check(address: IpAddr, allowed: &[IpNet]) -> Result<(), Refused> {
    let address = address.to_canonical();
    let is_allowed = allowed.iter().any(|network| network.contains(&address));
    if is_allowed || is_public(address) { Ok(()) } else { Err(Refused(address)) }
}

/// Whether an address belongs to the public internet.
///
/// Source: the special-purpose address registries of IANA (RFC 6890 and its updates).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        // This network, shared address space, protocol assignments, relays, benchmarks, reserved.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only global unicast is public; of it, tunnels that may carry a private IPv4 address, protocol
    // assignments and documentation are not.
    let global = first & 0xe000 == 0x2000;
    let tunnel = first == 0x2002;
    let assigned = first == 0x2001 && second < 0x0200;
    let documentation = (first == 0x2001 && second == 0x0db8) || first == 0x3fff;
    global && !tunnel && !assigned && !documentation
}
