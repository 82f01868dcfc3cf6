//! Questions about the rules of files: why somebody may, what he may, and who may.

use std::sync::Arc;

use axum::{Json, extract::State, routing::get};
use palisade::{
    core::{Identity, IdentityKind, Rejection},
    route_registry::AccessRouter,
    users::{Lookup, User, UserDirectory as _},
    vfs_acl::{Action, Actions, Because, Organisation, Rule, VfsPath},
};
use palisade_database::{DatabaseError, Organisations};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    asked::{Asked, Form},
    named,
    rules::What,
};
use crate::{
    app::Shared,
    directory::named_in_rules,
    elevations::own_roles,
    openapi::{Operation, flag, list_of, number, object, or_null, text, word},
    routes::{
        Routes,
        admin_action::Admin,
        answers::{self, invalid},
    },
    vfs::{Question, Who},
};

const EXPLAIN: &str = "/api/admin/vfs/explain";
const WHAT_MAY: &str = "/api/admin/vfs/what-may";
const WHO_MAY: &str = "/api/admin/vfs/who-may";
const ACTIONS: [&str; 5] = ["read", "write", "list", "delete", "share"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explained {
    user: Option<String>,
    issuer: Option<String>,
    roles: Option<String>,
    organisation: Option<String>,
    path: String,
    action: What,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    user: Option<String>,
    issuer: Option<String>,
    roles: Option<String>,
    organisation: Option<String>,
    mount: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    path: String,
}

/// Who is asked about: nobody, if no user is named.
struct About {
    user: Option<String>,
    issuer: Option<String>,
    /// The roles that he would have; those that he has, if none are named.
    roles: Option<String>,
    /// The slug of the organisation that he would act for.
    organisation: Option<String>,
}

impl Form for Explained {
    const FORM: &'static str = "The query holds `path` and `action` (`read`, `write`, `list`, `delete` or `share`), and may hold `user`, `issuer`, `roles` and `organisation`, once each.";
}

impl Form for Held {
    const FORM: &'static str = "The query holds `mount`, and may hold `user`, `issuer`, `roles` and `organisation`, once each.";
}

impl Form for At {
    const FORM: &'static str = "The query holds `path`, once.";
}

pub(super) fn routes() -> Routes {
    AccessRouter::new()
        .admin(EXPLAIN, get(explain))
        .admin(WHAT_MAY, get(what_may))
        .admin(WHO_MAY, get(who_may))
}

pub(super) fn operations() -> Vec<Operation> {
    let about = |operation: Operation| {
        operation
            .query("user", text(), "The `sub` of his tokens; nobody, if nothing is said")
            .query("issuer", text(), "Who vouches for him; the first issuer, if nothing is said")
            .query("roles", text(), "The roles that he would have, separated by commas; those that he has, if nothing is said")
            .query("organisation", text(), "The slug of the organisation that he would act for")
    };
    let actions = || list_of(word(ACTIONS));
    let explained = object().has("allowed", flag()).has("because", text());
    let explained = explained.has("mount", or_null(text())).has("rule", or_null(text()));
    let explained = explained.has("refusedWith", or_null(number(400, Some(599))));
    let explained = explained.has("changes", list_of(text())).has("text", text());
    let part =
        object().has("reach", text()).has("actions", actions()).has("except", list_of(text()));
    let held = object().has("mount", text()).has("held", list_of(part)).has("text", text());
    let party = object().has("principal", named::described()).has("actions", actions());
    let party = party.has("rules", list_of(text()));
    vec![
        about(Operation::get(EXPLAIN, "Why somebody may do something with a path, or not"))
            .must_query("path", text(), "The path, from the top on")
            .must_query("action", word(ACTIONS), "What he wants to do")
            .json(200, "What decides, and what would change it", explained)
            .refuses([422]),
        about(Operation::get(WHAT_MAY, "What somebody may do in a mount"))
            .must_query("mount", text(), "The mount")
            .json(200, "What he may, and but for what", held)
            .refuses([404, 422]),
        Operation::get(WHO_MAY, "Who may do what with a path")
            .must_query("path", text(), "The path, from the top on")
            .json(200, "Who may", object().has("parties", list_of(party)))
            .refuses([422]),
    ]
}

async fn explain(
    State(shared): State<Arc<Shared>>,
    Asked(asked): Asked<Explained>,
    admin: Admin,
) -> Result<Json<Value>, Rejection> {
    let Explained { user, issuer, roles, organisation, path, action } = asked;
    let who = About { user, issuer, roles, organisation }.who(&shared, &admin).await?;
    let (path, action) = (read(&path)?, action.in_rules());
    let acl = shared.vfs.acl();
    let now = shared.clock.now();
    let question = Question { who, path, action };
    let refused = question.decide(acl, now).err();
    let acl = acl.current();
    let explained = acl.explain(question.who.caller(), &question.path, action, now.wall());
    let decision = explained.decision();
    let changes: Vec<_> = explained.changes().iter().map(ToString::to_string).collect();
    Ok(Json(json!({
        "allowed": decision.is_allowed(),
        "because": decision.because().as_str(),
        "mount": decision.mount().map(ToString::to_string),
        "rule": Because::rule(decision.because()).and_then(Rule::name),
        "refusedWith": refused.map(|refusal| refusal.status().as_u16()),
        "changes": changes,
        "text": explained.to_string(),
    })))
}

async fn what_may(
    State(shared): State<Arc<Shared>>,
    Asked(asked): Asked<Held>,
    admin: Admin,
) -> Result<Json<Value>, Rejection> {
    let Held { user, issuer, roles, organisation, mount } = asked;
    let who = About { user, issuer, roles, organisation }.who(&shared, &admin).await?;
    let acl = shared.vfs.acl().current();
    let holdings = acl.what_may(who.caller(), &mount, shared.clock.now().wall());
    let holdings = holdings.ok_or_else(answers::not_found)?;
    let held = holdings.held().iter().map(|part| {
        let except: Vec<_> = part.except().iter().map(ToString::to_string).collect();
        json!({ "reach": part.reach().to_string(), "actions": words(part.actions()), "except": except })
    });
    let held: Vec<_> = held.collect();
    Ok(Json(json!({ "mount": mount, "held": held, "text": holdings.to_string() })))
}

async fn who_may(
    State(shared): State<Arc<Shared>>,
    Asked(asked): Asked<At>,
) -> Result<Json<Value>, Rejection> {
    let acl = shared.vfs.acl().current();
    let parties = acl.who_may(&read(&asked.path)?, shared.clock.now().wall());
    let parties = parties.iter().map(|party| {
        let rules: Vec<_> = party.rules().iter().filter_map(|rule| rule.name()).collect();
        let principal = named::shown(party.principal());
        json!({ "principal": principal, "actions": words(party.actions()), "rules": rules })
    });
    let parties: Vec<_> = parties.collect();
    Ok(Json(json!({ "parties": parties })))
}

fn read(path: &str) -> Result<VfsPath, Rejection> {
    VfsPath::parse(path).map_err(|error| invalid(&error.to_string()))
}

fn words(actions: Actions) -> Vec<&'static str> {
    actions.iter().map(Action::as_str).collect()
}

// === impl About ===

impl About {
    async fn who(self, shared: &Shared, admin: &Admin) -> Result<Who, Rejection> {
        let organisation = match &self.organisation {
            Some(slug) => Some(organisation(shared, admin, slug).await?),
            None => None,
        };
        Ok(Who { identity: self.identity(shared)?, organisation })
    }

    fn identity(&self, shared: &Shared) -> Result<Option<Identity>, Rejection> {
        let Some(user) = &self.user else {
            let is_nobody = self.issuer.is_none() && self.roles.is_none();
            return is_nobody.then_some(None).ok_or_else(|| invalid("`user` must be named."));
        };
        let id = shared.directory.id(user, self.issuer.as_deref());
        let id = id.filter(|_| !user.trim().is_empty()).ok_or_else(|| {
            invalid("`user` and `issuer` are `sub` and `iss` of tokens that count here.")
        })?;
        let who = named_in_rules(&id, IdentityKind::Jwt);
        let Some(roles) = &self.roles else {
            let known = match shared.directory.find(&who, shared.clock.now()) {
                Lookup::Known(Ok(user)) => user,
                _ => None,
            };
            let roles: Vec<Box<str>> = known.iter().flat_map(User::roles).map(Into::into).collect();
            let as_known = who.clone().with_roles(roles);
            return Ok(Some(who.with_roles(own_roles(&as_known))));
        };
        let roles = roles.split(',').map(str::trim).filter(|role| !role.is_empty());
        Ok(Some(who.with_roles(roles)))
    }
}

async fn organisation(
    shared: &Shared,
    admin: &Admin,
    slug: &str,
) -> Result<Organisation, Rejection> {
    let found = async {
        let mut act = shared.database.read_as(shared.directory.caller(admin.identity())).await?;
        Organisations::organisation(&mut act, slug).await
    };
    match found.await {
        Ok(organisation) => Ok(Organisation::new(organisation.id)),
        Err(DatabaseError::NotFound) => Err(invalid("There is no such organisation.")),
        Err(error) => Err(answers::database(&error)),
    }
}
