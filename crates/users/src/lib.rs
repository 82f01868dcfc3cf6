//! Refuses users who are unknown or disabled and tokens that were taken back, ends their streams, and opens streams by
//! one-time tickets.
//!
//! A token says who someone was when it was issued. These policies ask who that is today, and end what was begun in the
//! name of someone who is not it any more.
//!
//! # Rules
//!
//! [`TicketPolicy`], on routes tagged [`STREAM`](palisade_core::RouteTag::STREAM):
//!
//! 1. No `?ticket=` passes. A ticket beside another credential, or two of them, are 400 `ambiguous-credentials`.
//! 2. A ticket that is unknown, used, older than 30 s, issued for another route, or by a credential that has ended, is 401
//!    `invalid-token.ticket`. Any other is used up, and whoever it was issued to is the one who is asking.
//!
//! [`RevokedTokensPolicy`]:
//!
//! 3. A token that was issued by the time up to which the tokens of its user, or all tokens, were taken back is 401
//!    `invalid-token.revoked`. So is one that was taken back by itself, and a ticket that stands for it. A token signed by ECDSA
//!    has a twin, which anyone can compute and which is as good: both are taken back.
//! 4. A token without `iat` counts as issued before whatever was taken back, until the longest life of a token is over, and
//!    five minutes more for clocks that differ.
//! 5. An API key is no token: it is taken back where keys are kept, or with its user. It gets no ticket, which would not
//!    learn of that.
//!
//! [`KnownUsersPolicy`]:
//!
//! 6. A proven identity whose user is unknown or disabled is 401 `invalid-token.unknown-user`. The log alone says which.
//! 7. If the directory does not answer, it is 503 `users-unavailable`: nobody is let in on the credential's word.
//! 8. The roles that the directory keeps take the place of those the token names: a role that was taken away is gone, one
//!    that was given is there, whatever the token says. Of an API key, which may have been made to do less than its owner,
//!    those roles count that both name. Scopes are the credential's.
//!
//! A request without an identity passes all of them. A refusal with 401 counts as
//! [`AuthFailure`](palisade_core::ViolationKind::AuthFailure).
//!
//! What [`Revocations`] and [`Users`] are told is obeyed by the next request. A stream that is open awaits its [`Watch`]:
//! whatever concerns its user, or the token that opened it, ends it at once.
//!
//! # What happens at the bounds
//!
//! - Of 100 000 users it is kept what was taken back. Beyond, what the longest life of a token makes needless is forgotten; if
//!   that is nothing, all tokens that were issued so far are taken back instead. Nothing that was taken back is good again.
//! - Of one user eight single tokens are kept; the ninth that would still be good takes all of his back.
//! - 10 000 streams are watched over, 64 of one user; beyond, [`Revocations::watch`] is refused.
//! - 10 000 tickets are kept, 16 of one user; see [`StreamTickets`]. Where several processes are to know them, who keeps them
//!   implements [`TicketBook`].
//! - [`CachedDirectory`] forgets, and asks again; [`Users`] takes nobody more.
//!
//! # Place in the stack
//!
//! [`TicketPolicy`] behind the layer that learns the route and in front of authentication; [`RevokedTokensPolicy`] and
//! [`KnownUsersPolicy`], in this order, right behind authentication, in front of the admin check and of whatever reads roles.
//!
//! # Deployment caveat
//!
//! - What was taken back is in memory: it ends with the process, and other processes do not know it. Where that counts, keep each
//!   [`Revocation`] that [`Revocations`] tells of, and have other processes, and this one when it starts, take it over.
//! - [`Revocations::revoke`] holds for tokens that live no longer than [`longest_life`](RevocationsBuilder::longest_life), 24
//!   hours if nothing is said. A longer one may be good again after that: if it names no `iat`, or where room was needed. Of
//!   an issuer that makes such tokens, disable the user.
//! - A user is named by subject and issuer, byte for byte. Who has tokens of two issuers is two users, and so is the owner of
//!   an API key if the key does not name his issuer.
//! - Roles that tokens alone name count for nothing behind [`KnownUsersPolicy`]: the directory must keep them.
//!
//! # Example
//!
//! Users in memory, whose roles change while their tokens live:
//!
//! ```
//! use palisade_core::{Clock, GateLayer, Policies};
//! use palisade_users::{
//!     KnownUsersPolicy, Revocations, RevokedTokensPolicy, User, UserId, Users,
//! };
//!
//! # fn main() -> Result<(), palisade_users::DirectoryError> {
//! let revocations = Revocations::new();
//! let users = Users::new(revocations.clone());
//! let alice = UserId::new("alice").issued_by("https://id.example");
//! users.put(&alice, User::new().role("admin"))?;
//!
//! // Behind authentication:
//! let layer = GateLayer::new(
//!     RevokedTokensPolicy::new(revocations.clone()).then(KnownUsersPolicy::new(users.clone())),
//! );
//!
//! // Later. The next request and the streams that are open obey.
//! users.replace_roles(&alice, ["editor"]);
//! revocations.revoke(&alice, Clock::system().now().wall());
//!
//! // Where other processes are to obey as well: each takes over what one of them keeps.
//! let revocation = revocations.plan_revoke(&alice, Clock::system().now().wall());
//! revocations.take_over(&revocation);
//! # Ok(()) }
//! ```
//!
//! A directory of one's own, remembered for 30 s, and streams by tickets:
//!
//! ```
//! use std::time::Duration;
//! use palisade_core::{Identity, Moment, Realm, Rejection, SecurityContext};
//! use palisade_users::{
//!     CachedDirectory, KnownUsersPolicy, Lookup, Revocations, StreamTickets, Ticket, TicketPolicy,
//!     User, UserDirectory, Watch,
//! };
//!
//! #[derive(Clone, Debug)]
//! struct Database;
//!
//! impl UserDirectory for Database {
//!     fn find(&self, who: &Identity, _now: Moment) -> Lookup {
//!         let subject = who.subject().to_owned();
//!         Lookup::Wait(Box::pin(async move { Ok((subject == "alice").then(User::new)) }))
//!     }
//! }
//!
//! # fn main() -> Result<(), palisade_core::ConfigError> {
//! let revocations = Revocations::builder().longest_life(Duration::from_secs(3600)).build()?;
//! let directory = CachedDirectory::new(Database, revocations.clone());
//! let known_users = KnownUsersPolicy::new(directory).realm(Realm::new("example")?);
//! let tickets = StreamTickets::new();
//! let ticket_policy = TicketPolicy::new(tickets.clone());
//!
//! // What the handlers do:
//! let issue = |context: &SecurityContext| -> Result<Ticket, Rejection> { tickets.issue(context, "/events") };
//! let follow = |context: &SecurityContext| -> Result<Watch, Rejection> { revocations.watch(context) };
//! # Ok(()) }
//! ```
//!
//! # Not done here
//!
//! - A timer: a stream knows its runtime's. [`Watch::expiry`] says when its credential ends by itself.
//! - Forgetting what authentication remembers of a token: it says who was proven, and these policies are asked every time.
//! - Keeping it on disk, or telling other processes: a [`Revocation`] says what there is to tell.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod by_user;
mod cached_directory;
mod config;
mod directory;
mod flight;
mod known_users;
mod mark;
mod proof;
mod revocation;
mod revocations;
mod revoked_tokens;
mod stream_tickets;
mod ticket;
mod ticket_book;
mod ticket_policy;
mod user;
mod user_id;
mod users;
mod watch;
mod watchers;

pub use self::{
    cached_directory::CachedDirectory,
    config::RevocationsBuilder,
    directory::{Answer, DirectoryError, Lookup, UserDirectory},
    known_users::KnownUsersPolicy,
    proof::Proof,
    revocation::{Revocation, Revoked},
    revocations::Revocations,
    revoked_tokens::RevokedTokensPolicy,
    stream_tickets::StreamTickets,
    ticket::Ticket,
    ticket_book::{Redemption, TicketBook},
    ticket_policy::TicketPolicy,
    user::User,
    user_id::UserId,
    users::Users,
    watch::Watch,
};
