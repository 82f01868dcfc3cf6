//! How the address of a client is found.

use palisade::{
    client_ip::{ClientIpHeader, ClientIpPolicy, Trust, TrustedNetworks},
    core::Ipv6Prefix,
};

use super::reader::Reader;

/// Whose word about addresses is taken.
pub(super) fn trusted_proxies(reader: &mut Reader<'_>) -> Option<TrustedNetworks> {
    let proxies = reader.list("TRUSTED_PROXIES");
    if proxies.is_empty() {
        return None;
    }
    reader.built("TRUSTED_PROXIES", TrustedNetworks::new(proxies))
}

/// How the address of a client is found.
pub(super) fn client_ip(
    reader: &mut Reader<'_>,
    proxies: Option<&TrustedNetworks>,
) -> ClientIpPolicy {
    let trust = proxies.map_or(Trust::None, |proxies| Trust::Networks(proxies.clone()));
    let mut policy = ClientIpPolicy::new().trust(trust);
    let header = reader.text("CLIENT_IP_HEADER").unwrap_or_default().parse::<ClientIpHeader>();
    policy = reader
        .built("CLIENT_IP_HEADER", header)
        .map_or(policy.clone(), |header| policy.header(header));
    let bits = u8::try_from(reader.number("IPV6_PREFIX", 48..=128)).unwrap_or(64);
    policy.ipv6_prefix(Ipv6Prefix::new(bits).unwrap_or_default())
}
