//! Who keeps what admins do: each action is begun before anything happens, and committed once it did.

use std::{error::Error, fmt, net::IpAddr, time::SystemTime};

use http::HeaderValue;
use palisade::core::{ClientIp, Code, Identity, RequestId, SecurityContext};
use palisade_database::{Caller, DatabaseError, NewOrder};

use crate::{elevations::elevation_of, kept::Kept};

/// As much is kept of a text that a client sends.
const LONGEST_TEXT: usize = 512;

/// Keeps what admins do.
///
/// The server calls it from a thread that may block: `begin`, then the action, then `commit`, all on the same thread, so a
/// transaction can live in the entry.
pub trait AuditTrail: fmt::Debug + Send + Sync {
    /// Begins an entry. Nothing has happened yet.
    ///
    /// # Errors
    ///
    /// If the entry could not be kept: then nothing happens, and the admin reads 503 `audit-unavailable`.
    fn begin(&self, action: &AdminAction) -> Result<Box<dyn AuditEntry>, AuditFailed>;
}

/// An entry that was begun. Dropped without a commit, it is none: the action never came to an end.
pub trait AuditEntry {
    /// Keeps something with the entry. Where nothing but lines is kept, there is nothing to be done.
    ///
    /// # Errors
    ///
    /// If it could not be kept: then the entry must not be committed as done.
    fn keep(&mut self, _kept: &Kept) -> Result<(), AuditFailed> {
        Ok(())
    }

    /// Keeps the entry, with what became of the action.
    ///
    /// # Errors
    ///
    /// If it is not kept: then the action is taken back where it can be, and the admin reads 503 `audit-unavailable`.
    fn commit(self: Box<Self>, outcome: AuditOutcome) -> Result<(), AuditFailed>;
}

/// What became of an action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum AuditOutcome {
    /// It was carried out.
    Done,
    /// It was refused, by this code, and changed nothing.
    Refused(Code),
}

/// What an admin is about to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AdminAction {
    /// When the request arrived.
    pub at: SystemTime,
    /// Who does it.
    pub actor: Identity,
    /// In whose name, if that is somebody else.
    pub on_behalf_of: Option<Identity>,
    /// From where.
    pub address: Option<IpAddr>,
    /// By what program, by its own word.
    pub user_agent: Option<Box<str>>,
    /// By which request.
    pub request_id: RequestId,
    /// What: `ban.ip`.
    pub action: &'static str,
    /// To whom or what: an address, a user, the digest of a token, the id of a key.
    pub target: Option<Box<str>>,
    /// Why, by the admin's word.
    pub reason: Option<Box<str>>,
    /// What else the order says: roles, an end.
    pub detail: Option<Box<str>>,
    /// The order to do it, where it may take minutes: it is kept before it begins, and ended with the record.
    pub announced: Option<NewOrder>,
    /// As whom the database is asked, where that is known.
    pub caller: Option<Caller>,
}

/// Why an entry is not kept: for the log, never for the client.
#[derive(Debug)]
pub struct AuditFailed(Box<dyn Error + Send + Sync>);

// === impl AdminAction ===

impl AdminAction {
    /// Records of requests are deleted.
    pub const CLEAR_RECORDS: &str = "analytics.clear";

    /// What `actor` does by the request with this `context`.
    pub fn new(action: &'static str, actor: Identity, context: &SecurityContext) -> Self {
        Self {
            at: context.arrived().wall(),
            actor,
            on_behalf_of: None,
            address: context.client_ip().map(ClientIp::addr),
            user_agent: None,
            request_id: context.request_id(),
            action,
            target: None,
            reason: None,
            detail: None,
            announced: None,
            caller: None,
        }
    }

    /// Says as whom the database is asked.
    #[must_use]
    pub fn acting_as(mut self, caller: Caller) -> Self {
        self.caller = Some(caller);
        self
    }

    /// The elevation by which he is an admin, if it is one that makes him one.
    pub fn elevation(&self) -> Option<&str> {
        elevation_of(&self.actor)
    }

    /// Says by what program, as its `User-Agent` has it.
    #[must_use]
    pub fn sent_by(mut self, user_agent: &HeaderValue) -> Self {
        self.user_agent = Some(cut(&String::from_utf8_lossy(user_agent.as_bytes())));
        self
    }

    /// Says to whom or what.
    #[must_use]
    pub fn target(mut self, target: impl fmt::Display) -> Self {
        self.target = Some(cut(&target.to_string()));
        self
    }

    /// Says why.
    #[must_use]
    pub fn reason(mut self, reason: &str) -> Self {
        self.reason = Some(cut(reason));
        self
    }

    /// Says what else there is to know.
    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = Some(cut(&detail.to_string()));
        self
    }

    /// Says that it may take minutes, and by which order a later start finishes it.
    #[must_use]
    pub fn announced(mut self, order: NewOrder) -> Self {
        self.announced = Some(order);
        self
    }
}

fn cut(text: &str) -> Box<str> {
    text.chars().take(LONGEST_TEXT).collect::<String>().into()
}

// === impl AuditOutcome ===

impl fmt::Display for AuditOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Refused(code) => write!(f, "refused: {code}"),
        }
    }
}

// === impl AuditFailed ===

impl AuditFailed {
    /// Says why.
    pub fn new(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }

    /// What the database said, if it was that.
    pub(crate) fn of_database(&self) -> Option<&DatabaseError> {
        self.0.downcast_ref()
    }
}

impl fmt::Display for AuditFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for AuditFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
