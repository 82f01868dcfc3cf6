//! `/api/admin/vfs/rules`: who is granted what, who is denied it, and whose grants were taken back.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    routing::{delete, get},
};
use http::StatusCode;
use jiff::Timestamp;
use palisade::{
    core::{Rejection, RequestId},
    route_registry::{AccessRouter, PathParams},
    vfs_acl::{Action, Actions, Principal, Rule},
};
use palisade_database::{VfsRuleKind, VfsRuleRow, VfsRules as _, VfsScope};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    asked::{Asked, Form, payload},
    by_token, changed, cut,
    mounts::principal,
    named::{self, Named},
    page_of,
};
use crate::{
    app::Shared,
    directory::read_name,
    openapi::{Members, Operation, list_of, number, object, or_null, text, time, word},
    routes::{
        Routes,
        admin_action::Admin,
        answers::{self, invalid},
    },
    vfs::KeptVfs,
};

const ALL: &str = "/api/admin/vfs/rules";
const ONE: &str = "/api/admin/vfs/rules/:id";
/// What a rule is for, as it is asked for and told.
const ACTIONS: [&str; 5] = ["read", "write", "list", "delete", "share"];

/// What a rule is to say.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    mount: String,
    #[schema(inline)]
    kind: Kind,
    #[schema(inline)]
    principal: Named,
    /// What for; of a revocation, nothing: it takes back all.
    #[serde(default)]
    #[schema(inline)]
    actions: Vec<What>,
    /// A path, from the mount on, and all below it.
    under: Option<String>,
    /// A pattern of paths, from the mount on.
    matching: Option<String>,
    /// For ever, if nothing is said.
    expires_in_seconds: Option<u64>,
}

#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Grant,
    Deny,
    Revoke,
}

#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    Read,
    Write,
    List,
    Delete,
    Share,
}

/// Which rules.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Chosen {
    mount: Option<String>,
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

impl Form for Wanted {
    const FORM: &'static str = r#"A rule is `{"mount":"docs","kind":"grant","principal":…,"actions":["read"],"under":"plans"}`: `kind` is `grant`, `deny` or `revoke`; a principal is `{"user":{"userId":"bob"}}`, `{"role":"editor"}`, `{"organisation":"acme"}` or `"anyone"`; actions are `read`, `write`, `list`, `delete` and `share`, and a revocation has none; `under`, or `matching` in its place, and `expiresInSeconds` may be left out."#;
}

impl Form for Chosen {
    const FORM: &'static str = "The query may hold `mount`, `limit` and `cursor`, once each.";
}

pub(super) fn routes() -> Routes {
    AccessRouter::new().admin(ALL, get(list).post(add)).admin(ONE, delete(remove))
}

pub(super) fn operations() -> Vec<Operation> {
    let page = object().has("rules", list_of(described())).has("next", or_null(text()));
    vec![
        Operation::get(ALL, "Who is granted what, and who is denied it")
            .query("mount", text(), "Of this mount alone")
            .query("limit", number(1, Some(1000)), "How many, 100 if nothing is said")
            .query("cursor", text(), "The `next` of the page before")
            .json(200, "The rules", page)
            .refuses([422]),
        Operation::post(ALL, "Grants, denies, or takes back what was granted")
            .about("Denials win over revocations, those over the owner, he over grants, those over the mount's default. It counts at once, on every instance within a second, and for open downloads too.")
            .by_token_alone()
            .takes::<Wanted>()
            .json(201, "The rule's id", object().has("id", text()))
            .refuses([404, 409]),
        Operation::delete(ONE, "Takes a rule away").by_token_alone().nothing(204, "It is gone"),
    ]
}

fn described() -> Members {
    let rule = object().has("id", text()).has("mount", text());
    let rule = rule.has("kind", word(["grant", "deny", "revoke"]));
    let rule = rule.has("principal", named::described()).has("actions", list_of(word(ACTIONS)));
    let rule = rule.has("under", or_null(text())).has("matching", or_null(text()));
    let rule = rule.has("expiresAt", or_null(time())).has("createdAt", time());
    rule.has("createdBy", or_null(text()))
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Asked(chosen): Asked<Chosen>,
    admin: Admin,
) -> Result<Json<Value>, Rejection> {
    let most = page_of(chosen.limit)?;
    let (after, more) = (chosen.cursor.as_deref(), most.saturating_add(1));
    let read = async {
        let mut act = shared.database.read_as(shared.directory.caller(admin.identity())).await?;
        match &chosen.mount {
            Some(mount) => act.rules_of(mount, after, more).await,
            None => act.rules(after, more).await,
        }
    };
    let rows = read.await.map_err(|error| answers::database(&error))?;
    let (rows, next) = cut(rows, most, |row| row.id.clone());
    let rules: Vec<_> = rows.iter().map(shown).collect();
    Ok(Json(json!({ "rules": rules, "next": next })))
}

async fn add(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Rejection> {
    by_token(&admin)?;
    let mut wanted: Wanted = payload(&body)?;
    let whom = std::mem::replace(&mut wanted.principal, Named::Anyone);
    let whom = principal(&shared, &admin, whom).await?;
    let id = RequestId::random().to_string();
    let rule = wanted.rule(whom, &shared)?;
    let action = admin.does("rule.added").target(&id).detail(&rule);
    let change = KeptVfs::add_rule(&id, rule.clone());
    changed(&shared, action, change, move |shared| check(shared, rule)).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    params: PathParams,
    admin: Admin,
) -> Result<StatusCode, Rejection> {
    by_token(&admin)?;
    let id = params.get("id").unwrap_or_default();
    let action = admin.does("rule.removed").target(id);
    changed(&shared, action, KeptVfs::remove_rule(id), |_| Ok(())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the rules would hold with it.
fn check(shared: &Shared, rule: Rule) -> Result<(), Rejection> {
    let built = shared.vfs.acl().current().change().rule(rule).build();
    built.map(drop).map_err(|error| invalid(&error.to_string()))
}

fn shown(row: &VfsRuleRow) -> Value {
    let kind = match row.kind {
        VfsRuleKind::Grant => "grant",
        VfsRuleKind::Revoke => "revoke",
        _ => "deny",
    };
    let (under, matching) = match &row.scope {
        VfsScope::Under(path) => (Some(path), None),
        VfsScope::Matching(pattern) => (None, Some(pattern)),
        _ => (None, None),
    };
    let time = |at: i64| Timestamp::from_millisecond(at).ok().map(|time| time.to_string());
    json!({
        "id": row.id,
        "mount": row.mount,
        "kind": kind,
        "principal": named::shown_text(&row.principal),
        "actions": row.actions.split(',').collect::<Vec<_>>(),
        "under": under,
        "matching": matching,
        "expiresAt": row.expires_at.and_then(time),
        "createdAt": time(row.created_at),
        "createdBy": row.created_by.as_deref().map(|by| read_name(by).1),
    })
}

// === impl Wanted ===

impl Wanted {
    fn rule(self, whom: Principal, shared: &Shared) -> Result<Rule, Rejection> {
        let actions: Actions = self.actions.iter().map(|what| what.in_rules()).collect();
        let mount = self.mount.as_str();
        let rule = match self.kind {
            Kind::Grant => Rule::grant(mount, whom, actions),
            Kind::Deny => Rule::deny(mount, whom, actions),
            Kind::Revoke if actions.is_empty() => Rule::revoke(mount, whom),
            Kind::Revoke => {
                return Err(invalid(
                    "A revocation takes back all: it has no `actions`. Deny them.",
                ));
            }
        };
        let rule = match (self.under, self.matching) {
            (None, None) => rule,
            (Some(path), None) => rule.under(path),
            (None, Some(pattern)) => rule.matching(pattern),
            (Some(_), Some(_)) => {
                return Err(invalid("Either `under` or `matching`, and not both."));
            }
        };
        let Some(seconds) = self.expires_in_seconds else { return Ok(rule) };
        let end = shared.clock.now().wall().checked_add(Duration::from_secs(seconds));
        let is_kept = |end: &std::time::SystemTime| Timestamp::try_from(*end).is_ok();
        let end = end.filter(is_kept);
        end.map(|end| rule.until(end)).ok_or_else(|| invalid("`expiresInSeconds` is too far away."))
    }
}

// === impl What ===

impl What {
    pub(super) fn in_rules(self) -> Action {
        match self {
            Self::Read => Action::Read,
            Self::Write => Action::Write,
            Self::List => Action::List,
            Self::Delete => Action::Delete,
            Self::Share => Action::Share,
        }
    }
}
