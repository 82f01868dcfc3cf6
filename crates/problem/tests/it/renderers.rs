//! Renderers of one's own.

use bytes::Bytes;
use http::{Response, StatusCode};
use palisade_core::{Code, Rejection, SecurityContext};
use palisade_problem::{ProblemJson, ProblemLayer, Render};
use tower_layer::Layer;

use crate::asking::{answering, bare, closed, get, read, refused, send};

fn plain(rejection: &Rejection, _: &SecurityContext) -> Response<Bytes> {
    Response::builder()
        .status(418)
        .header("content-type", "text/x-plain")
        .header("x-kind", format!("{:?}", rejection.kind()))
        .body(rejection.code().as_str().into())
        .unwrap()
}

#[test]
fn a_closure_can_render() {
    let layer = ProblemLayer::new().render_with(|rejection, context| {
        Response::new(format!("{rejection} {}", context.request_id()).into())
    });
    let answer = send(&layer, get(), refused(closed()));
    assert_eq!(answer.status, 200, "the renderer decides");
    assert_eq!(answer.body, format!("closed.weekend {}", answer.header("x-request-id")));
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[test]
fn a_bare_error_keeps_its_status_whoever_renders() {
    let layer = ProblemLayer::new().render_with(plain);
    let answer = send(&layer, get(), bare(415, None, "x"));
    assert_eq!(answer.status, 415);
    assert_eq!(answer.header("x-kind"), "UnsupportedMediaType");
    assert_eq!(answer.body, "invalid-request");
    for (status, kind) in [
        (400, "Malformed"),
        (401, "Unauthenticated"),
        (408, "Timeout"),
        (404, "NotFound"),
        (413, "ContentTooLarge"),
        (422, "Invalid"),
        (429, "LimitExceeded"),
        (502, "Internal"),
        (503, "Unavailable"),
    ] {
        assert_eq!(send(&layer, get(), bare(status, None, "")).header("x-kind"), kind);
    }
}

#[test]
fn a_type_can_render_both_its_own_way() {
    struct Both;
    impl Render for Both {
        fn render(&self, _: &Rejection, _: &SecurityContext) -> Response<Bytes> {
            Response::new("refused".into())
        }
        fn render_bare(
            &self,
            status: StatusCode,
            code: Code,
            _: &SecurityContext,
        ) -> Response<Bytes> {
            Response::new(format!("bare {} {code}", status.as_u16()).into())
        }
    }
    let layer = ProblemLayer::new().renderer(Both);
    assert_eq!(send(&layer, get(), refused(closed())).body, "refused");
    assert_eq!(send(&layer, get(), bare(404, None, "")).body, "bare 404 not-found");
}

#[test]
fn a_renderer_replaces_the_headers_it_names() {
    let mut refusal = refused(closed());
    refusal.headers_mut().insert("x-kind", "old".parse().unwrap());
    refusal.headers_mut().insert("x-other", "old".parse().unwrap());
    let answer = send(&ProblemLayer::new().render_with(plain), get(), refusal);
    assert_eq!(answer.headers.get_all("x-kind").iter().collect::<Vec<_>>(), ["Forbidden"]);
    assert_eq!(answer.header("x-other"), "old");
}

#[test]
fn of_two_layers_the_inner_one_renders() {
    let inner = ProblemLayer::new().render_with(plain).layer(answering(refused(closed())));
    let mut both = ProblemLayer::new().renderer(ProblemJson::new()).layer(inner);
    let (head, body) = get().send(&mut both).into_parts();
    assert_eq!(head.headers.get("content-type").unwrap(), "text/x-plain");
    assert_eq!(head.headers.get_all("x-request-id").iter().count(), 1);
    drop(body);
    // And an inner one that had nothing to do leaves it to the outer one.
    let mut alone = ProblemLayer::new().layer(answering(refused(closed())));
    assert_eq!(read(get().send(&mut alone)).member("code"), "closed.weekend");
}
