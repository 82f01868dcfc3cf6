//! Decides who may do what with which path of a virtual file system: mounts, grants, revocations, denials.
//!
//! A pure library, and a thin policy on top. [`Acl`] is a compiled snapshot that never changes; [`AclHandle`] swaps it;
//! [`VfsPolicy`] asks it about requests and hands handlers a [`Permitted`] path. What goes on for a while asks again:
//! [`Standing`] for an open download, [`Listing`] for the names that match a [`Pattern`]. People ask [`Acl::explain`] why,
//! [`Acl::what_may`] what somebody may in a mount, and [`Acl::who_may`] who may what with a path.
//!
//! # Rules
//!
//! 1. A path has one form ([`VfsPath`]). What could be read in two ways is refused with 400 `ambiguous-path`: also names that
//!    some store takes for something else (`NUL`, `com1.txt`, `SECRET~1`).
//! 2. The mount decides that the path lies in. Of mounts inside one another it is the innermost, alone: no owner, rule
//!    or default of an outer one counts.
//! 3. In the mount, of all that applies to caller, path, action and time: a denial wins over a revocation, a revocation
//!    over the owner, the owner over a grant, a grant over the mount's default, and where none of these is, the answer
//!    is no. What lies in no mount: no.
//! 4. A request that may passes, with a [`Permitted`] attached to its context.
//! 5. A request that may not learns as much as the caller may know. Without an identity: 401 `credentials-required`,
//!    whether there is such a path or not. With one: 404 `not-found` if the caller may neither read nor list the path nor
//!    be shown its name, else 403 `insufficient-permission`; so also without one, if the path is public and anyone is
//!    denied the action.
//! 6. A listing shows a name to whoever may list the folder it lies in, unless listing was denied or revoked for the name
//!    itself; and a mount to whoever may do anything in it. What is not shown is not matched, is no cursor, and need not
//!    be read from the store ([`Listing::scopes`]).
//! 7. A request that is not about the virtual file system passes.
//!
//! An action implies no other: who may write may not read because of that.
//!
//! # How much it takes
//!
//! A grant takes 250 bytes, a million are compiled in one to two seconds, and a decision among them takes 0.2 µs where
//! they were asked about lately, 1 µs where nothing of them is in the processor's cache. Rules are found by whom they are about,
//! by the folder they begin at, and by how the last name ends or what it holds: a thousand patterns of one caller cost about as
//! much as one. A change ([`AclHandle::change`]) makes a few hundred rules anew and shares all others: among a million
//! grants it takes 0.2 ms, among 100 000 mounts 1 ms. It takes a second and more where a million grants are about one
//! principal on one mount: all rules about one principal are made anew.
//!
//! # Place in the stack
//!
//! Behind everything that learns who is asking, directly in front of the handlers: where nothing did, everybody is somebody
//! without an identity. What a handler answers for a path that is not there must be the same 404 `not-found`.
//!
//! A handler takes path and action from [`Permitted`], and refuses where there is none: then [`Locate`] passed over the request,
//! and nothing was decided. To look at the request once more is how who may list comes to read.
//!
//! In front of an axum service, with tokens, a listing and tests: `examples/file-rules` in the repository. With files that are kept
//! encrypted, organisations, and rules that admins change: its `examples/reference-server`.
//!
//! # Deployment caveat
//!
//! It decides about names. Handlers must open the path of [`Permitted`], below a root, without following links (on Linux
//! `openat2` with `RESOLVE_BENEATH`). Where the store does not tell upper case from lower case, the mount must say so
//! ([`CasePolicy::Folded`]), or a denial of `secret` is no denial of `SECRET`. With more than one issuer of identities,
//! name users by issuer ([`Principal::UserOf`]): [`Principal::User`] is any issuer's.
//!
//! # Example
//!
//! The library alone:
//!
//! ```
//! use std::time::SystemTime;
//! use palisade_core::{Identity, IdentityKind};
//! use palisade_vfs_acl::{Acl, Action, Caller, Mount, Principal, Rule, VfsPath};
//!
//! let acl = Acl::builder()
//!     .mount(Mount::at("docs").owner(Principal::user("alice")))
//!     .rule(Rule::grant("docs", Principal::user("bob"), [Action::Read, Action::List]).under("reports"))
//!     .rule(Rule::deny("docs", Principal::Anyone, Action::Read).matching("**/*.key"))
//!     .build()?;
//!
//! let bob = Identity::new("bob", IdentityKind::Jwt);
//! let now = SystemTime::UNIX_EPOCH;
//! let report = VfsPath::parse("docs/reports/2026/may.md")?;
//! assert!(acl.decide(&bob, &report, Action::Read, now).is_allowed());
//! assert!(!acl.decide(&bob, &report, Action::Write, now).is_allowed());
//! assert!(!acl.decide(Caller::ANONYMOUS, &report, Action::Read, now).is_allowed());
//!
//! let key = VfsPath::parse("docs/reports/server.key")?;
//! assert_eq!(
//!     acl.explain(&bob, &key, Action::Read, now).to_string(),
//!     "user `bob`: read `docs/reports/server.key`\n\
//!      refused: denial of read for anyone on `docs` matching `**/*.key`\n\
//!      also applies: grant of read, list to user `bob` on `docs` under `reports`\n\
//!      to change it: take away the denial of read for anyone on `docs` matching `**/*.key`\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! As a layer, with a public mount, one inside it that is not, and rules that change while requests come:
//!
//! ```
//! use http::{Request, Response, request::Parts};
//! use palisade_core::Realm;
//! use palisade_vfs_acl::{Acl, AclHandle, Action, DefaultAccess, Mount, PathError, Principal, Rule, VfsLayer, VfsPath, VfsPolicy};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! fn acl(rules: Vec<Rule>) -> Result<Acl, palisade_core::ConfigError> {
//!     Acl::builder()
//!         .mount(Mount::at("public").default_access(DefaultAccess::ReadForAnyone))
//!         .mount(Mount::at("public/drafts").owner(Principal::role("editor")))
//!         .rules(rules)
//!         .build()
//! }
//!
//! /// `/api/vfs/<path>`; `?list` asks for the names below.
//! fn locate(head: &Parts) -> Result<Option<(VfsPath, Action)>, PathError> {
//!     let Some(path) = head.uri.path().strip_prefix("/api/vfs/") else { return Ok(None) };
//!     let Some(action) = Action::of_method(&head.method) else { return Ok(None) };
//!     let action = if head.uri.query() == Some("list") { Action::List } else { action };
//!     Ok(Some((VfsPath::parse_encoded(path)?, action)))
//! }
//!
//! # block_on(async {
//! let handle = AclHandle::new(acl(vec![])?);
//! let service = ServiceBuilder::new()
//!     .layer(VfsLayer::new(VfsPolicy::new(handle.clone(), locate).realm(Realm::new("docs")?)))
//!     .service(service_fn(|_: Request<String>| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) }));
//! let ask = |path: &str| service.clone().oneshot(Request::get(path).body(String::new()).unwrap());
//! assert_eq!(ask("/api/vfs/public/a.md").await?.status(), 200);
//! assert_eq!(ask("/api/vfs/public/drafts/a.md").await?.status(), 401);
//! assert_eq!(ask("/api/vfs/public/..%2fetc").await?.status(), 400);
//!
//! handle.replace(acl(vec![Rule::revoke("public", Principal::Anyone).under("a.md")])?);
//! assert_eq!(ask("/api/vfs/public/a.md").await?.status(), 401);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # });
//! # fn block_on(future: impl Future<Output = Result<(), Box<dyn std::error::Error>>>) {
//! #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
//! #     let answer = std::pin::pin!(future).poll(&mut cx);
//! #     assert!(matches!(answer, std::task::Poll::Ready(Ok(()))), "{answer:?}");
//! # }
//! ```
//!
//! # Not done here
//!
//! - Opening files: a name that was allowed can still be a link. That is the store's business, with `openat` and the
//!   like; a library of decisions must not touch a disk.
//! - Groups within groups, inheritance between mounts: what cannot be seen in one place cannot be reviewed.
//! - `globset`: its `?` and classes are about bytes, and `[!a]` matches a separator. Patterns here are about characters
//!   and never cross one; where the two agree, a test compares them, and git is asked about the [dialect].
//! - Reading a store: a [`Listing`] is offered what somebody else reads.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod acl;
mod action;
mod alternatives;
mod area;
mod builder;
mod caller;
mod case;
mod class;
mod compiled_rule;
mod decision;
mod explanation;
mod folders;
mod glob;
mod handle;
mod holdings;
mod listing;
mod mount;
mod namespace;
mod page;
mod parties;
mod path;
mod path_error;
mod pattern;
mod permitted;
mod place;
mod policy;
mod principal;
mod reserved;
mod rule;
mod rules;
mod shard;
mod standing;

#[doc = include_str!("../docs/dialect.md")]
pub mod dialect {}

/// Puts a [`VfsPolicy`] in front of a service. See the [crate docs](crate) for an example.
pub type VfsLayer<L> = palisade_core::GateLayer<VfsPolicy<L>>;

pub use self::{
    acl::Acl,
    action::{Action, Actions},
    builder::AclBuilder,
    caller::Caller,
    case::CasePolicy,
    decision::{Because, Decision},
    explanation::{Change, Explanation, Miss},
    handle::AclHandle,
    holdings::{Held, Holdings},
    listing::Listing,
    mount::{DefaultAccess, Mount, MountName},
    page::{Page, TooBroad},
    parties::Party,
    path::VfsPath,
    path_error::{PathError, PathFault},
    pattern::Pattern,
    permitted::Permitted,
    policy::{Locate, VfsPolicy},
    principal::{Organisation, Principal},
    rule::{Reach, Rule, RuleKind},
    standing::Standing,
};
