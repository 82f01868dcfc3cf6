//! The headers of an answer, typed, as an operator chooses them.

use http::{HeaderName, header};
use palisade_core::ConfigError;

use crate::{
    CacheControl, ContentTypeOptions, CrossOriginEmbedderPolicy, CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy, Csp, Directive, DnsPrefetchControl, FrameOptions, Handler, Header,
    Hsts, PermissionsPolicy, PermittedCrossDomainPolicies, ReferrerPolicy, ReportingEndpoints,
    reporting_endpoints::check_name,
};

/// The headers of an answer: a value for each, or none, and what becomes of a handler's own.
///
/// ```
/// use palisade_secure_headers::{FrameOptions, Handler, Header, HeaderSet};
///
/// let headers = HeaderSet::polymech()
///     .frame_options(FrameOptions::Deny)
///     .handler(Header::FrameOptions, Handler::Override)
///     .without(Header::PermissionsPolicy);
/// ```
#[derive(Clone, Debug)]
pub struct HeaderSet {
    slots: Vec<Slot>,
    disclosing: Vec<HeaderName>,
}

#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) header: Header,
    pub(crate) value: Value,
    pub(crate) handler: Handler,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Nothing is sent; what the handler set stays.
    Left,
    /// Nothing is sent, and what the handler set is taken away.
    Stripped,
    Fixed(&'static str),
    Composed(String),
    Hsts(Hsts),
    Permissions(PermissionsPolicy),
    Csp(Csp),
    Endpoints(ReportingEndpoints),
    Cache(CacheControl),
}

// === impl HeaderSet ===

impl HeaderSet {
    /// No header. `Server` and `X-Powered-By` are still taken away.
    #[must_use]
    pub fn empty() -> Self {
        let slot = |header: Header| Slot { header, value: Value::Left, handler: header.usual() };
        Self {
            slots: Header::ALL.into_iter().map(slot).collect(),
            disclosing: vec![header::SERVER, HeaderName::from_static("x-powered-by")],
        }
    }

    /// Sends `Strict-Transport-Security`.
    #[must_use]
    pub fn hsts(self, hsts: Hsts) -> Self {
        self.put(Header::Hsts, Value::Hsts(hsts))
    }

    /// Sends `X-Frame-Options`. A `frame-ancestors` of the CSP is obeyed in its place by every browser that knows it.
    #[must_use]
    pub fn frame_options(self, options: FrameOptions) -> Self {
        self.put(Header::FrameOptions, Value::Fixed(options.as_str()))
    }

    /// Sends `Referrer-Policy`.
    #[must_use]
    pub fn referrer_policy(self, policy: ReferrerPolicy) -> Self {
        self.put(Header::ReferrerPolicy, Value::Fixed(policy.as_str()))
    }

    /// Sends `Permissions-Policy`.
    #[must_use]
    pub fn permissions_policy(self, policy: PermissionsPolicy) -> Self {
        self.put(Header::PermissionsPolicy, Value::Permissions(policy))
    }

    /// Changes the `Permissions-Policy` that is there; an empty one if there is none.
    ///
    /// # Errors
    ///
    /// Those of `change`.
    pub fn change_permissions_policy(
        self,
        change: impl FnOnce(PermissionsPolicy) -> Result<PermissionsPolicy, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let policy = self.slots.iter().find_map(|slot| match &slot.value {
            Value::Permissions(policy) => Some(policy.clone()),
            _ => None,
        });
        Ok(self.permissions_policy(change(policy.unwrap_or_default())?))
    }

    /// Sends `Content-Security-Policy`.
    #[must_use]
    pub fn csp(self, csp: Csp) -> Self {
        self.put(Header::Csp, Value::Csp(csp))
    }

    /// Changes the `Content-Security-Policy` that is there; an empty one if there is none.
    ///
    /// # Errors
    ///
    /// Those of `change`.
    pub fn change_csp(
        self,
        change: impl FnOnce(Csp) -> Result<Csp, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let csp = self.sent_csp().cloned().unwrap_or_default();
        Ok(self.csp(change(csp)?))
    }

    /// Sends `Content-Security-Policy-Report-Only`: a policy to try out, beside the one that holds.
    #[must_use]
    pub fn csp_report_only(self, csp: Csp) -> Self {
        self.put(Header::CspReportOnly, Value::Csp(csp))
    }

    /// Sends a twin of the `Content-Security-Policy` that is there as `Content-Security-Policy-Report-Only`, changed by
    /// `change`: what would break is reported, and nothing breaks. Page and both policies have one nonce. `sandbox` and
    /// `upgrade-insecure-requests` are left out, which do nothing in a twin.
    ///
    /// ```
    /// use palisade_secure_headers::{Directive, HeaderSet};
    ///
    /// // Would the site do without styles of other hosts?
    /// let headers = HeaderSet::polymech()
    ///     .csp_twin(|csp| csp.directive(Directive::StyleSrc, ["'self'", "'nonce'"]))?
    ///     .report_csp("csp", "/api/csp-reports")?;
    /// # Ok::<_, palisade_core::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `change`.
    pub fn csp_twin(
        self,
        change: impl FnOnce(Csp) -> Result<Csp, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let twin = self.sent_csp().cloned().unwrap_or_default().tried_out();
        Ok(self.csp_report_only(change(twin)?))
    }

    /// Sends `Reporting-Endpoints`.
    #[must_use]
    pub fn reporting_endpoints(self, endpoints: ReportingEndpoints) -> Self {
        self.put(Header::ReportingEndpoints, Value::Endpoints(endpoints))
    }

    /// Has what its policies refuse reported to `address`, also by browsers that know one of the two ways alone: adds an
    /// endpoint called `name`, and `report-uri` and `report-to` to the `Content-Security-Policy` and to its
    /// report-only twin, where they are there. An answer that is not known to go over TLS says `report-uri` alone: over plain
    /// HTTP a browser has no endpoints, and `report-to` would keep it from the other way.
    ///
    /// ```
    /// use palisade_secure_headers::HeaderSet;
    ///
    /// let headers = HeaderSet::strict().report_csp("csp", "/api/csp-reports")?;
    /// let csp = headers.sent_csp().expect("the preset has one").to_string();
    /// assert!(csp.ends_with("; report-uri /api/csp-reports; report-to csp"));
    /// # Ok::<_, palisade_core::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ReportingEndpoints::endpoint`].
    pub fn report_csp(self, name: &str, address: &str) -> Result<Self, ConfigError> {
        let endpoints = self.sent_endpoints().cloned().unwrap_or_default();
        let mut headers = self.reporting_endpoints(endpoints.endpoint(name, address)?);
        for slot in &mut headers.slots {
            if let Value::Csp(csp) = &mut slot.value
                && !csp.is_empty()
            {
                *csp = std::mem::take(csp)
                    .directive(Directive::ReportUri, [address])?
                    .directive(Directive::ReportTo, [name])?;
            }
        }
        Ok(headers)
    }

    /// Sends `Cross-Origin-Resource-Policy`.
    #[must_use]
    pub fn cross_origin_resource_policy(self, policy: CrossOriginResourcePolicy) -> Self {
        self.put(Header::CrossOriginResourcePolicy, Value::Fixed(policy.as_str()))
    }

    /// Sends `Cross-Origin-Embedder-Policy`.
    #[must_use]
    pub fn cross_origin_embedder_policy(self, policy: CrossOriginEmbedderPolicy) -> Self {
        self.put(Header::CrossOriginEmbedderPolicy, Value::Fixed(policy.as_str()))
    }

    /// Sends `Cross-Origin-Opener-Policy`.
    #[must_use]
    pub fn cross_origin_opener_policy(self, policy: CrossOriginOpenerPolicy) -> Self {
        self.put(Header::CrossOriginOpenerPolicy, Value::Fixed(policy.as_str()))
    }

    /// Sends `Cross-Origin-Embedder-Policy-Report-Only`: what `policy` would not load is loaded, and reported to the endpoint
    /// of this name.
    ///
    /// # Errors
    ///
    /// If `endpoint` is no name of an endpoint.
    pub fn cross_origin_embedder_policy_report_only(
        self,
        policy: CrossOriginEmbedderPolicy,
        endpoint: &str,
    ) -> Result<Self, ConfigError> {
        let value = reported(policy.as_str(), endpoint)?;
        Ok(self.put(Header::CrossOriginEmbedderPolicyReportOnly, value))
    }

    /// Sends `Cross-Origin-Opener-Policy-Report-Only`: which windows `policy` would part is reported to the endpoint of this
    /// name, and they are not parted.
    ///
    /// # Errors
    ///
    /// If `endpoint` is no name of an endpoint.
    pub fn cross_origin_opener_policy_report_only(
        self,
        policy: CrossOriginOpenerPolicy,
        endpoint: &str,
    ) -> Result<Self, ConfigError> {
        let value = reported(policy.as_str(), endpoint)?;
        Ok(self.put(Header::CrossOriginOpenerPolicyReportOnly, value))
    }

    /// Sends `X-Permitted-Cross-Domain-Policies`.
    #[must_use]
    pub fn permitted_cross_domain_policies(self, policies: PermittedCrossDomainPolicies) -> Self {
        self.put(Header::PermittedCrossDomainPolicies, Value::Fixed(policies.as_str()))
    }

    /// Sends `X-DNS-Prefetch-Control`.
    #[must_use]
    pub fn dns_prefetch_control(self, control: DnsPrefetchControl) -> Self {
        self.put(Header::DnsPrefetchControl, Value::Fixed(control.as_str()))
    }

    /// Sends `X-Content-Type-Options`.
    #[must_use]
    pub fn content_type_options(self, options: ContentTypeOptions) -> Self {
        self.put(Header::ContentTypeOptions, Value::Fixed(options.as_str()))
    }

    /// Sends `Cache-Control` where `rule` says so.
    #[must_use]
    pub fn cache_control(self, rule: CacheControl) -> Self {
        self.put(Header::CacheControl, Value::Cache(rule))
    }

    /// Does not send `header`; what a handler sets stays.
    #[must_use]
    pub fn without(self, header: Header) -> Self {
        self.put(header, Value::Left)
    }

    /// Does not send `header`, and takes away what a handler sets.
    #[must_use]
    pub fn strip(self, header: Header) -> Self {
        self.put(header, Value::Stripped)
    }

    /// Says what becomes of `header` where the handler sets it itself.
    #[must_use]
    pub fn handler(mut self, header: Header, handler: Handler) -> Self {
        for slot in self.slots.iter_mut().filter(|slot| slot.header == header) {
            slot.handler = handler;
        }
        self
    }

    /// Takes these headers away wherever they come from, because they tell what the service is made of. Default: `Server`
    /// and `X-Powered-By`.
    #[must_use]
    pub fn disclosing(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.disclosing = names.into_iter().collect();
        self
    }

    /// Lets every site put the page into a frame, as the documents say of embed routes: `X-Frame-Options` is taken away,
    /// and where there is a CSP its `frame-ancestors` is `*`. For pages alone that do nothing on a click.
    #[must_use]
    pub fn embeddable(self) -> Self {
        let headers = self.strip(Header::FrameOptions);
        match headers.sent_csp().cloned() {
            Some(csp) => headers.csp(csp.framed_by_anyone()),
            None => headers,
        }
    }

    /// The `Content-Security-Policy` it sends.
    #[must_use]
    pub fn sent_csp(&self) -> Option<&Csp> {
        self.slots.iter().find_map(|slot| match (&slot.header, &slot.value) {
            (Header::Csp, Value::Csp(csp)) => Some(csp),
            _ => None,
        })
    }

    /// The `Reporting-Endpoints` it sends.
    #[must_use]
    pub fn sent_endpoints(&self) -> Option<&ReportingEndpoints> {
        self.slots.iter().find_map(|slot| match &slot.value {
            Value::Endpoints(endpoints) => Some(endpoints),
            _ => None,
        })
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(crate) fn disclosing_names(&self) -> &[HeaderName] {
        &self.disclosing
    }

    fn put(mut self, header: Header, value: Value) -> Self {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.header == header) {
            slot.value = value;
        }
        self
    }
}

/// A policy whose violations are reported: an item with a parameter (RFC 9651 section 3.3).
fn reported(policy: &str, endpoint: &str) -> Result<Value, ConfigError> {
    check_name(endpoint)?;
    Ok(Value::Composed(format!("{policy}; report-to=\"{endpoint}\"")))
}
