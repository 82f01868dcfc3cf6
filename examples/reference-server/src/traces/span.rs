//! A span, from the request to the last byte of its answer.

use std::{net::IpAddr, sync::Arc};

use http::{Method, Request, StatusCode, header};
use opentelemetry::{
    Context, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{
        Link, Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _,
        TraceState, Tracer as _,
    },
};
use palisade::{
    core::{AtEnd, Code, End, PeerAddr, Route, SecurityContext},
    route_registry::Registry,
};

use super::{making::Making, parent::Parent};

/// So much of a user agent is kept.
const LONGEST_AGENT: usize = 256;

/// So much of a method that nobody knows.
const LONGEST_METHOD: usize = 32;

/// A request that has no end yet.
#[derive(Debug)]
pub(super) struct Open {
    making: Arc<Making>,
    parent: Option<Said>,
    method: Method,
    agent: Option<String>,
    status: Option<StatusCode>,
    code: Option<Code>,
}

/// What was said of the trace.
#[derive(Debug)]
enum Said {
    /// By a proxy that is trusted: the span is one of that trace.
    Trusted(Parent),
    /// By anybody: the span begins a trace of its own, with a link. Else strangers would choose what is sampled, and put their
    /// requests into the traces of others.
    Stranger(Parent),
}

// === impl Open ===

impl Open {
    pub(super) fn new<B>(making: &Arc<Making>, request: &Request<B>) -> Self {
        let peer = request.extensions().get::<PeerAddr>().map(|peer| peer.0.ip());
        let trusts = |peer: IpAddr| making.trusted.as_ref().is_some_and(|all| all.contains(peer));
        let parent = Parent::read(request.headers());
        let said = if peer.is_some_and(trusts) { Said::Trusted } else { Said::Stranger };
        let agent = request.headers().get(header::USER_AGENT);
        let agent = agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        Self {
            making: Arc::clone(making),
            parent: parent.map(said),
            method: request.method().clone(),
            agent: agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect()),
            status: None,
            code: None,
        }
    }

    pub(super) fn answered(&mut self, status: StatusCode, code: Option<Code>) {
        (self.status, self.code) = (Some(status), code);
    }

    /// By the conventions of OpenTelemetry for HTTP servers. Neither the path nor the query: tokens travel there, and no address.
    fn attributes(&self, context: &SecurityContext, end: End) -> Vec<KeyValue> {
        let bytes = i64::try_from(end.bytes).unwrap_or(i64::MAX);
        let mut attributes = vec![
            KeyValue::new("http.request.method", known(&self.method).unwrap_or("_OTHER")),
            KeyValue::new("palisade.request_id", context.request_id().to_string()),
            KeyValue::new("palisade.outcome", end.ended.as_str()),
            KeyValue::new("http.response.body.size", bytes),
        ];
        let mut add = |name: &'static str, value: Option<String>| {
            attributes.extend(value.map(|value| KeyValue::new(name, value)));
        };
        let unknown = known(&self.method).is_none();
        let original = || self.method.as_str().chars().take(LONGEST_METHOD).collect();
        add("http.request.method_original", unknown.then(original));
        add("http.route", route(context).map(str::to_owned));
        let error = self.status.filter(StatusCode::is_server_error);
        add("error.type", error.map(|status| status.as_str().to_owned()));
        add("user_agent.original", self.agent.clone());
        add("palisade.refusal", self.code.map(|code| code.as_str().to_owned()));
        let status = self.status.map(|status| i64::from(status.as_u16()));
        attributes.extend(status.map(|status| KeyValue::new("http.response.status_code", status)));
        attributes
    }

    /// Only what the server did wrong is an error.
    fn verdict(&self) -> Status {
        let is_error = self.status.is_some_and(|status| status.is_server_error());
        if is_error { Status::error("") } else { Status::Unset }
    }
}

impl AtEnd for Open {
    fn ended(self: Box<Self>, context: &SecurityContext, end: End) {
        let arrived = context.arrived();
        let method = known(&self.method).unwrap_or("HTTP");
        let name = match route(context) {
            Some(route) => format!("{method} {route}"),
            None => method.to_owned(),
        };
        let mut builder = SpanBuilder::from_name(name)
            .with_kind(SpanKind::Server)
            .with_start_time(arrived.wall())
            .with_attributes(self.attributes(context, end));
        let around = match &self.parent {
            Some(Said::Trusted(parent)) => Context::new().with_remote_span_context(remote(parent)),
            Some(Said::Stranger(parent)) => {
                builder = builder.with_links(vec![Link::with_context(remote(parent))]);
                Context::new()
            }
            None => Context::new(),
        };
        let mut span = self.making.tracer.build_with_context(builder, &around);
        span.set_status(self.verdict());
        let took = self.making.clock.since(arrived);
        span.end_with_timestamp(arrived.wall().checked_add(took).unwrap_or(arrived.wall()));
    }
}

fn remote(parent: &Parent) -> SpanContext {
    SpanContext::new(
        TraceId::from(parent.trace_id),
        SpanId::from(parent.span_id),
        TraceFlags::new(parent.flags),
        true,
        // What breaks the rules is left out, and the trace goes on without (section 3.3.1.5).
        parent.state.parse::<TraceState>().unwrap_or_default(),
    )
}

/// The route, where there is one.
fn route(context: &SecurityContext) -> Option<&str> {
    context.route().map(Route::id).filter(|id| *id != Registry::UNMATCHED)
}

/// The method; none, if a client invented it (OpenTelemetry's conventions for HTTP).
fn known(method: &Method) -> Option<&'static str> {
    Some(match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => return None,
    })
}
