//! Which addresses a server may stand at: public ones, and those a setting allows.
//!
//! An organization names its own server, so an address may lead anywhere. Names are resolved here
//! and every address they stand for is checked; the connection goes to the checked addresses and to
//! no others, so that a name cannot mean something else a moment later.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use crate::domain::networks::{PrivateAddress, check};
use crate::travel::errors::TravelError;

/// Resolves names, and refuses those that stand for a private address.
#[derive(Debug, Clone)]
pub struct Guard {
    allowed: Vec<IpNet>,
}

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
        if let Some(PrivateAddress(address)) = error.downcast_ref() {
            return Some(address.to_string());
        }
        cause = error.source();
    }
    None
}
