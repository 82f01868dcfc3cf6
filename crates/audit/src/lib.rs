//! Chains what was done into a log that shows what was changed, left out or cut off.
//!
//! Who did what, when, from where, in whose name, to whom, and what became of it: an [`Event`]. [`Head::next`] makes a [`Record`] of it
//! that depends on all before it. [`Verifier`] reads records and says what is wrong with them, and [`Checkpoint`]s that are kept
//! elsewhere, signed, show also what was removed from the end or written anew. This crate keeps nothing itself, but for [`FileLog`]:
//! whoever has a database keeps the record in the transaction of the action.
//!
//! # Rules
//!
//! 1. A record has a number, from 1 and without gaps, and the hash of the one before it; the first has the random [`LogId`] there. Its own
//!    hash covers both and all of its columns that stay. Order is that of the numbers; times are what the clock said.
//! 2. What is about a person stands in a [`Part`] of its own: the actor with address and user agent, the one in whose name, the target,
//!    and the words. The chain covers their seals alone, so each can be erased for itself, and the log is as whole as before.
//! 3. A part that was erased left no salt: nobody can try out who it was. One that was changed, or erased in half, is a fault. An erasure
//!    is a record too, and says how many parts: if more are gone, that is a fault.
//! 4. Texts that clients send are kept on one line, with control characters written as `\u{…}`, and bounded; nothing a client sends makes
//!    an event fail.
//! 5. A checkpoint says how far a log had come, in one signed line (Ed25519). A log that ends before it was cut, and one that is
//!    another there was written anew. A [`CheckpointSink`] refuses one that says less than the last.
//! 6. The verifier takes any content, in memory that does not grow with it; it never fails, it finds.
//! 7. Records have one form for tables, files and the verifier, without a second copy of anything: any column that is changed is found.
//!
//! The bytes that are digested are described in `docs/format.md` of this crate, with an example that a program in another language
//! computes.
//!
//! # Place in the stack
//!
//! None: whoever carries out an action records it. By rule 1, reading the head, [`Head::next`] and keeping the record are one transaction in
//! which nobody else adds a record.
//!
//! # Deployment caveat
//!
//! - Who can write to the log, and to no checkpoint, can change what stands behind the last checkpoint and be unseen:
//!   [`Report::uncovered`] says how much that is. Make one every few minutes, and keep it where the database's admin cannot write.
//! - Who has the signing key can sign what he likes. It must not be where the database is.
//! - Who holds the program itself decides what it records. No log proves what was never written into it.
//! - Reasons and details are erased when they are asked to be, and not because a name stands in them.
//! - Copies and backups have what was erased, until they are gone.
//!
//! # Example
//!
//! Two records, a checkpoint, and somebody who removes the last record:
//!
//! ```
//! use palisade_audit::{
//!     Action, Actor, ActorKind, Checkpoint, Event, Fault, Head, LogId, Outcome, Person, SigningKey, Target, TrustedKeys, verify,
//! };
//! use palisade_core::Clock;
//!
//! const LIFTED: Action = Action::new("ban.lifted");
//!
//! let at = Clock::system().now().wall();
//! let alice = || Actor::new(ActorKind::User).person(Person::new("alice")).address([203, 0, 113, 7].into());
//! let lifted = |address| Event::new(LIFTED, alice(), Outcome::Done).target(Target::new("address", address));
//!
//! let log = LogId::random();
//! let first = Head::empty(log).next(lifted("192.0.2.1"), at);
//! let second = first.head().next(lifted("192.0.2.2"), at);
//!
//! let key = SigningKey::generate("audit.example.com")?;
//! let line = key.sign(Checkpoint::new(log, second.head(), at)).to_string();
//!
//! let trusted: TrustedKeys = key.verifying_key().to_string().parse()?;
//! let checkpoint = trusted.open_line(&line)?;
//! assert!(verify([&first, &second], &[checkpoint.clone()]).is_whole());
//! let report = verify([&first], &[checkpoint]);
//! assert_eq!(report.faults(), [Fault::Cut { last: 1, checkpoint: 2 }]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In a file, with a person who is erased:
//!
//! ```
//! use palisade_audit::{Action, Actor, ActorKind, Details, Event, FileLog, Outcome, Part, PartState, Person};
//! use palisade_core::Clock;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("audit.ndjson");
//! let log = FileLog::open(&path, Clock::system())?;
//! let bob = Person::new("bob").issued_by("https://id.example");
//! log.append(
//!     Event::new(Action::new("user.signed-in"), Actor::new(ActorKind::User).person(bob.clone()), Outcome::Done)
//!         .details(Details::new().text("method", "passkey")),
//! )?;
//!
//! let parts = log.erase(&bob, Actor::new(ActorKind::Operator))?;
//! assert_eq!(parts, 1);
//! drop(log);
//!
//! let log = FileLog::open(&path, Clock::system())?;
//! assert!(log.opening().is_whole());
//! let first = log.records()?.next().unwrap()?;
//! assert_eq!((first.part(Part::Actor), first.actor_subject.as_deref()), (PartState::Erased, None));
//! assert_eq!(first.details.as_deref(), Some(r#"{"method":"passkey"}"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Not done here
//!
//! - The table, its trigger and its grants: they belong to the database that has the actions, too. `docs/format.md` names the columns, and
//!   the suite in `tests/it/contract.rs` is what every store is held to.
//! - Sending checkpoints anywhere but into a file: [`CheckpointSink`] is for who has a client.
//! - A Merkle tree: it proves single records to those who may not read the others. Who verifies here may read the log.
//! - Encrypting: what may be read by fewer people belongs into a vault, with its name in the log.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod action;
mod actor;
mod bounded_lines;
mod canonical;
mod checkpoint;
mod checkpoint_file;
mod checkpoint_sink;
mod details;
mod erasure;
mod event;
mod export;
mod fault;
mod file_log;
mod hash;
mod head;
mod hex;
mod key_id;
mod outcome;
mod own_file;
mod part;
mod person;
mod plain;
mod record;
mod report;
mod signing_key;
mod target;
mod trusted_keys;
mod verifier;
mod verifying_key;

pub use self::{
    action::Action,
    actor::{Actor, ActorKind},
    checkpoint::{Checkpoint, SignedCheckpoint},
    checkpoint_file::CheckpointFile,
    checkpoint_sink::{CheckpointSink, SinkError},
    details::Details,
    event::Event,
    export::{ExportError, Exported},
    fault::Fault,
    file_log::{FileLog, FileLogError},
    hash::{Hash, LogId, Salt},
    head::Head,
    key_id::KeyId,
    outcome::Outcome,
    part::{Part, PartState},
    person::Person,
    record::Record,
    report::{ClockSteps, Report},
    signing_key::{KeyText, SigningKey},
    target::Target,
    trusted_keys::{CheckpointError, OpenedCheckpoints, TrustedKeys},
    verifier::{Verifier, verify},
    verifying_key::VerifyingKey,
};
