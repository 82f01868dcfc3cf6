//! How mounts and rules are written in the database, and read from it.

use palisade::{
    users::UserId,
    vfs_acl::{
        Action, Actions, CasePolicy, DefaultAccess, Mount, Principal, Reach, Rule, RuleKind,
    },
};
use palisade_database::{
    VfsCase, VfsDefaultAccess, VfsMountRow, VfsRuleKind, VfsRuleRow, VfsScope,
};

use crate::{
    directory::{name, read_name},
    elevations::time_of,
};

const ANYONE: &str = "anyone";

/// A principal as it is written. Of a kind that is not known here there is no text.
pub(crate) fn principal_text(principal: &Principal) -> Option<String> {
    Some(match principal {
        Principal::User(subject) => format!("user:{}", name(&UserId::new(&**subject))),
        Principal::UserOf { issuer, subject } => {
            format!("user:{}", name(&UserId::new(&**subject).issued_by(&**issuer)))
        }
        Principal::Role(role) => format!("role:{role}"),
        Principal::Organisation(id) => format!("organisation:{id}"),
        Principal::Anyone => ANYONE.to_owned(),
        _ => return None,
    })
}

/// The principal that is written so.
pub(crate) fn read_principal(text: &str) -> Option<Principal> {
    if text == ANYONE {
        return Some(Principal::Anyone);
    }
    let (kind, rest) = text.split_once(':').filter(|(_, rest)| !rest.is_empty())?;
    match kind {
        "user" => match read_name(rest) {
            (Some(issuer), subject) => Some(Principal::user_of(issuer, subject)),
            (None, subject) => Some(Principal::user(subject)),
        },
        "role" => Some(Principal::role(rest)),
        "organisation" => Some(Principal::organisation(rest)),
        _ => None,
    }
}

/// Actions as they are written.
pub(super) fn actions_text(actions: Actions) -> String {
    actions.iter().map(Action::as_str).collect::<Vec<_>>().join(",")
}

/// The actions that are written so; none, if one is not known here.
pub(super) fn read_actions(text: &str) -> Option<Actions> {
    let action = |word: &str| Action::EVERY.into_iter().find(|action| action.as_str() == word);
    text.split(',').map(action).collect()
}

/// The rule of a row, if all of it can be read.
pub(super) fn read_rule(row: &VfsRuleRow) -> Option<Rule> {
    let principal = read_principal(&row.principal)?;
    let actions = read_actions(&row.actions)?;
    let mount = row.mount.as_str();
    let rule = match row.kind {
        VfsRuleKind::Grant => Rule::grant(mount, principal, actions),
        VfsRuleKind::Deny => Rule::deny(mount, principal, actions),
        VfsRuleKind::Revoke => Rule::revoke(mount, principal),
        _ => return None,
    };
    let rule = match &row.scope {
        VfsScope::All => rule,
        VfsScope::Under(path) => rule.under(path.as_str()),
        VfsScope::Matching(pattern) => rule.matching(pattern.as_str()),
        _ => return None,
    };
    let rule = rule.named(row.id.as_str());
    Some(row.expires_at.into_iter().fold(rule, |rule, end| rule.until(time_of(end))))
}

/// The mount of a row, if all of it can be read.
pub(super) fn read_mount(row: &VfsMountRow) -> Option<Mount> {
    let default = match row.default_access {
        VfsDefaultAccess::Nothing => DefaultAccess::Nothing,
        VfsDefaultAccess::Read => DefaultAccess::ReadForAnyone,
        _ => return None,
    };
    let mount = closed_mount(row).default_access(default);
    match row.owner.as_deref().map(read_principal) {
        None => Some(mount),
        Some(owner) => Some(mount.owner(owner?)),
    }
}

/// The mount of a row where nobody may do anything.
pub(super) fn closed_mount(row: &VfsMountRow) -> Mount {
    Mount::at(row.name.as_str()).case(case(row.case))
}

/// How names are compared.
pub(crate) fn case(case: VfsCase) -> CasePolicy {
    match case {
        VfsCase::Sensitive => CasePolicy::Sensitive,
        VfsCase::Folded => CasePolicy::Folded,
    }
}

/// The same as it is kept.
pub(super) fn kept_case(case: CasePolicy) -> VfsCase {
    match case {
        CasePolicy::Sensitive => VfsCase::Sensitive,
        CasePolicy::Folded => VfsCase::Folded,
    }
}

/// What a rule does, as it is kept. Of a kind that is not known here there is none.
pub(super) fn kept_kind(kind: RuleKind) -> Option<VfsRuleKind> {
    match kind {
        RuleKind::Grant => Some(VfsRuleKind::Grant),
        RuleKind::Deny => Some(VfsRuleKind::Deny),
        RuleKind::Revocation => Some(VfsRuleKind::Revoke),
        _ => None,
    }
}

/// How far a rule reaches, as it is kept. Of a kind that is not known here there is none.
pub(super) fn kept_reach(reach: &Reach) -> Option<VfsScope> {
    match reach {
        Reach::Mount => Some(VfsScope::All),
        Reach::Under(path) => Some(VfsScope::Under(path.to_string())),
        Reach::Matching(pattern) => Some(VfsScope::Matching(pattern.to_string())),
        _ => None,
    }
}
