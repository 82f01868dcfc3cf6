//! A change of mounts or rules, as the database is to keep it with its record.

use std::time::UNIX_EPOCH;

use palisade::vfs_acl::{DefaultAccess, Principal, Rule};
use palisade_database::{
    Act, DatabaseError, NewVfsMount, NewVfsRule, VfsCase, VfsDefaultAccess, VfsMountRemoval,
    VfsMounts as _, VfsRules as _,
};

use super::rows::{actions_text, kept_case, kept_kind, kept_reach, principal_text};

/// What becomes of a mount or a rule.
#[derive(Clone, Debug)]
pub struct KeptVfs {
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    PutMount {
        name: String,
        owner: Option<String>,
        default_access: VfsDefaultAccess,
        case: VfsCase,
    },
    RemoveMount {
        name: String,
        removal: VfsMountRemoval,
    },
    AddRule {
        id: String,
        rule: Rule,
    },
    RemoveRule {
        id: String,
    },
}

// === impl KeptVfs ===

impl KeptVfs {
    /// There is a mount of this name, whose owner and default are these.
    pub(crate) fn put_mount(
        name: &str,
        owner: Option<&Principal>,
        default: DefaultAccess,
        case: palisade::vfs_acl::CasePolicy,
    ) -> Self {
        let default_access = match default {
            DefaultAccess::ReadForAnyone => VfsDefaultAccess::Read,
            _ => VfsDefaultAccess::Nothing,
        };
        let owner = owner.and_then(principal_text);
        let (name, case) = (name.to_owned(), kept_case(case));
        Self { change: Change::PutMount { name, owner, default_access, case } }
    }

    /// There is no such mount any more.
    pub(crate) fn remove_mount(name: &str, removal: VfsMountRemoval) -> Self {
        Self { change: Change::RemoveMount { name: name.to_owned(), removal } }
    }

    /// There is a rule more.
    pub(crate) fn add_rule(id: &str, rule: Rule) -> Self {
        Self { change: Change::AddRule { id: id.to_owned(), rule } }
    }

    /// There is no such rule any more.
    pub(crate) fn remove_rule(id: &str) -> Self {
        Self { change: Change::RemoveRule { id: id.to_owned() } }
    }

    /// Makes it so.
    pub(crate) async fn keep(&self, act: &mut Act) -> Result<(), DatabaseError> {
        match &self.change {
            Change::PutMount { name, owner, default_access, case } => {
                let owner = owner.as_deref();
                let (default_access, case) = (*default_access, *case);
                act.put_mount(NewVfsMount { name, owner, default_access, case }).await
            }
            Change::RemoveMount { name, removal } => {
                let removed = act.remove_mount(name, *removal).await?;
                removed.then_some(()).ok_or(DatabaseError::NotFound)
            }
            Change::AddRule { id, rule } => add(act, id, rule).await,
            Change::RemoveRule { id } => {
                let removed = act.remove_rule(id).await?;
                removed.then_some(()).ok_or(DatabaseError::NotFound)
            }
        }
    }
}

async fn add(act: &mut Act, id: &str, rule: &Rule) -> Result<(), DatabaseError> {
    let kind = kept_kind(rule.kind()).ok_or(DatabaseError::Invalid)?;
    let principal = principal_text(rule.principal()).ok_or(DatabaseError::Invalid)?;
    let scope = kept_reach(rule.reach()).ok_or(DatabaseError::Invalid)?;
    let actions = actions_text(rule.actions());
    let since = rule.expiry().and_then(|end| end.duration_since(UNIX_EPOCH).ok());
    let expires_at = since.and_then(|since| i64::try_from(since.as_millis()).ok());
    let (mount, scope) = (rule.mount(), &scope);
    let (principal, actions) = (principal.as_str(), actions.as_str());
    act.add_rule(NewVfsRule { id, mount, kind, principal, actions, scope, expires_at }).await
}
