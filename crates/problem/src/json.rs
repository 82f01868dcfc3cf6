//! Refusals as `application/problem+json` (RFC 9457).

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Uri, header};
use palisade_core::{Code, ConfigError, Rejection, SecurityContext};

use crate::{Render, object::Object};

/// Where the problems of Palisade are documented.
const DOCUMENTED: &str = "https://palisade-rs.github.io/problems";

/// Registered with IANA by draft-ietf-httpapi-ratelimit-headers-10, so clients may know it from elsewhere.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// Renders refusals as `application/problem+json` (RFC 9457).
///
/// | member | is |
/// |---|---|
/// | `type` | the page that documents the problems, and the problem as its fragment |
/// | `title` | the problem for people |
/// | `status` | the status of the answer |
/// | `code` | the stable code: the problem, and the check that found it |
/// | `detail` | a sentence about this occurrence, if there is one |
/// | `instance` | the request id, as `X-Request-Id` has it |
/// | `violated-policies` | the limits that were exceeded, if any |
///
/// The `type` of `quota-exceeded` is the one that is registered with IANA.
#[derive(Clone, Debug)]
pub struct ProblemJson {
    base: Box<str>,
}

// === impl ProblemJson ===

impl ProblemJson {
    /// Documents problems at Palisade's own page.
    #[must_use]
    pub fn new() -> Self {
        Self { base: DOCUMENTED.into() }
    }

    /// Documents problems at `base`: `https://api.example/problems` makes
    /// `https://api.example/problems#not-found`. A path, `/problems`, is taken as being on the host that was asked.
    ///
    /// # Errors
    ///
    /// What is neither an http or https URL nor an absolute path, and what has a fragment already.
    pub fn documented_at(base: &str) -> Result<Self, ConfigError> {
        let known = |uri: &Uri| match uri.scheme_str() {
            Some(scheme) => matches!(scheme, "https" | "http"),
            None => base.starts_with('/'),
        };
        if !base.contains('#') && base.parse::<Uri>().is_ok_and(|uri| known(&uri)) {
            return Ok(Self { base: base.into() });
        }
        let expected = "an http or https URL, or an absolute path, without a fragment";
        Err(ConfigError::new("page of problems", base).expected(expected))
    }

    fn answer(
        &self,
        status: StatusCode,
        code: Code,
        (detail, violated_policies): (Option<&str>, Vec<&str>),
        context: &SecurityContext,
    ) -> Response<Bytes> {
        let mut body = Object::begin();
        match code.problem() {
            "quota-exceeded" => body.text("type", &[QUOTA_EXCEEDED]),
            problem => body.text("type", &[&self.base, "#", problem]),
        }
        body.text("title", &[code.title()]);
        body.number("status", status.as_str());
        body.text("code", &[code.as_str()]);
        if let Some(detail) = detail {
            body.text("detail", &[detail]);
        }
        body.text(
            "instance",
            &[str::from_utf8(&context.request_id().digits()).unwrap_or_default()],
        );
        if !violated_policies.is_empty() {
            body.texts("violated-policies", &violated_policies);
        }
        let body = body.end();
        let mut answer = Response::new(Bytes::from(body));
        *answer.status_mut() = status;
        answer
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        answer
    }
}

impl Default for ProblemJson {
    fn default() -> Self {
        Self::new()
    }
}

impl Render for ProblemJson {
    fn render(&self, rejection: &Rejection, context: &SecurityContext) -> Response<Bytes> {
        let public = (rejection.public_detail(), rejection.violated_policies().collect());
        self.answer(rejection.status(), rejection.code(), public, context)
    }

    fn render_bare(
        &self,
        status: StatusCode,
        code: Code,
        context: &SecurityContext,
    ) -> Response<Bytes> {
        self.answer(status, code, (None, Vec::new()), context)
    }
}
