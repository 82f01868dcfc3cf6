//! Every route with who may ask it: access stands beside the handler, and nowhere else.

mod acting;
mod admin_action;
mod admin_api_keys;
mod admin_audit;
mod admin_bans;
mod admin_blocklist;
mod admin_cache;
mod admin_elevations;
mod admin_system;
mod admin_users;
mod admin_vfs;
mod analytics;
mod answers;
mod api;
mod csp_reports;
mod elevation_view;
mod elevations;
mod embed;
mod feeds;
mod health;
mod icon;
mod landing;
mod lent_rights;
mod log_stream;
mod logout;
mod me;
mod metrics;
mod named_user;
mod organisations;
mod own_ban;
mod own_pages;
mod own_secrets;
mod page_collaborators;
mod pages;
mod posts;
mod readiness;
mod reference;
mod stream_tickets;
mod streams;
mod vfs;
mod visitor;

use std::sync::Arc;

use palisade::{core::RouteTag, route_registry::AccessRouter};

pub(crate) use self::{
    analytics::{QUESTIONS, filter, unavailable},
    csp_reports::CSP_REPORTS,
    reference::SHOWN as REFERENCE,
    vfs::FILE as VFS_FILE,
};

use crate::{
    app::Shared,
    openapi::{Chapter, Operation},
    settings::Environment,
};

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

/// The API's description for anybody, where the server runs on somebody's machine.
pub(crate) fn reference(environment: Environment) -> Routes {
    match environment {
        Environment::Development => reference::open(),
        Environment::Production => AccessRouter::new(),
    }
}

/// What routes say of themselves, for the API's description. Who may ask them is not theirs to say again: it stands with
/// the route.
pub(crate) fn described() -> Vec<Chapter> {
    vec![
        chapter(
            "Content",
            "What readers come for: seeded demo data.",
            vec![
                landing::operations(),
                icon::operations(),
                feeds::operations(),
                posts::operations(),
                pages::operations(),
                embed::operations(),
                api::operations(),
            ],
        ),
        chapter(
            "Caller",
            "Who asks, and what he can do about it.",
            vec![
                me::operations(),
                own_secrets::operations(),
                logout::operations(),
                stream_tickets::operations(),
            ],
        ),
        together(),
        break_glass(),
        chapter(
            "Files",
            "Files, and who may do what with them.",
            vec![vfs::operations(), admin_vfs::operations()],
        ),
        chapter("Audit", "What was done, by whom.", vec![admin_audit::operations()]),
        chapter(
            "Analytics",
            "What was asked, and what is being asked.",
            vec![analytics::operations(), log_stream::operations()],
        ),
        chapter(
            "Bans",
            "Who may not ask.",
            vec![admin_bans::operations(), admin_blocklist::operations()],
        ),
        chapter(
            "Users",
            "Who is known, and which keys there are.",
            vec![admin_api_keys::operations(), admin_users::operations()],
        ),
        chapter(
            "Operating",
            "Whether the server is well, and what it can be told.",
            vec![
                health::operations(),
                metrics::operations(),
                admin_system::operations(),
                admin_cache::operations(),
                csp_reports::operations(),
            ],
        ),
        chapter("Reference", "This description.", vec![reference::operations()]),
    ]
}

fn together() -> Chapter {
    let about = "Who belongs together, and what users write.";
    let parts =
        [organisations::operations(), own_pages::operations(), page_collaborators::operations()];
    chapter("Organisations", about, parts.into())
}

fn break_glass() -> Chapter {
    let about = "Admin rights for a while, given by somebody else.";
    chapter("Break-glass", about, vec![elevations::operations(), admin_elevations::operations()])
}

fn chapter(name: &'static str, about: &'static str, parts: Vec<Vec<Operation>>) -> Chapter {
    Chapter { name, about, operations: parts.into_iter().flatten().collect() }
}

/// All routes but those of figures, and of the description for anybody. Streams carry `stream_tags`.
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
        .merge(page_collaborators::routes())
        .merge(elevations::routes())
        .merge(logout::routes())
        .merge(stream_tickets::routes())
        .merge(analytics::routes(stream_tags))
        .merge(log_stream::routes(stream_tags))
        .merge(admin_api_keys::routes())
        .merge(admin_audit::routes())
        .merge(admin_bans::routes())
        .merge(admin_blocklist::routes())
        .merge(admin_cache::routes())
        .merge(admin_elevations::routes())
        .merge(admin_system::routes())
        .merge(admin_users::routes())
        .merge(admin_vfs::routes())
        .merge(vfs::routes())
        .merge(health::routes())
        .merge(reference::guarded())
        .tag_prefix("/api/", RouteTag::API)
}
