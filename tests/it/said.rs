//! What a handler says, behind compression alone.

use std::{convert::Infallible, future::ready};

use bytes::Bytes;
use http::{Extensions, Request, Response};
use palisade::Compression;
use palisade_test_support::{Ask, Body};
use tower::service_fn;
use tower_layer::Layer;

use crate::site::{Answer, read};

/// What a handler says.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) extensions: Extensions,
    pub(crate) body: Bytes,
}

/// Long enough to be worth a coding.
pub(crate) fn text() -> Bytes {
    Bytes::from("All that is written twice is shorter when it is coded. ".repeat(20))
}

pub(crate) fn said(headers: &[(&'static str, &'static str)]) -> Said {
    Said { status: 200, headers: headers.to_vec(), extensions: Extensions::new(), body: text() }
}

/// A text.
pub(crate) fn plain(headers: &[(&'static str, &'static str)]) -> Said {
    said(&[&[("content-type", "text/plain")], headers].concat())
}

impl Said {
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extensions.insert(value);
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn answer<B>(&self, body: B) -> Response<B> {
        let answer = Response::builder().status(self.status);
        let headers = self.headers.iter();
        let answer = headers.fold(answer, |answer, (name, value)| answer.header(*name, *value));
        let mut answer = answer.body(body).unwrap();
        *answer.extensions_mut() = self.extensions.clone();
        answer
    }
}

/// Compression alone, in front of a handler that says this.
pub(crate) fn behind(ask: Ask, said: &Said) -> Answer {
    let answer =
        |_: Request<Body>| ready(Ok::<_, Infallible>(said.answer(Body::from(said.body.clone()))));
    read(ask.send(&mut Compression::default().layer().layer(service_fn(answer))))
}

/// Asks for brotli.
pub(crate) fn br(target: &str) -> Ask {
    Ask::get(target).header("accept-encoding", "br")
}

pub(crate) fn is_coded(answer: &Answer) -> bool {
    let coded = answer.header("content-encoding") == Some("br");
    assert_eq!(coded, answer.body != text(), "{answer:?}");
    coded
}
