//! The decision: who the client is, and which headers may go on.

use std::net::{IpAddr, SocketAddr};

use http::{Extensions, HeaderMap, HeaderValue, request};
use palisade_core::{
    ClientIp, ClientIpSource, Code, Ipv6Prefix, PeerAddr, Policy, Rejection, RejectionKind,
    SecurityContext, Transport, Verdict,
};

use crate::{
    ClientIpHeader, Trust,
    resolve::{Found, find},
    scheme,
    strip::{Peer, strip},
};

/// Finds the client's address. See the [crate docs](crate) for its rules and an example.
#[derive(Clone, Debug)]
pub struct ClientIpPolicy {
    trust: Trust,
    header: ClientIpHeader,
    ipv6_prefix: Ipv6Prefix,
    peer: fn(&Extensions) -> Option<SocketAddr>,
}

const ADDRESS_UNKNOWN: Code =
    Code::new("client-address-unknown", "The address of the client is not known");

// === impl ClientIpPolicy ===

impl ClientIpPolicy {
    /// Trusts no proxy: the peer is the client.
    #[must_use]
    pub fn new() -> Self {
        Self {
            trust: Trust::None,
            header: ClientIpHeader::XForwardedFor,
            ipv6_prefix: Ipv6Prefix::default(),
            peer: |extensions| extensions.get::<PeerAddr>().map(|peer| peer.0),
        }
    }

    /// Trusts these proxies to say whom they talk for. Default: [`Trust::None`].
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Reads this header, and no other. Default: [`ClientIpHeader::XForwardedFor`].
    #[must_use]
    pub fn header(mut self, header: ClientIpHeader) -> Self {
        self.header = header;
        self
    }

    /// Counts this many leading bits of an IPv6 address as one client. Default: 64.
    #[must_use]
    pub fn ipv6_prefix(mut self, prefix: Ipv6Prefix) -> Self {
        self.ipv6_prefix = prefix;
        self
    }

    /// Finds the peer another way than as [`PeerAddr`]: `axum::extract::ConnectInfo`,
    /// `tonic::transport::server::TcpConnectInfo`.
    ///
    /// ```
    /// # use palisade_client_ip::ClientIpPolicy;
    /// # #[derive(Clone)]
    /// # struct ConnectInfo<T>(T);
    /// use std::net::SocketAddr;
    /// let policy = ClientIpPolicy::new()
    ///     .peer_from(|extensions| extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0));
    /// ```
    #[must_use]
    pub fn peer_from(mut self, peer: fn(&Extensions) -> Option<SocketAddr>) -> Self {
        self.peer = peer;
        self
    }

    fn find(&self, peer: IpAddr, headers: &HeaderMap) -> Found {
        let lines = headers.get_all(self.header.name()).iter();
        find(peer, lines.map(HeaderValue::as_bytes), &self.trust, &self.header)
    }

    /// What a trusted proxy says of the scheme.
    fn transport(&self, found: &Found, headers: &HeaderMap) -> Option<Transport> {
        match self.header {
            ClientIpHeader::Forwarded => found.transport,
            _ => scheme::read(headers),
        }
    }
}

impl Default for ClientIpPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy for ClientIpPolicy {
    fn name(&self) -> &'static str {
        "client-ip"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let Some(peer) = (self.peer)(&head.extensions) else {
            // The request may still go on where refusals are only reported.
            strip(&mut head.headers, &self.header, Peer::Untrusted);
            return Rejection::new(RejectionKind::Internal, ADDRESS_UNKNOWN)
                .reason("no peer address: let the server put a `PeerAddr` into the request's extensions, or say with `peer_from` where it is")
                .into();
        };
        let peer = peer.ip().to_canonical();
        let standing = if self.trust.covers(peer, 0) { Peer::Trusted } else { Peer::Untrusted };
        let found = match standing {
            Peer::Trusted => self.find(peer, &head.headers),
            Peer::Untrusted => Found::peer(peer),
        };
        if standing == Peer::Trusted
            && let Some(transport) = self.transport(&found, &head.headers)
        {
            context.learn_transport(transport);
        }
        if found.source == ClientIpSource::PeerAfterJunk {
            context.note(self.name(), ClientIpSource::PeerAfterJunk.as_str());
        }
        context.learn_client_ip(ClientIp::new(found.addr, found.source, self.ipv6_prefix));
        strip(&mut head.headers, &self.header, standing);
        Verdict::Pass
    }
}
