//! What is asked, live.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri};
use palisade::{
    analytics::{Filter, Record, RecordedAddress, SessionId},
    core::{Country, Rejection, SecurityContext},
};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    app::Shared,
    routes::streams::{Asks, question, wrong},
};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Question {
    route: Option<String>,
    status: Option<u16>,
    user: Option<String>,
    address: Option<String>,
    country: Option<String>,
    session: Option<String>,
    last_event_id: Option<String>,
    #[serde(rename = "token")]
    _token: Option<IgnoredAny>,
    #[serde(rename = "ticket")]
    _ticket: Option<IgnoredAny>,
}

pub(super) async fn follow(
    State(shared): State<Arc<Shared>>,
    context: SecurityContext,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let question: Question = question(&uri)?;
    let filter = filter(&shared, &question)?;
    let last_event_id = question.last_event_id.as_deref();
    let asks = Asks { shared: &shared, context: &context, headers: &headers, last_event_id };
    asks.follow(&shared.live.requests, move |record: &Arc<Record>| filter.matches(record))
}

fn filter(shared: &Shared, question: &Question) -> Result<Filter, Rejection> {
    let mut filter = Filter::new();
    if let Some(route) = &question.route {
        filter = filter.route(route.as_str());
    }
    if let Some(status) = question.status {
        filter = filter.status(StatusCode::from_u16(status).map_err(|error| wrong(&error))?);
    }
    if let Some(user) = &question.user {
        filter = filter.user(user.as_str());
    }
    if let Some(address) = &question.address {
        let address: RecordedAddress = address.parse().map_err(|error| wrong(&error))?;
        // Whoever asks knows the address, and not what is kept of it.
        filter = filter.address(match address {
            RecordedAddress::Ip(address) => shared.analytics.as_kept(address),
            RecordedAddress::Pseudonym(_) => address,
        });
    }
    if let Some(country) = &question.country {
        let country: Country = country.parse().map_err(|error| wrong(&error))?;
        filter = filter.country(country);
    }
    if let Some(session) = &question.session {
        let session: SessionId = session.parse().map_err(|error| wrong(&error))?;
        filter = filter.session(session);
    }
    Ok(filter)
}
