//! Orders: what is recorded and not on the disk yet, so that a server that is killed in between carries it out when it starts.
//!
//! An order is written in the transaction of the record, by [`Kept::Order`](crate::kept::Kept::Order), and ended once what it says is
//! where it belongs. Whatever it says can be done twice: a server that is killed before it could end an order does it again.

mod carry_out;
mod clearing;
mod order;
mod outbox;
mod resume;

pub(crate) use self::{
    clearing::{Clearing, RecordsIn},
    order::Order,
    outbox::{Outbox, OutboxTask, Ticket, empty, start},
    resume::resume,
};
