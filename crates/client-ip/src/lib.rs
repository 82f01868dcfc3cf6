//! Finds the client's address: the peer, or what trusted proxies wrote, read from the right and never past junk.
//!
//! Limits, bans and logs are worth as much as the address they go by. The peer's address on the socket cannot be
//! chosen freely; a header can. So headers count only from proxies that are named, and only as far as those vouch.
//!
//! # Rules
//!
//! 1. The peer is the [`PeerAddr`](palisade_core::PeerAddr) in the request's extensions, or what
//!    [`peer_from`](ClientIpPolicy::peer_from) finds. Without one the request is refused: 500, `client-address-unknown`.
//! 2. A peer that is not trusted is the client, whatever it sends. By default [nobody is trusted](Trust).
//! 3. From a trusted peer, [one header](ClientIpHeader) is read, the configured one: all its lines, joined in their
//!    order, from right to left. The client is the first address that is not trusted; the leftmost if all are. This is
//!    the walk of npm's `proxy-addr`, tested on 2 000 of its answers.
//! 4. An entry is an address, perhaps with a port or brackets (`192.0.2.7:4711`, `[2001:db8::7]`), in `Forwarded` perhaps
//!    in quotes. Anything else is junk: `unknown`, `_hidden`, a zone id, an empty entry, a header of one address that is
//!    there twice. At junk the walk stops and the client is the peer, marked
//!    [`PeerAfterJunk`](palisade_core::ClientIpSource::PeerAfterJunk); it never goes on behind it.
//! 5. Notation does not matter: an IPv4-mapped IPv6 address is IPv4, in headers, on sockets and in trusted networks. IPv6
//!    is counted by network, /64 unless [configured](ClientIpPolicy::ipv6_prefix).
//! 6. The context learns the client's transport from a trusted peer's word about the scheme: the `proto` of the element that
//!    names the client with [`Forwarded`](ClientIpHeader::Forwarded), else `X-Forwarded-Proto`, where a list counts only if all of it says
//!    the same.
//! 7. What nobody trusted has written is taken off the head before it goes on, so that no handler can believe it:
//!    - every header that tells an address and is not the configured one, from whatever peer: `Forwarded` or
//!      `X-Forwarded-For`, `Forwarded-For`, `X-Real-IP`, `True-Client-IP`, `Client-IP`, `X-Client-IP`, `X-Cluster-Client-IP`,
//!      `CF-Connecting-IP`, `CF-Connecting-IPv6`, `CF-Pseudo-IPv4`, `Fastly-Client-IP`, `Fly-Client-IP`, `DO-Connecting-IP`,
//!      `CloudFront-Viewer-Address`, `X-Original-Forwarded-For`, `X-Vercel-Forwarded-For`, `X-Envoy-External-Address`,
//!      `X-Azure-ClientIP`, `X-Azure-SocketIP`, `X-AppEngine-User-IP`, `X-NF-Client-Connection-IP`, `X-Originating-IP`,
//!      `X-Remote-IP`, `X-Remote-Addr`, `Remote-Addr`, `Proxy-Client-IP`, `WL-Proxy-Client-IP`;
//!    - the configured one as well, from a peer that is not trusted;
//!    - from a peer that is not trusted, whatever else speaks for a proxy: everything that begins with `X-Forwarded-`
//!      (`-Proto`, `-Host`, `-Uri`, `-User`, `-Client-Cert` …), `X-Original-URL`, `-URI`, `-Host` and `-Method`, `X-Rewrite-URL`,
//!      `X-Scheme`, `X-URL-Scheme`, `Front-End-Https`; those about scheme, host and port from any peer, if `Forwarded` is
//!      the configured header, since it says the same;
//!    - spellings of all these with other punctuation, such as `X_Forwarded_For`, from whatever peer.
//!
//! # Place in the stack
//!
//! Outside of everything that asks for the address: blocklist, bans, limits, analytics. Inside of what renders refusals.
//!
//! # Deployment caveat
//!
//! Name your proxies, and only them: whoever connects from a trusted network can claim to be anyone. A proxy must
//! *append* to the list, or *set* a header of one address; one that hands a client's own `CF-Connecting-IP` on makes it
//! worthless. If a proxy keeps its clients' addresses to itself (junk, or no header), they all count as that proxy:
//! do not ban an address whose source is [`PeerAfterJunk`](palisade_core::ClientIpSource::PeerAfterJunk).
//!
//! # Example
//!
//! Directly on the internet:
//!
//! ```
//! use palisade_client_ip::{ClientIpLayer, ClientIpPolicy};
//! # use palisade_core::{Transport, PeerAddr, Policy, Verdict, Clock, SecurityContext};
//! # use http::Request;
//! let policy = ClientIpPolicy::new();
//!
//! # let context = SecurityContext::new(Clock::system().now());
//! let (mut head, ()) = Request::builder().header("x-forwarded-for", "127.0.0.1").body(()).unwrap().into_parts();
//! head.extensions.insert(PeerAddr(([203, 0, 113, 9], 4711).into()));
//! assert!(matches!(policy.check(&mut head, &context), Verdict::Pass));
//! assert_eq!(context.client_ip().unwrap().to_string(), "203.0.113.9");
//! assert!(head.headers.is_empty());
//!
//! let layer = ClientIpLayer::new(policy);
//! ```
//!
//! Behind a proxy in one's own network that sends RFC 7239's header:
//!
//! ```
//! use palisade_client_ip::{ClientIpHeader, ClientIpPolicy, Trust};
//! use palisade_core::Ipv6Prefix;
//! # use palisade_core::{Transport, PeerAddr, Policy, Verdict, Clock, SecurityContext};
//! # use http::Request;
//! let policy = ClientIpPolicy::new()
//!     .trust(Trust::networks(["10.0.0.0/8", "loopback"])?)
//!     .header(ClientIpHeader::Forwarded)
//!     .ipv6_prefix(Ipv6Prefix::new(56)?);
//!
//! # let context = SecurityContext::new(Clock::system().now());
//! let forwarded = r#"for="[2001:db8:1:2ff::7]:4711";proto=https, for=10.0.0.2"#;
//! let (mut head, ()) = Request::builder().header("forwarded", forwarded).body(()).unwrap().into_parts();
//! head.extensions.insert(PeerAddr(([10, 0, 0, 1], 4711).into()));
//! assert!(matches!(policy.check(&mut head, &context), Verdict::Pass));
//! assert_eq!(context.client_ip().unwrap().key().to_string(), "2001:db8:1:200::/56");
//! assert_eq!(context.transport(), Some(Transport::Secure));
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! # Not done here
//!
//! - The PROXY protocol: it is spoken before HTTP, so the server that accepts the connection reads it and puts what it
//!   says into [`PeerAddr`](palisade_core::PeerAddr).
//! - Exempting loopback or private addresses from anything: an address is not a credential.
//! - Names of hosts as trusted proxies: what a name means is up to whoever answers for it.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod forwarded;
mod header;
mod network;
mod node;
mod policy;
mod resolve;
mod scheme;
mod strip;
mod trust;

pub use self::{
    header::ClientIpHeader,
    policy::ClientIpPolicy,
    resolve::resolve,
    trust::{Trust, TrustedNetworks},
};

/// [`ClientIpPolicy`] behind a gate of its own.
pub type ClientIpLayer = palisade_core::GateLayer<ClientIpPolicy>;
