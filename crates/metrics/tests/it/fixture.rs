//! A service behind a metrics policy, and what was counted.

use http_body_util::BodyExt as _;
use palisade_core::{
    Access, Code, Policies, Policy, Rejection, RejectionKind, Route, RouteTag, SecurityContext,
    Verdict,
};
use palisade_metrics::{Exposition, Format, Metrics};

use crate::reader::{Figure, read};

pub(crate) const NO: Code = Code::new("not-today", "Not today");

/// Learns a route, and refuses what asks for it by a header.
#[derive(Debug)]
pub(crate) struct Decides(pub(crate) Access);

impl Policy for Decides {
    fn name(&self) -> &'static str {
        "decides"
    }

    fn check(&self, head: &mut http::request::Parts, context: &SecurityContext) -> Verdict {
        let route = Route::new("/x", self.0);
        let stream = head.uri.path() == "/stream";
        context.learn_route(if stream { route.with_tags([RouteTag::STREAM]) } else { route });
        if head.headers.contains_key("refuse-me") {
            return Rejection::new(RejectionKind::Forbidden, NO).into();
        }
        Verdict::Pass
    }
}

/// The policy, and one that decides behind it.
pub(crate) fn counted(
    metrics: &palisade_metrics::MetricsPolicy,
    access: Access,
) -> impl Policies + use<> {
    metrics.clone().then(Decides(access))
}

/// What was counted.
pub(crate) fn figures(metrics: &Metrics) -> Vec<Figure> {
    let mut page = Exposition::new(Format::Text);
    metrics.write(&mut page);
    read(&page.finish())
}

/// The figure of this name with at least these labels; 0 if there is none. Several are added up.
pub(crate) fn figure(metrics: &Metrics, name: &str, labels: &[(&str, &str)]) -> f64 {
    let has = |figure: &Figure| {
        labels
            .iter()
            .all(|(label, value)| figure.labels.get(*label).is_some_and(|own| own == value))
    };
    let all = figures(metrics).into_iter();
    all.filter(|figure| figure.name == name && has(figure)).map(|figure| figure.value).sum()
}

/// The body of an answer, read to its end.
pub(crate) fn whole(
    answer: http::Response<palisade_problem::ProblemBody<palisade_test_support::Body>>,
) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(answer.into_body().collect()).unwrap().to_bytes().to_vec()
}
