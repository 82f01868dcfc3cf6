//! A header set made ready for the way out: what to take away, and which values to write, in order.

use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{self, Entry},
    response,
};
use palisade_core::{SecurityContext, Transport, header::find};

use crate::{
    CacheControl, Csp, CspNonce, Directive, Handler, HeaderSet, HstsWhen, cache_control,
    csp::Template,
    header_set::{Slot, Value},
    presets,
};

#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    stripped: Box<[HeaderName]>,
    lines: Box<[Line]>,
    uses_nonce: bool,
}

#[derive(Clone, Debug)]
struct Line {
    name: HeaderName,
    handler: Handler,
    text: Text,
}

#[derive(Clone, Debug)]
enum Text {
    /// The same on every answer, and static: cloning it counts no references.
    Static(HeaderValue),
    Written(Template),
    OverTls(Box<Self>),
    /// What is said over TLS, and what is said where that is not known.
    ByTransport(Box<[Self; 2]>),
    Private(CacheControl),
}

/// What an answer says of itself before a line is written.
#[derive(Clone, Copy)]
struct Head<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
}

/// What a line says of one answer.
enum Said {
    Value(HeaderValue),
    /// Nothing, and what the handler said stays.
    Nothing,
    /// Nothing, and where it overrides, nobody says anything.
    Withheld,
}

// === impl Compiled ===

impl Compiled {
    pub(crate) fn of(set: &HeaderSet) -> Self {
        let stripped = set.slots().iter().filter(|slot| matches!(slot.value, Value::Stripped));
        let stripped = stripped.map(|slot| slot.header.name());
        let lines: Box<[_]> = set.slots().iter().filter_map(Line::of).collect();
        Self {
            stripped: set.disclosing_names().iter().cloned().chain(stripped).collect(),
            uses_nonce: lines.iter().any(Line::uses_nonce),
            lines,
        }
    }

    pub(crate) fn uses_nonce(&self) -> bool {
        self.uses_nonce
    }

    /// Writes the headers of one answer.
    pub(crate) fn write(&self, context: &SecurityContext, answer: &mut response::Parts) {
        let response::Parts { status, headers, .. } = answer;
        for name in &self.stripped {
            headers.remove(name);
        }
        // A map that is full takes no header more; the lines below then change what is there, and add nothing.
        drop(headers.try_reserve(self.lines.len()));
        for line in &self.lines {
            let said = self.say(&line.text, context, Head { status: *status, headers });
            line.put(said, headers);
        }
    }

    fn say(&self, text: &Text, context: &SecurityContext, head: Head<'_>) -> Said {
        // A request that was never checked has no nonce: then one that nobody knows, by which no script runs.
        let nonce = || context.attached().unwrap_or_else(CspNonce::random);
        match text {
            Text::Static(value) => Said::Value(value.clone()),
            // A cache puts the headers of a 304 onto the page it kept (RFC 9111 section 3.2), whose scripts carry the
            // nonce of then. It kept the policy of then, too.
            Text::Written(template)
                if template.uses_nonce() && head.status == StatusCode::NOT_MODIFIED =>
            {
                Said::Nothing
            }
            Text::Written(template) => Said::Value(template.value(nonce)),
            Text::OverTls(text) if context.transport() == Some(Transport::Secure) => {
                self.say(text, context, head)
            }
            Text::OverTls(_) => Said::Withheld,
            Text::ByTransport(texts) => {
                let [over_tls, otherwise] = &**texts;
                let is_tls = context.transport() == Some(Transport::Secure);
                self.say(if is_tls { over_tls } else { otherwise }, context, head)
            }
            Text::Private(CacheControl::WherePrivate) if !self.is_private(context, head) => {
                Said::Nothing
            }
            Text::Private(rule) => Said::Value(HeaderValue::from_static(rule.as_str())),
        }
    }

    /// Whether the answer is for one person alone: it answers a credential, or sets a cookie, which a cache would hand to
    /// everybody (RFC 9111 section 7.3), or is a page with a nonce.
    fn is_private(&self, context: &SecurityContext, head: Head<'_>) -> bool {
        context.identity().is_some()
            || context.has_credential()
            || find(head.headers, &header::SET_COOKIE).is_some()
            || (self.uses_nonce && head.is_page())
    }
}

// === impl Head ===

impl Head<'_> {
    /// Whether a browser may show the answer as a page that runs scripts: by its type, or where there is none and nobody
    /// said `nosniff`, by a guess.
    fn is_page(self) -> bool {
        if find(self.headers, &header::CONTENT_TYPE).is_some() {
            return cache_control::is_page(self.headers);
        }
        let empty = [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED];
        // Ours is written by now: `Cache-Control` is the last line.
        let guessed = find(self.headers, &header::X_CONTENT_TYPE_OPTIONS).is_none();
        guessed && !self.status.is_informational() && !empty.contains(&self.status)
    }
}

// === impl Line ===

impl Line {
    fn of(slot: &Slot) -> Option<Self> {
        let text = match &slot.value {
            Value::Left | Value::Stripped => return None,
            Value::Fixed(text) => Text::Static(HeaderValue::from_static(text)),
            Value::Composed(text) => Text::of(Template::plain(text.clone())),
            Value::Hsts(hsts) => {
                let text = Text::of(Template::plain(hsts.to_string()));
                match hsts.sent_when() {
                    HstsWhen::SecureTransport => Text::OverTls(Box::new(text)),
                    HstsWhen::Always => text,
                }
            }
            Value::Permissions(policy) if policy.is_empty() => return None,
            Value::Permissions(policy) => Text::of(Template::plain(policy.to_string())),
            Value::Endpoints(endpoints) if endpoints.is_empty() => return None,
            Value::Endpoints(endpoints) => Text::of(Template::plain(endpoints.to_string())),
            Value::Csp(csp) if csp.is_empty() => return None,
            Value::Csp(csp) => Text::of_policy(csp),
            Value::Cache(rule) => Text::Private(*rule),
        };
        Some(Self { name: slot.header.name(), handler: slot.handler, text })
    }

    fn uses_nonce(&self) -> bool {
        self.text.uses_nonce()
    }

    fn put(&self, said: Said, headers: &mut HeaderMap) {
        match (said, self.handler) {
            (Said::Nothing, _) | (Said::Withheld, Handler::Keep) => {}
            (Said::Withheld, Handler::Override) => drop(headers.remove(&self.name)),
            (Said::Value(value), Handler::Override) => {
                drop(headers.try_insert(&self.name, value));
            }
            // Looks for the name once, where asking first and then inserting looks twice.
            (Said::Value(value), Handler::Keep) => {
                if let Ok(Entry::Vacant(place)) = headers.try_entry(&self.name) {
                    drop(place.try_insert(value));
                }
            }
        }
    }
}

// === impl Text ===

impl Text {
    /// A browser that finds `report-to` sends nothing where `report-uri` says, and it knows the endpoints of pages over TLS
    /// alone: over plain HTTP, on loopback too, Chromium sends no report of a policy that says both. So there it says the one.
    fn of_policy(csp: &Csp) -> Self {
        let whole = Self::of(Template::of(csp));
        let says = |directive| csp.sources(directive).is_some();
        if !says(Directive::ReportTo) || !says(Directive::ReportUri) {
            return whole;
        }
        let without = csp.clone().without(Directive::ReportTo);
        Self::ByTransport(Box::new([whole, Self::of(Template::of(&without))]))
    }

    fn uses_nonce(&self) -> bool {
        match self {
            Self::Written(template) => template.uses_nonce(),
            Self::OverTls(text) => text.uses_nonce(),
            Self::ByTransport(texts) => texts.iter().any(Self::uses_nonce),
            Self::Static(_) | Self::Private(_) => false,
        }
    }

    fn of(template: Template) -> Self {
        let known =
            template.text().and_then(|text| presets::TEXTS.iter().find(|known| **known == text));
        known.map_or(Self::Written(template), |text| Self::Static(HeaderValue::from_static(text)))
    }
}
