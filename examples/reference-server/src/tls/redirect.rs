//! Plain HTTP beside TLS: pages are sent over, and what must not go in clear is refused, so that its sender notices.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request, uri::Authority,
};
use palisade::{
    HostPolicy,
    client_ip::TrustedNetworks,
    core::{
        Clock, Code, PeerAddr, Policy, Presented, Rejection, RejectionKind, SecurityContext,
        Verdict,
    },
};
use pin_project_lite::pin_project;
use tower::Service;
use tower_layer::Layer;

use crate::Settings;

const HTTPS_REQUIRED: Code = Code::new("https-required", "This is asked for by https:// alone");
const BAD_HOST: Code = Code::new("malformed-header.host", "A header is not well formed");

/// What probes ask in clear.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// What a query may hold that opens a stream.
const SECRETS: [&str; 2] = ["token", "ticket"];

/// Where plain HTTP is sent.
#[derive(Debug)]
pub(crate) struct Https {
    /// `PUBLIC_URL`, where that is one of https://.
    base: Option<String>,
    port: u16,
    /// Who says himself what his clients speak.
    proxies: Option<TrustedNetworks>,
}

/// Sends plain HTTP to https://. Evaluated in this order:
///
/// 1. What a trusted proxy sends goes on: what its clients speak is its to say, and to redirect.
/// 2. Health checks go on.
/// 3. What carries a credential, or is neither GET nor HEAD, is refused. To redirect it would work, and what was sent in
///    clear would be sent in clear again by every call from then on (OWASP ASVS 5, 4.1.2).
/// 4. The rest is sent to the same path at `PUBLIC_URL`, else at the host that was asked, with the port of TLS. By 308, which
///    unlike 301 means the same for every method (RFC 9110 section 15.4.9). Not to be stored: the host was said by whoever
///    asked, and a port is not for ever.
#[derive(Clone, Debug)]
pub(crate) struct RedirectLayer {
    https: Arc<Https>,
}

/// The service [`RedirectLayer`] makes.
#[derive(Clone, Debug)]
pub(crate) struct Redirect<S> {
    inner: S,
    https: Arc<Https>,
}

pin_project! {
    /// Its answer.
    #[project = ProjectedFuture]
    pub(crate) enum RedirectFuture<F, B> {
        Passed { #[pin] inner: F },
        Answered { answer: Option<Response<B>> },
    }
}

// === impl Https ===

impl Https {
    /// As `settings` say, which know the port that TLS listens on.
    pub(crate) fn new(settings: &Settings) -> Self {
        let base = settings.public_url.clone().filter(|url| url.starts_with("https://"));
        let port = settings.tls.as_ref().map_or(443, |tls| tls.listen_addr.port());
        Self { base, port, proxies: settings.trusted_proxies.clone() }
    }

    /// The answer; none where the request goes on.
    fn answer<B: Default>(&self, head: &request::Parts) -> Option<Response<B>> {
        let peer = head.extensions.get::<PeerAddr>().map(|PeerAddr(peer)| peer.ip());
        let is_proxy =
            self.proxies.as_ref().zip(peer).is_some_and(|(all, peer)| all.contains(peer));
        if is_proxy || HEALTH.contains(&head.uri.path()) {
            return None;
        }
        let reads = matches!(head.method, Method::GET | Method::HEAD);
        if !reads || holds_a_secret(head) {
            let refused = Rejection::new(RejectionKind::Forbidden, HTTPS_REQUIRED);
            return Some(refused.into_answer());
        }
        let Some(location) = self.location(head) else {
            return Some(Rejection::new(RejectionKind::Malformed, BAD_HOST).into_answer());
        };
        let mut answer = Response::new(B::default());
        *answer.status_mut() = StatusCode::PERMANENT_REDIRECT;
        answer.headers_mut().insert(header::LOCATION, location);
        let no_store = HeaderValue::from_static("no-store");
        answer.headers_mut().insert(header::CACHE_CONTROL, no_store);
        Some(answer)
    }

    /// The same path and query by https://; none if the request does not name one host, or no path (`*`).
    fn location(&self, head: &request::Parts) -> Option<HeaderValue> {
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        if !names_one_host(head) || !target.starts_with('/') {
            return None;
        }
        if let Some(base) = &self.base {
            return format!("{base}{target}").try_into().ok();
        }
        let asked = head.uri.authority().cloned().or_else(|| host(&head.headers))?;
        let name = asked.host();
        let inside = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let is_name = inside
            .map_or_else(|| is_name(name), |inside| inside.parse::<std::net::Ipv6Addr>().is_ok());
        // What looks like a user would be the host for whoever reads carelessly.
        if !is_name || asked.as_str().contains('@') {
            return None;
        }
        let port = if self.port == 443 { String::new() } else { format!(":{}", self.port) };
        format!("https://{name}{port}{target}").try_into().ok()
    }
}

/// Whether the stack would take it: what is 400 over TLS is not sent there first.
fn names_one_host(head: &request::Parts) -> bool {
    let (mut bare, ()) = Request::new(()).into_parts();
    (bare.version, bare.uri) = (head.version, head.uri.clone());
    for host in head.headers.get_all(header::HOST) {
        bare.headers.append(header::HOST, host.clone());
    }
    let context = SecurityContext::new(Clock::system().now());
    matches!(HostPolicy::new().check(&mut bare, &context), Verdict::Pass)
}

/// The one host that is asked for.
fn host(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    host.to_str().ok()?.parse().ok()
}

/// Whether it is a host's name (RFC 1123 section 2.1, and the underscore that some have) or an IPv4 address.
fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (1..=253).contains(&name.len()) && name.bytes().all(known)
}

/// Whether it carries a credential, also where none is looked for.
fn holds_a_secret(head: &request::Parts) -> bool {
    let name = |pair: &str| SECRETS.contains(&pair.split('=').next().unwrap_or_default());
    !matches!(Presented::find(head, None), Presented::Nothing)
        || head.uri.query().is_some_and(|query| query.split('&').any(name))
}

// === impl RedirectLayer ===

impl RedirectLayer {
    pub(crate) fn new(https: Https) -> Self {
        Self { https: Arc::new(https) }
    }
}

impl<S> Layer<S> for RedirectLayer {
    type Service = Redirect<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Redirect { inner, https: Arc::clone(&self.https) }
    }
}

// === impl Redirect ===

impl<S, A, B> Service<Request<A>> for Redirect<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = RedirectFuture<S::Future, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let (head, body) = request.into_parts();
        if let Some(answer) = self.https.answer(&head) {
            return RedirectFuture::Answered { answer: Some(answer) };
        }
        RedirectFuture::Passed { inner: self.inner.call(Request::from_parts(head, body)) }
    }
}

// === impl RedirectFuture ===

impl<F, B, E> Future for RedirectFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            ProjectedFuture::Passed { inner } => inner.poll(cx),
            // Nobody asks twice who keeps the rules of futures.
            ProjectedFuture::Answered { answer } => {
                Poll::Ready(Ok(answer.take().unwrap_or_default()))
            }
        }
    }
}
