//! The decision about a request: what it wants with which path, whether it may, and what it may learn if not.

use std::{fmt, time::SystemTime};

use http::request::Parts;
use palisade_core::{
    Code, Policy, Realm, Rejection, RejectionKind, SecurityContext, Verdict, ViolationKind,
};

use crate::{
    Acl, AclHandle, Action, Because, Caller, Decision, Organisation, PathError, Permitted,
    Principal, VfsPath,
};

const AMBIGUOUS_PATH: Code =
    Code::new("ambiguous-path", "The path can be read in more than one way");
const INSUFFICIENT_PERMISSION: Code =
    Code::new("insufficient-permission", "The permission for this is missing");
const NOT_FOUND: Code = Code::new("not-found", "There is no such thing");

/// Lets a request do with a path what the [`Acl`] allows. See the [crate docs](crate) for its rules.
pub struct VfsPolicy<L> {
    acl: AclHandle,
    locate: L,
    realm: Realm,
}

/// Says what a request wants with which path. Implemented for closures.
pub trait Locate {
    /// The path and the action; nothing if the request is not about the virtual file system.
    ///
    /// # Errors
    ///
    /// If the request names a path that is none: it is then refused with 400.
    fn locate(&self, head: &Parts) -> Result<Option<(VfsPath, Action)>, PathError>;
}

impl<F> Locate for F
where
    F: Fn(&Parts) -> Result<Option<(VfsPath, Action)>, PathError>,
{
    fn locate(&self, head: &Parts) -> Result<Option<(VfsPath, Action)>, PathError> {
        self(head)
    }
}

// === impl VfsPolicy ===

impl<L: Locate> VfsPolicy<L> {
    /// Decides by `acl` about the paths that `locate` finds.
    pub fn new(acl: impl Into<AclHandle>, locate: L) -> Self {
        Self { acl: acl.into(), locate, realm: Realm::default() }
    }

    /// Names what is protected. Default: `api`.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        self.realm = realm;
        self
    }

    /// Refuses with as much as the caller may know.
    fn refuse(&self, question: &Question<'_>, decision: &Decision<'_>) -> Rejection {
        let rejection = if question.caller.is_anonymous() && !question.anyone_is_refused(decision) {
            // The same for what is there and what is not.
            self.realm.credentials_required()
        } else if question.may_know() {
            Rejection::new(RejectionKind::Forbidden, INSUFFICIENT_PERMISSION)
        } else {
            Rejection::new(RejectionKind::NotFound, NOT_FOUND)
        };
        rejection.reason(format!("{} `{}` {decision}", question.action, question.path))
    }
}

impl<L: Locate> Policy for VfsPolicy<L> {
    fn name(&self) -> &'static str {
        "vfs-acl"
    }

    fn check(&self, head: &mut Parts, context: &SecurityContext) -> Verdict {
        let (path, action) = match self.locate.locate(head) {
            Ok(Some(target)) => target,
            Ok(None) => return Verdict::Pass,
            Err(error) => return malformed(error).into(),
        };
        let organisation = context.attached::<Organisation>();
        let mut caller = Caller::from(context.identity());
        if let Some(organisation) = &organisation {
            caller = caller.acting_for(organisation.as_str());
        }
        let acl = self.acl.current();
        let now = context.arrived().wall();
        let decision = acl.decide(caller, &path, action, now);
        context.note(self.name(), decision.because().as_str());
        if !decision.is_allowed() {
            let question = Question { acl: &acl, caller, path: &path, action, now };
            return self.refuse(&question, &decision).into();
        }
        context.attach(Permitted::new(path, action));
        Verdict::Pass
    }
}

impl<L> fmt::Debug for VfsPolicy<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VfsPolicy").field("acl", &self.acl).finish_non_exhaustive()
    }
}

/// What was decided about.
struct Question<'a> {
    acl: &'a Acl,
    caller: Caller<'a>,
    path: &'a VfsPath,
    action: Action,
    now: SystemTime,
}

impl Question<'_> {
    /// Whether the caller may know that the path exists.
    fn may_know(&self) -> bool {
        self.acl.may_know(self.caller, self.path, self.now)
    }

    /// Whether an identity could not help, because a rule about anyone decided; told to those alone who may know that
    /// the path exists.
    fn anyone_is_refused(&self, decision: &Decision<'_>) -> bool {
        let by_all = matches!(
            decision.because(),
            Because::Deny(rule) | Because::Revocation(rule) if *rule.principal() == Principal::Anyone
        );
        by_all && self.may_know()
    }
}

fn malformed(error: PathError) -> Rejection {
    let rejection =
        Rejection::new(RejectionKind::Malformed, AMBIGUOUS_PATH).detail(error.to_string());
    if error.fault().is_suspicious() {
        rejection.violation(ViolationKind::Suspicious)
    } else {
        rejection
    }
}
