//! Whether an admin is about to ban himself.

use std::net::IpAddr;

use palisade::{
    autoban::BanTarget,
    core::{IpKey, Ipv6Prefix, SecurityContext},
};

/// Whether a ban of `target` would refuse the one who asks.
pub(super) fn hits(target: &BanTarget, context: &SecurityContext) -> bool {
    match target {
        BanTarget::Ip(key) => {
            context.client_ip().is_some_and(|client| overlap(*key, whole(client.addr())))
        }
        BanTarget::User(user) => context.identity().is_some_and(|admin| {
            let issuer = admin.issuer().unwrap_or_default();
            admin.subject() == &*user.subject
                && user.issuer.as_deref().is_none_or(|named| named == issuer)
        }),
        BanTarget::Token(digest) => {
            let own = context.presented().and_then(|presented| presented.one());
            own.is_some_and(|own| own.token().digests().any(|own| own == digest))
        }
        _ => false,
    }
}

fn whole(addr: IpAddr) -> IpKey {
    IpKey::new(addr, Ipv6Prefix::WHOLE)
}

/// Whether one of two networks holds the other.
fn overlap(one: IpKey, other: IpKey) -> bool {
    let bits = one.prefix().min(other.prefix());
    let within = |key: IpKey| match key.network() {
        IpAddr::V4(_) => Some(key),
        IpAddr::V6(_) => Some(IpKey::new(key.network(), Ipv6Prefix::new(bits).ok()?)),
    };
    within(one).is_some() && within(one) == within(other)
}
