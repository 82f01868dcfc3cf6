//! Targets that would lead out of a mount: where they come from, how they are sent, and what may not come back.

pub(crate) mod ask;
pub(crate) mod corpus;
pub(crate) mod foreign;
pub(crate) mod report;
pub(crate) mod site;
pub(crate) mod socket;
