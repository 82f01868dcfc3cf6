//! Streams events to browsers as they happen: server-sent events, resumed, bounded, filtered before they are queued.
//!
//! # Rules
//!
//! A [`Feed`] is told what happens by whoever it happens to, and never makes him wait:
//!
//! 1. What is published waits for the feed's own thread. Where too much waits, it is dropped, and all readers are told how much.
//! 2. The thread gives each event a number, and keeps the latest, from which readers resume.
//! 3. Each reader's filter is asked. What it does not let through does not wait for him, and is not counted as missed by him: of
//!    what he may not see he learns nothing but gaps in the numbers.
//! 4. What it lets through waits for him. An event is written once, whoever reads it.
//! 5. Where too much waits for one reader, he loses the oldest and is told how many. He holds up nobody.
//! 6. Who lost events and reads nothing for half a minute is cut: his place is free, and if he ever reads on, it is that he was cut.
//!
//! An [`EventStream`] is the body of an answer that tells a [`Subscription`]:
//!
//! 7. A future of the server's says when the reader is welcome no more. It is asked before each event, and waits in a task of its
//!    own: also of who reads nothing the place is free at once. What ended it, and how a client may take it, the last event says.
//! 8. A client that comes back with `Last-Event-ID` is told what it missed: each event that there still is, once and in order, and
//!    how many are gone. Where the name was given by another process nobody knows how many those are; then all there is follows.
//!    He is given the name of where he is with each event, with what says that some are lost and why it ends, and every 15 s: who
//!    wants few events of many is not told that he missed the others.
//! 9. What is told cannot begin another field or message than is meant ([`Message`]).
//!
//! A client is told to stop coming back by 204, which is the handler's to say (WHATWG HTML section 9.2); most are told by 401
//! anyway.
//!
//! # What happens at the bounds
//!
//! [`Config`] says what they are, and [`Places`] how many may read: [`SubscribeError`] says which bound there was.
//!
//! # Place in the stack
//!
//! It is no layer: handlers give out the streams, behind everything that asks who is asking. Compression must leave
//! `text/event-stream` alone, as Palisade's does.
//!
//! # Deployment caveat
//!
//! - A connection whose client reads nothing is open until the server ends it, and what the server's sockets hold is for it to
//!   bound; cutting a reader frees what this crate holds.
//! - A proxy in front must pass on what comes as it comes: `X-Accel-Buffering: no` tells nginx; others have settings for it. Over
//!   HTTP/1.1 a browser opens six connections to one server, and each stream is one.
//! - Names of events are of one process: a client that comes back to another one loses what happened between.
//!
//! # Example
//!
//! ```
//! use palisade_live::{Config, Feed, Interest, Message, Told};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! let feed = Feed::start(Config::new(), |news: &String| Message::data(news.clone()).name("news"))?;
//! let mut reader = feed.subscribe(Interest::of("alice"))?;
//! feed.publish("the gate is shut".to_owned());
//!
//! # runtime.block_on(async {
//! let Some(Told::Event(event)) = reader.next().await else { panic!() };
//! assert_eq!(event.value(), "the gate is shut");
//! # });
//! # Ok(()) }
//! ```
//!
//! Two feeds that share their places; an answer with those events alone that its reader may see, from where he left off:
//!
//! ```
//! use std::time::Duration;
//! use http::{HeaderMap, Response};
//! use palisade_live::{
//!     Config, Ending, EventStream, Feed, Interest, Message, Places, SubscribeError,
//! };
//!
//! # #[derive(Clone, Debug)]
//! struct Order { tenant: String, json: String }
//! # type Log = String;
//!
//! # fn main() -> Result<(), palisade_core::ConfigError> {
//! let places = Places::new(5000, 10);
//! let config = Config::new().places(places).ring(10_000).patience(Duration::from_secs(10));
//! let logs = Feed::start(config.clone(), |line: &Log| Message::data(line.clone()).name("line"))?;
//! let orders =
//!     Feed::start(config, |order: &Order| Message::data(order.json.clone()).name("order"))?;
//!
//! // In a handler, for alice of `acme`:
//! let answer = |headers: &HeaderMap, dismissed: tokio::sync::oneshot::Receiver<Ending>| {
//!     let mut interest = Interest::of("alice").matching(|order: &Order| order.tenant == "acme");
//!     if let Some(id) = headers.get("last-event-id").and_then(|id| id.to_str().ok()) {
//!         interest = interest.after(id);
//!     }
//!     let guard = async { dismissed.await.unwrap_or(Ending::CLOSED) };
//!     Ok::<_, SubscribeError>(EventStream::new(orders.subscribe(interest)?, guard).into_response())
//! };
//! # Ok(()) }
//! ```
//!
//! # Not done here
//!
//! - Deciding who may read: the server's handlers know, and give the stream a future that ends it.
//! - Keeping events on disk: what a feed tells are news, and the store of analytics or the log has the rest.
//! - Logging: a feed may be told what is logged, and would tell of itself for ever.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod board;
mod config;
mod ending;
mod event;
mod event_id;
mod event_stream;
mod feed;
mod guarded;
mod inbox;
mod interest;
mod message;
mod places;
mod reader;
mod status;
mod subscription;

pub use self::{
    config::Config,
    ending::Ending,
    event::{Event, Told},
    event_id::EventId,
    event_stream::EventStream,
    feed::Feed,
    interest::Interest,
    message::Message,
    places::{Places, SubscribeError},
    status::FeedStatus,
    subscription::Subscription,
};
