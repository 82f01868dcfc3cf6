//! The walk from the peer to the client, right to left.

use std::net::IpAddr;

use palisade_core::{ClientIp, ClientIpSource, Ipv6Prefix, Transport};

use crate::{ClientIpHeader, Trust, forwarded, node};

/// What one proxy wrote.
pub(crate) struct Hop {
    pub(crate) addr: IpAddr,
    pub(crate) transport: Option<Transport>,
}

/// Where the walk ended.
pub(crate) struct Found {
    pub(crate) addr: IpAddr,
    pub(crate) source: ClientIpSource,
    /// What the element that names the client says of the scheme.
    pub(crate) transport: Option<Transport>,
}

/// Resolves the client's address: the first from the right, beginning with `peer`, that is not trusted; the leftmost if
/// all are. This is what [`ClientIpPolicy`](crate::ClientIpPolicy) decides by.
///
/// `lines` are the values of the header's lines, in their order. At the first entry that is no address the walk stops
/// and the answer is `peer`, with [`ClientIpSource::PeerAfterJunk`]: what stands left of it, nobody vouches for.
///
/// ```
/// use palisade_client_ip::{ClientIpHeader, Trust, resolve};
/// use palisade_core::Ipv6Prefix;
///
/// let proxies = Trust::networks(["10.0.0.0/8"])?;
/// let peer = [10, 0, 0, 1].into();
/// let lines: [&[u8]; 1] = [b"6.6.6.6, 203.0.113.9, 10.0.0.2"];
/// let client = resolve(peer, lines, &proxies, &ClientIpHeader::XForwardedFor, Ipv6Prefix::default());
/// assert_eq!(client.to_string(), "203.0.113.9");
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
pub fn resolve<'a, L>(
    peer: IpAddr,
    lines: L,
    trust: &Trust,
    header: &ClientIpHeader,
    ipv6_prefix: Ipv6Prefix,
) -> ClientIp
where
    L: IntoIterator<Item = &'a [u8], IntoIter: DoubleEndedIterator>,
{
    let found = find(peer, lines.into_iter(), trust, header);
    ClientIp::new(found.addr, found.source, ipv6_prefix)
}

pub(crate) fn find<'a>(
    peer: IpAddr,
    lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    trust: &Trust,
    header: &ClientIpHeader,
) -> Found {
    let peer = peer.to_canonical();
    let from_right = lines.rev();
    match header {
        ClientIpHeader::XForwardedFor => {
            let nodes = from_right.flat_map(|line| line.rsplit(|byte| *byte == b','));
            walk(peer, nodes.map(plain), trust)
        }
        ClientIpHeader::Forwarded => {
            let elements = from_right.flat_map(forwarded::Elements::new);
            walk(peer, elements.map(forwarded::hop), trust)
        }
        ClientIpHeader::Single(_) => walk(peer, single(from_right), trust),
    }
}

impl Found {
    /// The peer itself, whatever it says.
    pub(crate) fn peer(addr: IpAddr) -> Self {
        Self { addr, source: ClientIpSource::Peer, transport: None }
    }
}

/// Goes from `peer` on while the one it stands at is trusted. A hop is `None` if it is junk.
fn walk(peer: IpAddr, mut hops: impl Iterator<Item = Option<Hop>>, trust: &Trust) -> Found {
    let mut found = Found::peer(peer);
    let mut index: usize = 0;
    // Trust is asked before the next hop is read: nothing left of the client's address can matter.
    while trust.covers(found.addr, index) {
        found = match hops.next() {
            None => break,
            Some(None) => {
                let source = ClientIpSource::PeerAfterJunk;
                return Found { addr: peer, source, transport: None };
            }
            Some(Some(Hop { addr, transport })) => {
                Found { addr, source: ClientIpSource::Header, transport }
            }
        };
        index = index.saturating_add(1);
    }
    found
}

fn plain(node: &[u8]) -> Option<Hop> {
    node::address(node.trim_ascii()).map(|addr| Hop { addr, transport: None })
}

/// The one hop of a header that must not be there twice.
fn single<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> impl Iterator<Item = Option<Hop>> {
    let line = lines.next();
    let alone = lines.next().is_none();
    line.map(|line| if alone { plain(line) } else { None }).into_iter()
}
