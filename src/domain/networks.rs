//! Which addresses the server may call: public ones, and those a setting allows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// An address must not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is private")]
pub struct PrivateAddress(pub IpAddr);

/// Refuses an address that is neither public nor allowed.
///
/// # Errors
/// [`PrivateAddress`].
pub fn check(address: IpAddr, allowed: &[IpNet]) -> Result<(), PrivateAddress> {
    let address = address.to_canonical();
    let is_allowed = allowed.iter().any(|network| network.contains(&address));
    if is_allowed || is_public(address) { Ok(()) } else { Err(PrivateAddress(address)) }
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
