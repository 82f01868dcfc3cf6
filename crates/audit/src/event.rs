//! What happened, before it stands in the log.

use palisade_core::RequestId;

use crate::{
    Action, Actor, Details, Outcome, Person, Target,
    plain::{SPEECH, plain},
};

/// What happened: who did what, to whom, and what became of it. [`Head::next`](crate::Head::next) makes a record of it.
///
/// Every text is kept on one line, with control characters written as `\u{…}`, and bounded, whatever a client sends.
#[derive(Clone, Debug)]
pub struct Event {
    pub(crate) action: Action,
    pub(crate) outcome: Outcome,
    pub(crate) actor: Actor,
    pub(crate) on_behalf_of: Option<Person>,
    pub(crate) request: Option<RequestId>,
    pub(crate) target: Option<Target>,
    pub(crate) reason: Option<String>,
    pub(crate) details: Details,
}

// === impl Event ===

impl Event {
    /// Says who did what, and what became of it.
    #[must_use]
    pub fn new(action: Action, actor: Actor, outcome: Outcome) -> Self {
        let (on_behalf_of, request, target, reason) = (None, None, None, None);
        let details = Details::new();
        Self { action, outcome, actor, on_behalf_of, request, target, reason, details }
    }

    /// Says that `parts` personal parts of earlier records were erased: what [`Record::erase_person`](crate::Record::erase_person)
    /// counted, in the transaction that keeps this. A log in which more is erased than its records say is not whole.
    ///
    /// Its reason is a place for the number of the request to be erased, and not for the name of who was.
    #[must_use]
    pub fn erasure(actor: Actor, parts: u64) -> Self {
        let parts = i64::try_from(parts).unwrap_or(i64::MAX);
        let details = Details::new().number("parts", parts);
        Self::new(Action::ERASED, actor, Outcome::Done).details(details)
    }

    /// Says in whose name.
    #[must_use]
    pub fn on_behalf_of(self, person: Person) -> Self {
        Self { on_behalf_of: Some(person), ..self }
    }

    /// Says by which request.
    #[must_use]
    pub fn request(self, request: RequestId) -> Self {
        Self { request: Some(request), ..self }
    }

    /// Says to whom or what.
    #[must_use]
    pub fn target(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }

    /// Says why, in somebody's own words: 2048 bytes of them.
    #[must_use]
    pub fn reason(self, reason: &str) -> Self {
        Self { reason: Some(plain(reason, SPEECH)), ..self }
    }

    /// Says what else there is to know.
    #[must_use]
    pub fn details(self, details: Details) -> Self {
        Self { details, ..self }
    }
}
