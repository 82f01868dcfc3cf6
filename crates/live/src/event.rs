//! One event, for all who read it.

use std::{fmt, sync::OnceLock};

use bytes::Bytes;

use crate::{EventId, Message};

/// One event. All who read it share it, and its text.
pub struct Event<T> {
    id: EventId,
    value: T,
    text: OnceLock<Bytes>,
}

/// What a [`Subscription`](crate::Subscription) yields.
#[derive(Debug)]
#[non_exhaustive]
pub enum Told<T> {
    /// Something happened.
    Event(std::sync::Arc<Event<T>>),
    /// This reader lost events: because he was slow, because the feed was, or because he resumed too late. How many; none if
    /// nobody can know. Of those that are lost before anybody asked who wants them, all count.
    Missed(Option<u64>),
}

/// How many events a reader lost; none if nobody knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost(pub(crate) Option<u64>);

/// How an event is written.
pub(crate) type Encode<T> = dyn Fn(&T) -> Message + Send + Sync;

// === impl Event ===

impl<T> Event<T> {
    pub(crate) fn new(id: EventId, value: T) -> Self {
        Self { id, value, text: OnceLock::new() }
    }

    /// Its name.
    pub fn id(&self) -> EventId {
        self.id
    }

    /// What happened.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The message, made by the first who asks.
    pub(crate) fn text(&self, encode: &Encode<T>) -> &Bytes {
        self.text.get_or_init(|| encode(&self.value).id(self.id.to_string()).encode())
    }
}

impl<T> fmt::Debug for Event<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("id", &self.id).finish_non_exhaustive()
    }
}

// === impl Told ===

impl<T> Told<T> {
    /// What is lost with it.
    pub(crate) fn worth(&self) -> Lost {
        match self {
            Self::Event(_) => Lost(Some(1)),
            Self::Missed(count) => Lost(*count),
        }
    }

    /// The number of the event, if it is one.
    pub(crate) fn number(&self) -> Option<u64> {
        match self {
            Self::Event(event) => Some(event.id().number()),
            Self::Missed(_) => None,
        }
    }
}

impl<T> Clone for Told<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Event(event) => Self::Event(event.clone()),
            Self::Missed(count) => Self::Missed(*count),
        }
    }
}

// === impl Lost ===

impl Lost {
    /// What is lost of both; unknown if one is.
    pub(crate) fn and(self, other: Self) -> Self {
        let sum = |(one, other): (u64, u64)| one.saturating_add(other);
        Self(self.0.zip(other.0).map(sum))
    }
}
