//! What is asked, live.

use std::{net::IpAddr, sync::Arc};

use axum::{Extension, extract::State, response::Response};
use http::{HeaderMap, StatusCode, Uri};
use palisade::{
    analytics::{Filter, Record, RecordedAddress, SessionId},
    core::{Country, Rejection, SecurityContext},
};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    app::Shared,
    pulse::Hangup,
    routes::streams::{Asks, question, wrong},
};

/// What chooses requests.
const FILTERS: &str = "route, status (100 to 999), user, address, country (two letters), session (32 hexadecimal digits)";

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
    hangup: Option<Extension<Hangup>>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let question: Question = question(&uri, FILTERS)?;
    let (filter, address) = filter(&question)?;
    let analytics = shared.analytics.clone();
    let last_event_id = question.last_event_id.as_deref();
    let hangup = hangup.map(|Extension(hangup)| hangup);
    let asks =
        Asks { shared: &shared, context: &context, headers: &headers, last_event_id, hangup };
    asks.follow(&shared.live.requests, move |record: &Arc<Record>| {
        filter.matches(record)
            && address.is_none_or(|address| analytics.is_kept_of(record, address))
    })
}

/// What is kept of an address may be another each day: whoever asks for it by itself is asked about for each record.
fn filter(question: &Question) -> Result<(Filter, Option<IpAddr>), Rejection> {
    let (mut filter, mut by_address) = (Filter::new(), None);
    if let Some(route) = &question.route {
        filter = filter.route(route.as_str());
    }
    if let Some(status) = question.status {
        filter = filter.status(StatusCode::from_u16(status).map_err(|_| wrong(FILTERS))?);
    }
    if let Some(user) = &question.user {
        filter = filter.user(user.as_str());
    }
    if let Some(address) = &question.address {
        let address: RecordedAddress = address.parse().map_err(|_| wrong(FILTERS))?;
        // Whoever asks knows the address, and not what is kept of it.
        match address {
            RecordedAddress::Ip(address) => by_address = Some(address),
            RecordedAddress::Pseudonym(_) => filter = filter.address(address),
        }
    }
    if let Some(country) = &question.country {
        let country: Country = country.parse().map_err(|_| wrong(FILTERS))?;
        filter = filter.country(country);
    }
    if let Some(session) = &question.session {
        let session: SessionId = session.parse().map_err(|_| wrong(FILTERS))?;
        filter = filter.session(session);
    }
    Ok((filter, by_address))
}
