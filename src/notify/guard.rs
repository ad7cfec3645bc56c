//! Keeps what anybody may name away from private networks.
//!
//! Names are resolved here and every address they stand for is checked; the connection goes to the
//! checked addresses and to no others.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use crate::domain::networks::{PrivateAddress, check};

/// Resolves names, and refuses those that stand for a private address.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    allowed: Vec<IpNet>,
}

impl Guard {
    /// Allows public addresses and those in `allowed`.
    pub(super) fn new(allowed: Vec<IpNet>) -> Self {
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

/// The private address that a URL names by number, if it does; names are checked when they are
/// resolved.
pub(super) fn private_host(url: &url::Url, allowed: &[IpNet]) -> Option<IpAddr> {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address),
        Some(Host::Ipv6(address)) => IpAddr::from(address),
        Some(Host::Domain(_)) | None => return None,
    };
    check(address, allowed).is_err().then_some(address)
}

/// The address that was refused on the way to this error, if one was.
pub(super) fn refused(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(PrivateAddress(address)) = error.downcast_ref() {
            return Some(address.to_string());
        }
        cause = error.source();
    }
    None
}
