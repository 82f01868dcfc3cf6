//! Blocked users: a subject of every issuer, or of one.

use std::collections::HashMap;

use palisade_core::KeyedHash;

use crate::detail::{DetailId, DetailsBuilder};

/// Subjects and what is known of each.
type Subjects = HashMap<Box<str>, DetailId, KeyedHash>;

/// The users of a list.
#[derive(Debug, Default)]
pub(crate) struct Users {
    of_every_issuer: Subjects,
    /// By issuer: there are few.
    of_one: HashMap<Box<str>, Subjects, KeyedHash>,
}

/// The entry that names a user.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct NamedUser<'a> {
    pub(crate) subject: &'a str,
    /// The one issuer whose subject it is.
    pub(crate) issuer: Option<&'a str>,
}

// === impl Users ===

impl Users {
    pub(crate) fn insert(
        &mut self,
        user: NamedUser<'_>,
        detail: DetailId,
        details: &DetailsBuilder,
    ) {
        let subjects = match user.issuer {
            Some(issuer) => self.of_one.entry(issuer.into()).or_default(),
            None => &mut self.of_every_issuer,
        };
        let known = subjects.entry(user.subject.into()).or_insert(detail);
        *known = details.longer(*known, detail);
    }

    /// The entries that name `subject` of `issuer`, the one for this issuer alone first.
    pub(crate) fn find(
        &self,
        subject: &str,
        issuer: Option<&str>,
    ) -> impl Iterator<Item = (NamedUser<'_>, DetailId)> {
        let of_one = issuer.and_then(|issuer| {
            let (issuer, subjects) = self.of_one.get_key_value(issuer)?;
            let (subject, detail) = subjects.get_key_value(subject)?;
            Some((NamedUser { subject, issuer: Some(issuer) }, *detail))
        });
        let of_every = self.of_every_issuer.get_key_value(subject);
        let of_every =
            of_every.map(|(subject, detail)| (NamedUser { subject, issuer: None }, *detail));
        of_one.into_iter().chain(of_every)
    }

    pub(crate) fn len(&self) -> usize {
        let of_one = self.of_one.values().map(HashMap::len);
        of_one.fold(self.of_every_issuer.len(), usize::saturating_add)
    }
}
