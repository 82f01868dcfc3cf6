//! Addresses of no place: what the registries of IANA set aside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 Special-Purpose Address Registry (RFC 6890), blocks that are reachable globally included: they are anycast. Multicast
/// and class E beside them.
const SPECIAL_V4: [([u8; 4], u32); 19] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // shared by the customers of a provider (RFC 6598)
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // IETF protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 31, 196, 0], 24), // AS112
    ([192, 52, 193, 0], 24), // AMT
    ([192, 88, 99, 0], 24),  // 6to4 relays, once
    ([192, 168, 0, 0], 16),  // private
    ([192, 175, 48, 0], 24), // AS112
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved
    ([255, 255, 255, 255], 32),
];

/// The IPv6 registry, as far as it lies in `2000::/3`. Nothing else of IPv6 is assigned to anybody.
const SPECIAL_V6: [(u128, u32); 5] = [
    (0x2001_0000 << 96, 23), // IETF protocol assignments: Teredo, ORCHID, benchmarks
    (0x2001_0db8 << 96, 32), // documentation
    (0x2002_0000 << 96, 16), // 6to4
    (0x2620_004f_8000_0000 << 64, 48), // AS112
    (0x3fff_0000 << 96, 20), // documentation
];

/// Where IPv4 is told to IPv6 (RFC 6052).
const NAT64: (u128, u32) = (0x0064_ff9b << 96, 96);

/// Whether `address` is somebody's on the internet: none that the special-purpose registries of IANA set aside, such as private,
/// shared, documentation, 6to4 and Teredo addresses. Only these are asked about outside. IPv4 that is mapped into IPv6, or
/// translated (`64:ff9b::/96`), is judged as the IPv4 address that it is.
pub fn is_public(address: IpAddr) -> bool {
    askable(address).is_some()
}

/// Whether `address` is of this machine or of a network that the internet does not reach: loopback, link-local, private, unique
/// local, or shared by the customers of a provider.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let is_shared = in_v4(v4, ([100, 64, 0, 0], 10));
            is_shared || v4.is_loopback() || v4.is_private() || v4.is_link_local()
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The IPv4 address that an IPv6 one stands for, mapped or translated; else itself.
pub(crate) fn unwrapped(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if in_v6(v6, NAT64) => {
            let [.., a, b, c, d] = v6.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        other => other,
    }
}

/// The address that somebody may be asked about.
pub(crate) fn askable(address: IpAddr) -> Option<IpAddr> {
    match unwrapped(address) {
        IpAddr::V4(v4) => (!SPECIAL_V4.iter().any(|net| in_v4(v4, *net))).then_some(v4.into()),
        IpAddr::V6(v6) => {
            let is_assigned = in_v6(v6, (0x2000 << 112, 3));
            let is_special = SPECIAL_V6.iter().any(|net| in_v6(v6, *net));
            (is_assigned && !is_special).then_some(v6.into())
        }
    }
}

fn in_v4(address: Ipv4Addr, (network, prefix): ([u8; 4], u32)) -> bool {
    let differing = address.to_bits() ^ u32::from_be_bytes(network);
    differing.leading_zeros() >= prefix
}

fn in_v6(address: Ipv6Addr, (network, prefix): (u128, u32)) -> bool {
    (address.to_bits() ^ network).leading_zeros() >= prefix
}
