//! Looking a user up by borrowed names, so that a request allocates nothing to find out that he is not banned.

use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
};

use crate::BannedUser;

/// What a key of the banned users and the names of an identity have in common.
pub(crate) trait UserName {
    fn issuer(&self) -> Option<&str>;
    fn subject(&self) -> &str;
}

/// Names of a user that belong to somebody else.
pub(crate) struct Names<'a> {
    pub(crate) issuer: Option<&'a str>,
    pub(crate) subject: &'a str,
}

impl UserName for BannedUser {
    fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
    fn subject(&self) -> &str {
        &self.subject
    }
}

impl UserName for Names<'_> {
    fn issuer(&self) -> Option<&str> {
        self.issuer
    }
    fn subject(&self) -> &str {
        self.subject
    }
}

impl Hash for dyn UserName + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.issuer().hash(state);
        self.subject().hash(state);
    }
}

impl PartialEq for dyn UserName + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.subject() == other.subject() && self.issuer() == other.issuer()
    }
}

impl Eq for dyn UserName + '_ {}

impl<'a> Borrow<dyn UserName + 'a> for BannedUser {
    fn borrow(&self) -> &(dyn UserName + 'a) {
        self
    }
}

/// The same hash as by borrowed names, which `Borrow` asks for.
impl Hash for BannedUser {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let name: &dyn UserName = self;
        name.hash(state);
    }
}
