//! Who wants to do what with which path, and the answer to that.

use http::{Request, request};
use palisade::{
    core::{
        Code, Identity, Moment, Policy as _, Rejection, RejectionKind, SecurityContext, Verdict,
    },
    vfs_acl::{AclHandle, Action, Caller, Organisation, PathError, Standing, VfsPath, VfsPolicy},
};

const UNDECIDED: Code = Code::new("internal-error", "Something broke");

/// Somebody, as the rules name him.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// Under the name that the rules have for him, which is the same for his tokens and his keys; none for nobody.
    pub(crate) identity: Option<Identity>,
    /// For which organisation he acts, to which he belongs.
    pub(crate) organisation: Option<Organisation>,
}

/// What somebody wants to do with which path.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) who: Who,
    pub(crate) path: VfsPath,
    pub(crate) action: Action,
}

// === impl Who ===

impl Who {
    /// As the rules are asked about him.
    pub(crate) fn caller(&self) -> Caller<'_> {
        let caller = Caller::from(self.identity.as_ref());
        match &self.organisation {
            Some(organisation) => caller.acting_for(organisation.as_str()),
            None => caller,
        }
    }
}

// === impl Question ===

impl Question {
    /// Whether it is allowed at `now`.
    ///
    /// # Errors
    ///
    /// If it is not: with as much as whoever asks may know.
    pub(crate) fn decide(&self, acl: &AclHandle, now: Moment) -> Result<(), Rejection> {
        // By the policy itself, which knows what may be told; of him under the name that the rules have for him.
        let context = SecurityContext::new(now);
        if let Some(who) = &self.who.identity {
            context.learn_identity(who.clone());
        }
        if let Some(organisation) = &self.who.organisation {
            context.attach(organisation.clone());
        }
        let target = (self.path.clone(), self.action);
        let locate = move |_: &request::Parts| -> Result<_, PathError> { Ok(Some(target.clone())) };
        let (mut head, ()) = Request::new(()).into_parts();
        match VfsPolicy::new(acl.clone(), locate).check(&mut head, &context) {
            Verdict::Pass => Ok(()),
            Verdict::Refuse(refusal) => Err(refusal),
            Verdict::Wait(_) => Err(Rejection::new(RejectionKind::Internal, UNDECIDED)),
        }
    }

    /// Follows whether it is still allowed.
    pub(crate) fn standing(&self, acl: &AclHandle) -> Standing {
        acl.standing(self.who.caller(), &self.path, self.action)
    }
}
