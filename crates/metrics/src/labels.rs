//! What requests are told apart by: few words each, whatever clients send.

use http::{Method, StatusCode};
use palisade_core::{Access, Ended, SecurityContext};

/// The access class of the route.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Class {
    Public,
    Protected,
    Authenticated,
    Admin,
    /// The request ended before anyone knew its route.
    #[default]
    Unknown,
}

/// The method, where it is one that clients use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verb {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
    Other,
}

/// The first digit of the status.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum StatusClass {
    Informational,
    Successful,
    Redirection,
    ClientError,
    ServerError,
    /// There was no answer.
    #[default]
    None,
}

/// How the request ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Ending {
    Whole,
    Cut,
    Unanswered,
    Refused,
    /// Nobody followed the answer to its end.
    #[default]
    Unknown,
}

// === impl Class ===

impl Class {
    pub(crate) const ALL: [Self; 5] =
        [Self::Public, Self::Protected, Self::Authenticated, Self::Admin, Self::Unknown];

    pub(crate) fn of(context: &SecurityContext) -> Self {
        match context.route().map(palisade_core::Route::access) {
            Some(Access::Public) => Self::Public,
            Some(Access::Protected) => Self::Protected,
            Some(Access::Authenticated) => Self::Authenticated,
            Some(Access::Admin) => Self::Admin,
            None => Self::Unknown,
        }
    }

    pub(crate) fn place(self) -> usize {
        match self {
            Self::Public => 0,
            Self::Protected => 1,
            Self::Authenticated => 2,
            Self::Admin => 3,
            Self::Unknown => 4,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Protected => "protected",
            Self::Authenticated => "authenticated",
            Self::Admin => "admin",
            Self::Unknown => "unknown",
        }
    }
}

// === impl Verb ===

impl Verb {
    pub(crate) const ALL: [Self; 8] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
        Self::Other,
    ];

    pub(crate) fn of(method: &Method) -> Self {
        match *method {
            Method::GET => Self::Get,
            Method::HEAD => Self::Head,
            Method::POST => Self::Post,
            Method::PUT => Self::Put,
            Method::PATCH => Self::Patch,
            Method::DELETE => Self::Delete,
            Method::OPTIONS => Self::Options,
            _ => Self::Other,
        }
    }

    pub(crate) fn place(self) -> usize {
        match self {
            Self::Get => 0,
            Self::Head => 1,
            Self::Post => 2,
            Self::Put => 3,
            Self::Patch => 4,
            Self::Delete => 5,
            Self::Options => 6,
            Self::Other => 7,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "other",
        }
    }
}

// === impl StatusClass ===

impl StatusClass {
    pub(crate) const ALL: [Self; 6] = [
        Self::Informational,
        Self::Successful,
        Self::Redirection,
        Self::ClientError,
        Self::ServerError,
        Self::None,
    ];

    pub(crate) fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            100..=199 => Self::Informational,
            200..=299 => Self::Successful,
            300..=399 => Self::Redirection,
            400..=499 => Self::ClientError,
            // Those above have no meaning of their own.
            _ => Self::ServerError,
        }
    }

    pub(crate) fn place(self) -> usize {
        match self {
            Self::Informational => 0,
            Self::Successful => 1,
            Self::Redirection => 2,
            Self::ClientError => 3,
            Self::ServerError => 4,
            Self::None => 5,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "1xx",
            Self::Successful => "2xx",
            Self::Redirection => "3xx",
            Self::ClientError => "4xx",
            Self::ServerError => "5xx",
            Self::None => "none",
        }
    }
}

// === impl Ending ===

impl Ending {
    pub(crate) const ALL: [Self; 5] =
        [Self::Whole, Self::Cut, Self::Unanswered, Self::Refused, Self::Unknown];

    pub(crate) fn of(ended: Ended) -> Self {
        match ended {
            Ended::Whole => Self::Whole,
            Ended::Cut => Self::Cut,
            Ended::Unanswered => Self::Unanswered,
            _ => Self::Unknown,
        }
    }

    pub(crate) fn place(self) -> usize {
        match self {
            Self::Whole => 0,
            Self::Cut => 1,
            Self::Unanswered => 2,
            Self::Refused => 3,
            Self::Unknown => 4,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Cut => "cut",
            Self::Unanswered => "unanswered",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}
