//! Who asks for public content, and what he has of it already.

use std::io;

use axum::{body::Body, extract::FromRequestParts, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header, request};
use palisade::core::{Rejection, SecurityContext};

use super::answers;
use crate::{
    app::Shared,
    content_cache::{Recipe, Rendered},
};

/// Who asks, and the validators of what he has (RFC 9110 section 13.1.2).
pub(super) struct Visitor {
    audience: Audience,
    has: Vec<HeaderValue>,
}

/// For whom an answer is.
#[derive(Clone, Copy)]
enum Audience {
    /// Nobody in particular: what is rendered for one is right for all.
    Anyone,
    /// Who brought a credential. The content is the same today; that it is kept from others must not depend on that.
    One,
}

// === impl Visitor ===

impl Visitor {
    /// The content by this `recipe`: what is kept, or what `render` makes; or 304, if he has it already.
    ///
    /// # Errors
    ///
    /// 500, if it cannot be rendered.
    pub(super) fn shown(
        &self,
        shared: &Shared,
        recipe: Recipe,
        render: impl FnOnce() -> io::Result<Rendered>,
    ) -> Result<Response, Rejection> {
        let rendered = match self.audience {
            Audience::Anyone => {
                shared.content.rendered(recipe, render).map_err(|error| answers::broken(&error))
            }
            Audience::One => render().map_err(|error| answers::broken(&error)),
        }?;
        Ok(match rendered.etag().and_then(|etag| self.validator(etag)) {
            Some(etag) => not_modified(etag),
            None => whole(&rendered),
        })
    }

    /// The validator that says that he has what `etag` names: his own word for it, since a cache that keeps a coded answer finds it by
    /// the weak one that it got (RFC 9111 section 4.3.4).
    fn validator(&self, etag: &HeaderValue) -> Option<HeaderValue> {
        let tags = self.has.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        let mut tags = tags.map(<[u8]>::trim_ascii);
        let same = tags.find_map(|tag| match tag {
            b"*" => Some(etag.as_bytes()),
            _ => (tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes()).then_some(tag),
        });
        same.and_then(|tag| HeaderValue::from_bytes(tag).ok())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut request::Parts, state: &S) -> Result<Self, Rejection> {
        let context = SecurityContext::from_request_parts(head, state).await?;
        let is_one = context.has_credential()
            || context.identity().is_some()
            || head.headers.contains_key(header::AUTHORIZATION);
        let audience = if is_one { Audience::One } else { Audience::Anyone };
        let has = head.headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect();
        Ok(Self { audience, has })
    }
}

fn whole(rendered: &Rendered) -> Response {
    let mut answer = Response::new(Body::from(rendered.body()));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(rendered.media_type()));
    insert(headers, header::CONTENT_DISPOSITION, rendered.disposition());
    insert(headers, header::ETAG, rendered.etag());
    answer
}

/// Says what the whole answer would have said for caches (RFC 9110 section 15.4.5).
fn not_modified(etag: HeaderValue) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NOT_MODIFIED;
    let headers = answer.headers_mut();
    headers.insert(header::ETAG, etag);
    // Compression says it of what it could have coded alone.
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: Option<&HeaderValue>) {
    headers.extend(value.map(|value| (name, value.clone())));
}
