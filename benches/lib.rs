//! Measures the hot path of each layer, and of the whole stack.
//!
//! One file per layer under `benches/`. A layer is asked through a gate, as a server does, and compared with the same
//! service without it; where a part has a bar of its own, the part is asked directly. Peers are measured in the same
//! run. Times drift with the machine's load: compare within one run.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    net::Ipv4Addr,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use criterion::{BatchSize, Bencher};
use http::{Request, Response, request, response};
use palisade::{
    analytics::Analytics,
    core::{
        ClientIp, ClientIpSource, Clock, Code, Gate, Ipv6Prefix, Policies, Policy, Rejection,
        RejectionKind, SecurityContext, Verdict,
    },
    secure_headers::{Hsts, HstsWhen, SecureHeadersPolicy},
};
use palisade_test_support::{Ask, Body};
use tower_service::Service;

/// So few inputs are made at once that they are still in the processor's cache when their turn comes, as they are in a
/// server.
const BATCH: BatchSize = BatchSize::NumIterations(64);

/// The service that every layer is measured in front of. It answers 13 bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hello;

/// A policy that refuses everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refuses;

/// How many of `count` to build. Where nothing is optimised nothing is measured, and a hundredth is enough.
#[must_use]
pub const fn most(count: u32) -> u32 {
    if cfg!(debug_assertions) { count / 100 } else { count }
}

/// Draws numbers below a bound, within two nanoseconds; the same ones in every run.
#[inline]
pub fn draws() -> impl FnMut(u32) -> u32 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |bound: u32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // The high half of the product is spread evenly, without a division.
        let product = (state >> 32).wrapping_mul(u64::from(bound));
        u32::try_from(product >> 32).unwrap_or_default()
    }
}

/// A request as a browser sends it, from one address.
#[must_use]
pub fn request(target: &str) -> Request<Body> {
    Ask::get(target)
        .header("host", "wall.example")
        .header(
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        )
        .header("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
        .build()
}

/// The same headers as over TLS, for what is measured without it: `Strict-Transport-Security` on every answer.
///
/// # Panics
///
/// If `headers` cannot be changed.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]
pub fn over_tls(headers: SecureHeadersPolicy, max_age: u64) -> SecureHeadersPolicy {
    let hsts = Hsts::including_subdomains(Duration::from_secs(max_age)).when(HstsWhen::Always);
    headers.change(|headers| Ok(headers.hsts(hsts))).unwrap()
}

/// Makes requests as `new` does, and lets the analytics store what waits now and then, so that their queue never fills.
pub fn stored(
    analytics: &Analytics,
    mut new: impl FnMut() -> Request<Body>,
) -> impl FnMut() -> Request<Body> {
    analytics.flush();
    let mut waiting = 0_u32;
    move || {
        waiting = waiting.saturating_add(1);
        if waiting == 4_096 {
            analytics.flush();
            waiting = 0;
        }
        new()
    }
}

/// The context of a request that arrived now, from a known address.
#[must_use]
pub fn context() -> SecurityContext {
    let context = SecurityContext::new(Clock::system().now());
    let address = Ipv4Addr::new(192, 0, 2, 1).into();
    context.learn_client_ip(ClientIp::new(address, ClientIpSource::Peer, Ipv6Prefix::default()));
    context
}

/// Sends `request` to a service that answers without waiting; nothing comes of one that waits.
pub fn ask<S, R>(service: &mut S, request: Request<Body>) -> Option<Response<R>>
where
    S: Service<Request<Body>, Response = Response<R>, Error = Infallible>,
{
    let mut cx = Context::from_waker(Waker::noop());
    if service.poll_ready(&mut cx).is_pending() {
        return None;
    }
    match pin!(service.call(request)).poll(&mut cx) {
        Poll::Ready(answer) => answer.ok(),
        Poll::Pending => None,
    }
}

/// The service alone.
#[must_use]
pub fn bare() -> Hello {
    Hello
}

/// Policies in front of the service.
pub fn gated<P: Policies>(policies: P) -> Gate<Hello, P> {
    Gate::new(bare(), policies)
}

/// Measures how `service` answers the requests that `new` makes.
pub fn send<S, R>(bench: &mut Bencher<'_>, service: &mut S, new: impl FnMut() -> Request<Body>)
where
    S: Service<Request<Body>, Response = Response<R>, Error = Infallible>,
{
    bench.iter_batched(new, |request| ask(service, request), BATCH);
}

/// Measures what `policy` itself does with the requests that `new` makes, on the way in and on the way out.
pub fn decide<P: Policy>(
    bench: &mut Bencher<'_>,
    policy: &P,
    mut new: impl FnMut() -> Request<Body>,
) {
    let made = || {
        let (mut head, _) = new().into_parts();
        let context = context();
        head.extensions.insert(context.clone());
        let (answer, ()) = Response::new(()).into_parts();
        (head, context, answer)
    };
    let decided = |asked: (request::Parts, SecurityContext, response::Parts)| {
        let (mut head, context, mut answer) = asked;
        let verdict = policy.check(&mut head, &context);
        policy.finish(&context, &mut answer);
        (head, context, answer, verdict)
    };
    bench.iter_batched(made, decided, BATCH);
}

// === impl Hello ===

impl<B> Service<Request<B>> for Hello {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<B>) -> Self::Future {
        ready(Ok(Response::new(Body::from("Hello, world!"))))
    }
}

// === impl Refuses ===

impl Policy for Refuses {
    fn name(&self) -> &'static str {
        "refuses"
    }

    fn check(&self, _head: &mut request::Parts, _context: &SecurityContext) -> Verdict {
        Rejection::new(RejectionKind::Forbidden, Code::new("no", "No")).into()
    }
}
