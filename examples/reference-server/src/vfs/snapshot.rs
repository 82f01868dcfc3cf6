//! Makes rules to decide by of what the database says. A mount of which something cannot be read is closed to all.

use std::collections::{BTreeMap, HashMap};

use palisade::vfs_acl::{Acl, Rule};
use palisade_database::{VfsMountRow, VfsRuleRow};

use super::rows::{closed_mount, read_mount, read_rule};

/// What is decided by.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    pub(super) acl: Acl,
    /// The mounts in which nobody may do anything, because something of them cannot be read, and what.
    pub(super) closed: BTreeMap<String, String>,
}

// === impl Snapshot ===

impl Snapshot {
    /// Compiles all that is kept. It takes a second for a million rules.
    pub(super) fn compile(mounts: &[VfsMountRow], rules: Vec<VfsRuleRow>) -> Self {
        let mut closed = BTreeMap::new();
        let mut of_mounts: HashMap<String, Vec<Rule>> = HashMap::new();
        for row in rules {
            match read_rule(&row) {
                Some(rule) => of_mounts.entry(row.mount).or_default().push(rule),
                None => drop(closed.insert(row.mount, format!("the rule {}", row.id))),
            }
        }
        let mut snapshot = Self { acl: Acl::default(), closed };
        snapshot.mount(mounts);
        of_mounts.retain(|mount, _| !snapshot.closed.contains_key(mount));
        snapshot.rule(mounts, &of_mounts);
        snapshot
    }

    /// Makes the mounts.
    fn mount(&mut self, rows: &[VfsMountRow]) {
        let mut builder = Acl::builder();
        for row in rows {
            let is_one = |mount| Acl::builder().mount(mount).build().map(drop);
            if let Err(error) = is_one(closed_mount(row)) {
                // No path that is one lies in it.
                self.closed.insert(row.name.clone(), error.to_string());
                continue;
            }
            let open = read_mount(row).filter(|mount| is_one(mount.clone()).is_ok());
            if open.is_none() {
                self.closed.insert(row.name.clone(), "its owner, or its default".to_owned());
            }
            let is_closed = self.closed.contains_key(&row.name);
            let mount = open.filter(|_| !is_closed).unwrap_or_else(|| closed_mount(row));
            builder = builder.mount(mount);
        }
        match builder.build() {
            Ok(acl) => self.acl = acl,
            // Two at one place: which of them a path lies in nobody can say.
            Err(error) => {
                let all = rows.iter().map(|row| (row.name.clone(), error.to_string()));
                self.closed.extend(all);
            }
        }
    }

    /// Adds the rules of the mounts that are open: all at once; or mount by mount, if that fails.
    fn rule(&mut self, rows: &[VfsMountRow], of_mounts: &HashMap<String, Vec<Rule>>) {
        let all = of_mounts.values().flatten().cloned();
        if let Ok(acl) = self.acl.change().rules(all).build() {
            self.acl = acl;
            return;
        }
        for row in rows {
            let rules = of_mounts.get(&row.name).into_iter().flatten().cloned();
            let changed = self.acl.change().rules(rules).build().or_else(|error| {
                self.closed.insert(row.name.clone(), error.to_string());
                self.acl.change().remount(closed_mount(row)).build()
            });
            // A mount that cannot even be closed is none: its place was refused before.
            if let Ok(acl) = changed {
                self.acl = acl;
            }
        }
    }
}
