//! The rules that came and went since it was last looked.

use std::collections::BTreeMap;

use palisade::vfs_acl::{AclBuilder, Rule};
use palisade_database::VfsChange;

use super::rows::read_rule;

/// What is to be taken away from the rules that are in force, and added to them.
#[derive(Debug, Default)]
pub(super) struct Delta {
    lifted: Vec<Rule>,
    /// By their ids.
    added: BTreeMap<String, Rule>,
}

// === impl Delta ===

impl Delta {
    /// What `changes`, in their order, come to; none if one of them cannot be read.
    pub(super) fn of(changes: &[VfsChange]) -> Option<Self> {
        let mut delta = Self::default();
        for change in changes {
            match change {
                VfsChange::Added(row) => {
                    delta.added.insert(row.id.clone(), read_rule(row)?);
                }
                // What came and went again was never in force.
                VfsChange::Removed(row) if delta.added.remove(&row.id).is_some() => {}
                VfsChange::Removed(row) => delta.lifted.push(read_rule(row)?),
            }
        }
        Some(delta)
    }

    /// Makes it so.
    pub(super) fn apply(self, acl: AclBuilder) -> AclBuilder {
        self.lifted.into_iter().fold(acl, AclBuilder::without).rules(self.added.into_values())
    }
}
