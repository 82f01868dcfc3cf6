//! Keeps users, roles, API keys, sign-outs, secrets, content, organisations and the index of files under row-level rules, in `SQLite` or PostgreSQL.
//!
//! Whoever reads or writes does it as somebody ([`Caller`]), in a transaction ([`Act`]) in which the database itself knows who that
//! is. On PostgreSQL its row-level security is the last guard; on `SQLite`, which has none, the same rules stand in views and triggers
//! that are in the place of the tables. One suite of tests holds both to the same answers.
//!
//! # Rules
//!
//! 1. A [`Database`] has no method that runs a statement. [`act_as`](Database::act_as) and [`read_as`](Database::read_as) take a
//!    [`Caller`], so a query that is nobody's does not compile.
//! 2. Who asks is said for one transaction (`set_config(…, true)`, as Supabase and PostgREST do; `auth.uid()` reads it) and ends with
//!    it, however it ends: committed, failed, or dropped because whoever waited went away.
//! 3. A user sees and changes his own: his row, his roles (sees), his secrets, his pages, and what is shared with him. Nobody sees
//!    another's secrets, admins included. An admin reads all other rows, keeps users and roles, and writes nobody's content.
//!    API keys are kept by admins and the service, and nobody else sees one. Who signs out writes so, and nobody else in his name.
//! 4. A page is read by its owner, by whom it is shared with, by who runs its organisation, and by all once it is published. Viewers
//!    read, editors edit, owners share and remove.
//! 5. [`Act::narrow`] narrows a transaction to an organisation: what belongs to no other is met in it, whoever asks. The slug of an
//!    organisation that is not the caller's answers as one that is nobody's.
//! 6. PostgreSQL: the role the server connects as must not own the tables, nor have `BYPASSRLS`, nor be able to become one who does.
//!    [`Database::open`] looks, and refuses; so it does for a table whose rules are off, and for a view that shows one past them.
//! 7. Whatever is done can be recorded in the transaction that does it ([`AuditLog`]): both are kept, or neither. The log is added to and
//!    not changed, by trigger and by grant; what is about a person can be erased, and the chain stays whole (`palisade-audit`).
//! 8. What is kept elsewhere (in a file, in another program) is ordered in the transaction of its record ([`Orders`]) and ended when it
//!    is there: who was killed in between finds it and finishes it.
//! 9. An embedded database is made at the first start, and copied beside itself before a migration. A database of a later version is an
//!    error, and stays as it is.
//! 10. Admin rights for a while ([`Elevations`]) are asked for by a user and given by an admin who is somebody else and is one for good.
//!     They have an end that nothing moves. A transaction by such a right is begun, and committed, only while it counts.
//! 11. Who may do what with a path is no row's to say (`palisade-vfs-acl` does), so files are the service's, which asks first, and mounts
//!     and their rules the admins'. Names and keys are equal where their bytes are, and are ordered by them. Content is kept elsewhere;
//!     an object is a file of one path, or is noted as an orphan ([`VfsOrphans`]), and changes between the two in one transaction.
//!
//! # Place in the stack
//!
//! None: handlers use it. `X-Org-Slug` is what they narrow by.
//!
//! # Deployment caveat
//!
//! - PostgreSQL: [`Database::migrate`] is run with the URL of the tables' owner, once per version. It makes the role `palisade_runtime`,
//!   for which the owner needs `CREATEROLE` unless it is there. Then: `CREATE ROLE app LOGIN PASSWORD '…' IN ROLE palisade_runtime`.
//! - A pooler in front of PostgreSQL must keep a transaction on one connection (`transaction` mode of `PgBouncer` does).
//! - `SQLite`: one file, on a file system of this machine, and one writer at a time. Whoever can read the file can read past the rules.
//!
//! # Example
//!
//! Alice writes, and shares with Bob, who may read and not edit:
//!
//! ```
//! use palisade_database::{
//!     Caller, CollaboratorRole, Database, DatabaseError, DatabaseOptions, PageCollaborators, PageText, Pages, Visibility,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let url = format!("sqlite:{}", folder.path().join("palisade.db").display());
//! let database = Database::open(&url, &DatabaseOptions::new()).await?;
//! let text = PageText { slug: "plans", title: "Plans", body: "None yet.", visibility: Visibility::Private };
//!
//! let mut alice = database.act_as(Caller::user("alice")).await?;
//! alice.write_page("1", text).await?;
//! alice.share("1", "bob", CollaboratorRole::Viewer).await?;
//! alice.commit().await?;
//!
//! let mut bob = database.act_as(Caller::user("bob")).await?;
//! assert_eq!(bob.page("1").await?.title, "Plans");
//! assert!(matches!(bob.edit_page("1", text).await, Err(DatabaseError::Denied)));
//! bob.roll_back().await?;
//!
//! let mut carol = database.read_as(Caller::user("carol")).await?;
//! assert!(matches!(carol.page("1").await, Err(DatabaseError::NotFound)));
//! # Ok(())
//! # }
//! ```
//!
//! A query that is nobody's does not compile:
//!
//! ```compile_fail
//! # use palisade_database::{Database, Pages};
//! # async fn all_pages(database: Database) {
//! database.pages(None, 100).await;
//! # }
//! ```
//!
//! # Not done here
//!
//! - Sealing of secrets: they come sealed (`palisade-vault`), and the keys are never here.
//! - Records of requests (`palisade-sqlite`), bans (`config/ban.json`, Redis) and limits.

mod act;
mod api_keys;
mod audit_log;
mod caller;
mod database;
mod elevations;
mod engine;
mod error;
mod migrations;
mod open_error;
mod options;
mod orders;
mod organisations;
mod pages;
mod secrets;
mod self_test;
mod shared_keys;
mod sign_outs;
mod stream_tickets;
mod users;
mod vfs_changes;
mod vfs_files;
mod vfs_mounts;
mod vfs_orphans;
mod vfs_rules;

pub use self::{
    act::Act,
    api_keys::{ApiKeyRow, ApiKeys},
    audit_log::{AuditFilter, AuditLog},
    caller::Caller,
    database::{Database, DatabaseStatus},
    elevations::{ElevationFilter, ElevationRow, ElevationState, Elevations, Lent},
    engine::Engine,
    error::DatabaseError,
    open_error::OpenError,
    options::DatabaseOptions,
    orders::{NewOrder, OrderRow, Orders},
    organisations::{MemberRole, MemberRow, OrganisationRow, Organisations},
    pages::{CollaboratorRole, PageCollaborators, PageRow, PageText, Pages, Visibility},
    secrets::{SealedSecret, SecretRow, StaleSecret, UserSecrets},
    shared_keys::{SharedKey, SharedKeys},
    sign_outs::{SignOut, SignOutRow, SignOuts},
    stream_tickets::{StreamTickets, TicketBounds, TicketRow},
    users::{UserRow, Users},
    vfs_changes::{VfsChange, VfsChanges},
    vfs_files::{NewVfsFile, VfsExpected, VfsFileRow, VfsFiles},
    vfs_mounts::{NewVfsMount, VfsCase, VfsDefaultAccess, VfsMountRemoval, VfsMountRow, VfsMounts},
    vfs_orphans::VfsOrphans,
    vfs_rules::{NewVfsRule, VfsRuleKind, VfsRuleRow, VfsRules, VfsScope},
};
