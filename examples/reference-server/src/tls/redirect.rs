//! Plain HTTP beside TLS: pages are sent over, and what must not go in clear is refused, so that its sender notices.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request, uri::Authority,
};
use palisade::{
    CorsLayer, HostPolicy,
    client_ip::{ClientIpPolicy, TrustedNetworks},
    core::{
        BoxFuture, Chain, Code, ConfigError, GateLayer, PeerAddr, Policies, Policy, Presented,
        Rejection, RejectionKind, SecurityContext, Verdict,
    },
    secure_headers::SecureHeadersPolicy,
};
use pin_project_lite::pin_project;
use tower::{Service, ServiceExt};
use tower_layer::Layer;

use crate::{Settings, security_headers};

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

/// What is written into every answer of this place, and who is asked before one is sent over: as in the stack.
type Desk =
    (GateLayer<SecureHeadersPolicy>, CorsLayer, GateLayer<Chain<ClientIpPolicy, Arc<Https>>>);

/// Sends plain HTTP to https://. Evaluated in this order:
///
/// 1. What a trusted proxy sends goes on: what its clients speak is its to say, and to redirect.
/// 2. Health checks go on.
/// 3. What carries a credential, or is neither GET nor HEAD, is refused. To redirect it would work, and what was sent in
///    clear would be sent in clear again by every call from then on (OWASP ASVS 5, 4.1.2). A preflight is none of these: it is
///    answered, so that the page behind it can read the refusal.
/// 4. The rest is sent to the same path at `PUBLIC_URL`, else at the host that was asked, with the port of TLS. By 308, which
///    unlike 301 means the same for every method (RFC 9110 section 15.4.9). Not to be stored: the host was said by whoever
///    asked, and a port is not for ever.
#[derive(Clone, Debug)]
pub(crate) struct RedirectLayer {
    https: Arc<Https>,
    desk: Desk,
}

/// The service [`RedirectLayer`] makes.
#[derive(Clone, Debug)]
pub(crate) struct Redirect<S> {
    inner: S,
    https: Arc<Https>,
    desk: Desk,
}

/// Where a request is sent to, in its extensions.
#[derive(Clone, Debug)]
struct Location(HeaderValue);

/// Sends over what nobody refused.
#[derive(Debug)]
struct SendOver<B>(PhantomData<fn() -> B>);

pin_project! {
    /// Its answer.
    #[project = ProjectedFuture]
    pub(crate) enum RedirectFuture<F, B> {
        Passed { #[pin] inner: F },
        // Boxed: whoever asks much is not answered here.
        Answered { answer: BoxFuture<Result<Response<B>, Infallible>> },
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

    /// Whether a request goes on in clear.
    fn passes(&self, head: &request::Parts) -> bool {
        let peer = head.extensions.get::<PeerAddr>().map(|PeerAddr(peer)| peer.ip());
        let is_proxy =
            self.proxies.as_ref().zip(peer).is_some_and(|(all, peer)| all.contains(peer));
        is_proxy || HEALTH.contains(&head.uri.path())
    }

    /// The same path and query by https://; none if the request names no path (`*`).
    fn location(&self, head: &request::Parts) -> Option<HeaderValue> {
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        if !target.starts_with('/') {
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

impl Policy for Https {
    fn name(&self) -> &'static str {
        "https"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let refused = Rejection::new(RejectionKind::Forbidden, HTTPS_REQUIRED);
        if holds_a_secret(head) {
            return refused.reason("a credential came in clear: take it back").into();
        }
        if !matches!(head.method, Method::GET | Method::HEAD) {
            return refused.reason("neither GET nor HEAD").into();
        }
        // What is 400 over TLS is not sent there first.
        if let refused @ Verdict::Refuse(_) = HostPolicy::new().check(head, context) {
            return refused;
        }
        let Some(location) = self.location(head) else {
            return Rejection::new(RejectionKind::Malformed, BAD_HOST).into();
        };
        head.extensions.insert(Location(location));
        Verdict::Pass
    }
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
    /// As `settings` say, which know the port that TLS listens on.
    ///
    /// # Errors
    ///
    /// Headers that do not fit together.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let https = Arc::new(Https::new(settings));
        // The address is for the log.
        let decisions = settings.client_ip.clone().then(Arc::clone(&https));
        let headers = GateLayer::new(security_headers::policy(settings)?);
        let desk = (headers, settings.cors.clone().layer(), GateLayer::new(decisions));
        Ok(Self { https, desk })
    }
}

impl<S> Layer<S> for RedirectLayer {
    type Service = Redirect<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Redirect { inner, https: Arc::clone(&self.https), desk: self.desk.clone() }
    }
}

// === impl Redirect ===

impl<S, A, B> Service<Request<A>> for Redirect<S>
where
    S: Service<Request<A>, Response = Response<B>, Error = Infallible>,
    B: Default + Send + 'static,
{
    type Response = Response<B>;
    type Error = Infallible;
    type Future = RedirectFuture<S::Future, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let (head, body) = request.into_parts();
        if self.https.passes(&head) {
            return RedirectFuture::Passed {
                inner: self.inner.call(Request::from_parts(head, body)),
            };
        }
        let desk = self.desk.layer(SendOver(PhantomData));
        RedirectFuture::Answered { answer: Box::pin(desk.oneshot(Request::from_parts(head, ()))) }
    }
}

// === impl SendOver ===

impl<B> Clone for SendOver<B> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<B: Default> Service<Request<()>> for SendOver<B> {
    type Response = Response<B>;
    type Error = Infallible;
    type Future = Ready<Result<Response<B>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<()>) -> Self::Future {
        let Some(Location(location)) = request.extensions_mut().remove() else {
            // Who passed has one.
            return ready(Ok(Rejection::new(RejectionKind::Malformed, BAD_HOST).into_answer()));
        };
        let mut answer = Response::new(B::default());
        *answer.status_mut() = StatusCode::PERMANENT_REDIRECT;
        answer.headers_mut().insert(header::LOCATION, location);
        let no_store = HeaderValue::from_static("no-store");
        answer.headers_mut().insert(header::CACHE_CONTROL, no_store);
        ready(Ok(answer))
    }
}

// === impl RedirectFuture ===

impl<F, B> Future for RedirectFuture<F, B>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            ProjectedFuture::Passed { inner } => inner.poll(cx),
            ProjectedFuture::Answered { answer } => answer.as_mut().poll(cx),
        }
    }
}
