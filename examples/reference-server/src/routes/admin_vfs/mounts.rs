//! `/api/admin/vfs/mounts`: where files are, whose they are, and what holds where no rule does.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    routing::{delete, get},
};
use jiff::Timestamp;
use palisade::{
    core::Rejection,
    route_registry::{AccessRouter, PathParams},
    vfs_acl::{CasePolicy, DefaultAccess, Mount, Principal, VfsPath},
};
use palisade_database::{
    Caller, VfsCase, VfsDefaultAccess, VfsFiles as _, VfsMountRemoval, VfsMountRow, VfsMounts as _,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    asked::{Asked, Form, in_conflict, payload},
    by_token, changed, cut,
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

const ALL: &str = "/api/admin/vfs/mounts";
const ONE: &str = "/api/admin/vfs/mounts/*name";
const HAS_FILES: &str = "It has files: `?files=remove` removes them with it.";
const OTHERWISE_KEPT: &str = "It has files, which are found by its `case`: that stays. Or somebody else made it at this moment.";

/// What a mount is to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wanted {
    /// The path that it stands at.
    #[schema(min_length = 1, max_length = 1024)]
    name: String,
    /// Who may do everything in it; nobody, if nothing is said.
    #[schema(inline)]
    owner: Option<Named>,
    #[serde(default)]
    #[schema(inline)]
    default_access: Elsewhere,
    #[serde(default)]
    #[schema(inline)]
    case: Case,
}

/// What holds where no rule does.
#[derive(Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Elsewhere {
    #[default]
    Nothing,
    Read,
}

/// Whether two spellings of a path are one.
#[derive(Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Case {
    #[default]
    Sensitive,
    Folded,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Paged {
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Removed {
    files: Option<Files>,
}

/// What becomes of its files.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Files {
    Keep,
    Remove,
}

impl Form for Wanted {
    const FORM: &'static str = r#"A mount is `{"name":"docs","owner":…,"defaultAccess":"nothing" or "read","case":"sensitive" or "folded"}`, and `name` must be there; an owner is `{"user":{"userId":"bob"}}`, `{"role":"editor"}` or `{"organisation":"acme"}`."#;
}

impl Form for Paged {
    const FORM: &'static str = "The query may hold `limit` and `cursor`, once each.";
}

impl Form for Removed {
    const FORM: &'static str = "The query may hold `files`, which is `keep` or `remove`.";
}

pub(super) fn routes() -> Routes {
    AccessRouter::new().admin(ALL, get(list).post(put)).admin(ONE, delete(remove))
}

pub(super) fn operations() -> Vec<Operation> {
    let page = object().has("mounts", list_of(described())).has("next", or_null(text()));
    vec![
        Operation::get(ALL, "Where files are, and whose they are")
            .query("limit", number(1, Some(1000)), "How many, 100 if nothing is said")
            .query("cursor", text(), "The `next` of the page before")
            .json(200, "The mounts, by name", page)
            .refuses([422]),
        Operation::post(ALL, "Makes a mount, or changes the one of this name")
            .by_token_alone()
            .takes::<Wanted>()
            .json(200, "What it is called", object().has("name", text()))
            .refuses([409]),
        Operation::delete(ONE, "Removes a mount, with its rules")
            .by_token_alone()
            .query(
                "files",
                word(["keep", "remove"]),
                "What becomes of its files: with `keep`, it is not removed while there are any",
            )
            .nothing(204, "It is gone")
            .refuses([409, 422]),
    ]
}

fn described() -> Members {
    let mount = object().has("name", text()).has("owner", named::described());
    let mount = mount.has("defaultAccess", word(["nothing", "read"]));
    let mount = mount.has("case", word(["sensitive", "folded"])).has("createdAt", time());
    mount.has("createdBy", or_null(text()))
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Asked(paged): Asked<Paged>,
    admin: Admin,
) -> Result<Json<Value>, Rejection> {
    let most = page_of(paged.limit)?;
    let read = async {
        let mut act = shared.database.read_as(shared.directory.caller(admin.identity())).await?;
        act.mounts(paged.cursor.as_deref(), most.saturating_add(1)).await
    };
    let rows = read.await.map_err(|error| answers::database(&error))?;
    let (rows, next) = cut(rows, most, |row| row.name.clone());
    let mounts: Vec<_> = rows.iter().map(shown).collect();
    Ok(Json(json!({ "mounts": mounts, "next": next })))
}

async fn put(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
    body: Bytes,
) -> Result<Json<Value>, Rejection> {
    by_token(&admin)?;
    let Wanted { name, owner, default_access, case: case_policy } = payload(&body)?;
    let owner = match owner {
        Some(owner) => Some(principal(&shared, &admin, owner).await?),
        None => None,
    };
    is_free(&shared, &name).await?;
    let (default, case) = (default_access.in_rules(), case_policy.in_rules());
    let whose = owner.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let action = admin.does("mount.put").target(&name);
    let (by_default, compared) = (default_access.word(), case_policy.word());
    let action =
        action.detail(format_args!("owner {whose}, default {by_default}, case {compared}"));
    let change = KeptVfs::put_mount(&name, owner.as_ref(), default, case);
    let mount = Mount::at(name.as_str()).default_access(default).case(case);
    let mount = owner.into_iter().fold(mount, Mount::owner);
    let is_called = name.clone();
    let done = changed(&shared, action, change, move |shared| check(shared, &is_called, mount));
    done.await.map_err(|refusal| in_conflict(refusal, OTHERWISE_KEPT))?;
    Ok(Json(json!({ "name": name })))
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    Asked(removed): Asked<Removed>,
    params: PathParams,
    admin: Admin,
) -> Result<http::StatusCode, Rejection> {
    by_token(&admin)?;
    let name = params.get("name").unwrap_or_default();
    let (removal, what) = match removed.files {
        Some(Files::Remove) => (VfsMountRemoval::WithFiles, "with its files"),
        Some(Files::Keep) | None => (VfsMountRemoval::IfEmpty, "if it has no files"),
    };
    let action = admin.does("mount.removed").target(name).detail(what);
    let done = changed(&shared, action, KeptVfs::remove_mount(name, removal), |_| Ok(()));
    done.await.map_err(|refusal| in_conflict(refusal, HAS_FILES))?;
    Ok(http::StatusCode::NO_CONTENT)
}

/// The principal that an admin names.
pub(super) async fn principal(
    shared: &Shared,
    admin: &Admin,
    named: Named,
) -> Result<Principal, Rejection> {
    let begun = shared.database.read_as(shared.directory.caller(admin.identity())).await;
    let mut act = begun.map_err(|error| answers::database(&error))?;
    named.principal(shared, &mut act).await
}

/// Whether the rules would hold with it.
fn check(shared: &Shared, name: &str, mount: Mount) -> Result<(), Rejection> {
    let acl = shared.vfs.acl().current();
    let is_there = acl.mounts().any(|known| known.as_str() == name);
    let builder = acl.change();
    let builder = if is_there { builder.remount(mount) } else { builder.mount(mount) };
    builder.build().map(drop).map_err(|error| invalid(&error.to_string()))
}

/// Whether no file of the mount around it is at its place: nobody would find it any more.
async fn is_free(shared: &Shared, name: &str) -> Result<(), Rejection> {
    let acl = shared.vfs.acl().current();
    let path = VfsPath::parse(name).map_err(|error| invalid(&error.to_string()))?;
    let Some((mount, inside)) = acl.place_of(&path).filter(|(_, inside)| !inside.is_empty()) else {
        return Ok(());
    };
    let key = acl.case_of(&path).unwrap_or_default().key(inside).into_owned();
    let found = async {
        let mut act = shared.database.read_as(Caller::service()).await?;
        let file = act.file(mount.as_str(), &key).await?;
        Ok(act.files_under(mount.as_str(), &format!("{key}/")).await? > 0 || file.is_some())
    };
    match found.await {
        Ok(false) => Ok(()),
        Ok(true) => Err(invalid("There are files of the mount around it at this place.")),
        Err(error) => Err(answers::database(&error)),
    }
}

fn shown(row: &VfsMountRow) -> Value {
    let default = match row.default_access {
        VfsDefaultAccess::Read => "read",
        _ => "nothing",
    };
    let case = match row.case {
        VfsCase::Sensitive => "sensitive",
        VfsCase::Folded => "folded",
    };
    let created = Timestamp::from_millisecond(row.created_at).ok();
    json!({
        "name": row.name,
        "owner": row.owner.as_deref().map(named::shown_text),
        "defaultAccess": default,
        "case": case,
        "createdAt": created.map(|time| time.to_string()),
        "createdBy": row.created_by.as_deref().map(|by| read_name(by).1),
    })
}

// === impl Elsewhere ===

impl Elsewhere {
    fn in_rules(self) -> DefaultAccess {
        match self {
            Self::Nothing => DefaultAccess::Nothing,
            Self::Read => DefaultAccess::ReadForAnyone,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Read => "read",
        }
    }
}

// === impl Case ===

impl Case {
    fn in_rules(self) -> CasePolicy {
        match self {
            Self::Sensitive => CasePolicy::Sensitive,
            Self::Folded => CasePolicy::Folded,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Sensitive => "sensitive",
            Self::Folded => "folded",
        }
    }
}
