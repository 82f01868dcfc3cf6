//! Every route with who may ask it: access stands beside the handler, and nowhere else.

mod acting;
mod admin_action;
mod admin_api_keys;
mod admin_audit;
mod admin_bans;
mod admin_blocklist;
mod admin_system;
mod admin_users;
mod analytics;
mod answers;
mod api;
mod csp_reports;
mod embed;
mod feeds;
mod health;
mod icon;
mod landing;
mod log_stream;
mod logout;
mod me;
mod metrics;
mod organisations;
mod own_ban;
mod own_pages;
mod own_secrets;
mod pages;
mod posts;
mod readiness;
mod stream_tickets;
mod streams;

use std::sync::Arc;

use palisade::{core::RouteTag, route_registry::AccessRouter};

pub(crate) use self::{analytics::QUESTIONS, csp_reports::CSP_REPORTS};

use crate::app::Shared;

/// The routes of one feature.
type Routes = AccessRouter<Arc<Shared>>;

/// Routes that cost more than others, and have a limit of their own.
pub(crate) const EXPENSIVE: [&str; 2] = [api::SEARCH, api::SITE_INFO];

/// Streams, for which there are tickets.
const STREAMS: [&str; 2] = [analytics::STREAM, log_stream::STREAM];

/// The figures, where anything is counted for them.
pub(crate) fn metrics() -> Routes {
    metrics::routes()
}

/// All routes but those of figures. Streams carry `stream_tags`.
pub(crate) fn all(stream_tags: &[RouteTag]) -> Routes {
    AccessRouter::new()
        .merge(landing::routes())
        .merge(icon::routes())
        .merge(feeds::routes())
        .merge(posts::routes())
        .merge(pages::routes())
        .merge(embed::routes())
        .merge(api::routes())
        .merge(csp_reports::routes())
        .merge(me::routes())
        .merge(own_secrets::routes())
        .merge(organisations::routes())
        .merge(own_pages::routes())
        .merge(logout::routes())
        .merge(stream_tickets::routes())
        .merge(analytics::routes(stream_tags))
        .merge(log_stream::routes(stream_tags))
        .merge(admin_api_keys::routes())
        .merge(admin_audit::routes())
        .merge(admin_bans::routes())
        .merge(admin_blocklist::routes())
        .merge(admin_system::routes())
        .merge(admin_users::routes())
        .merge(health::routes())
        .tag_prefix("/api/", RouteTag::API)
}
