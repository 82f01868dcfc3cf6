//! What admins ask for, and what they are told where that is not what they wrote.

use axum::extract::{FromRequestParts, Query};
use http::request;
use palisade::core::{Rejection, RejectionKind};
use serde::de::DeserializeOwned;

use crate::routes::answers::{self, invalid};

/// What there is to be asked for, with its form for whoever wrote another one.
pub(super) trait Form: DeserializeOwned {
    /// A sentence.
    const FORM: &'static str;
}

/// A query, read.
pub(super) struct Asked<T>(pub(super) T);

impl<S: Sync, T: Form> FromRequestParts<S> for Asked<T> {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut request::Parts, _: &S) -> Result<Self, Rejection> {
        let read = Query::<T>::try_from_uri(&head.uri);
        read.map(|Query(wanted)| Self(wanted)).map_err(|_| invalid(T::FORM))
    }
}

/// Reads a JSON body.
pub(super) fn payload<T: Form>(body: &[u8]) -> Result<T, Rejection> {
    answers::payload(body).map_err(|refusal| {
        let wrong = refusal.public_detail().unwrap_or_default();
        let detail = format!("{wrong} {}", T::FORM);
        refusal.detail(detail)
    })
}

/// Says of a conflict what it is about.
pub(super) fn in_conflict(refusal: Rejection, about: &'static str) -> Rejection {
    match refusal.kind() {
        RejectionKind::Conflict => refusal.detail(about),
        _ => refusal,
    }
}
