//! Every route with who may ask it: access stands beside the handler, and nowhere else.

mod admin_bans;
mod admin_system;
mod analytics;
mod answers;
mod api;
mod embed;
mod feeds;
mod health;
mod landing;
mod me;
mod pages;
mod posts;

use std::sync::Arc;

use palisade::{core::RouteTag, route_registry::AccessRouter};

use crate::app::Shared;

/// The routes of one feature.
type Routes = AccessRouter<Arc<Shared>>;

/// Routes that cost more than others, and have a limit of their own.
pub(crate) const EXPENSIVE: [&str; 2] = [api::SEARCH, api::SITE_INFO];

/// All routes. Streams carry `stream`, if they take a token from the query.
pub(crate) fn all(stream: Option<RouteTag>) -> Routes {
    AccessRouter::new()
        .merge(landing::routes())
        .merge(feeds::routes())
        .merge(posts::routes())
        .merge(pages::routes())
        .merge(embed::routes())
        .merge(api::routes())
        .merge(me::routes())
        .merge(analytics::routes(stream))
        .merge(admin_bans::routes())
        .merge(admin_system::routes())
        .merge(health::routes())
        .tag_prefix("/api/", RouteTag::API)
}
