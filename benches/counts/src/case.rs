//! What is counted, by name: servers with everything around them, and layers alone.

use palisade::core::Clock;

use crate::{
    connection::InMemory,
    drive::Drive,
    layers::{self, LAYERS},
    ours, server,
};

/// A case to count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// Its name in tables and in what is kept.
    pub(crate) name: &'static str,
    /// What it is compared with.
    pub(crate) beyond: Option<&'static str>,
}

/// All of them; each behind the one it is compared with.
pub(crate) fn all() -> impl Iterator<Item = Case> {
    let servers = server::names().map(|name| {
        let bare = name.split(" + ").next().filter(|bare| *bare != name);
        Case { name, beyond: bare }
    });
    servers.chain(LAYERS.map(|(name, beyond)| Case { name, beyond }))
}

impl Case {
    pub(crate) fn find(name: &str) -> Option<Self> {
        all().chain([layers::SLOWED.case]).find(|case| case.name == name)
    }

    /// Makes it with the time of `clock`, and lets requests through until every cache is warm.
    pub(crate) fn warm(self, requests: u64, clock: &Clock) -> Box<dyn Drive> {
        let mut case = if server::names().any(|name| name == self.name) {
            let (peer, request) = (server::peer(self.name), ours::request("alice"));
            server::put(self.name, clock, InMemory { peer, request })
        } else {
            layers::make(self.name, clock)
        };
        case.drive(requests);
        self.assert_answers(&*case);
        case
    }

    /// A server that refuses what it should admit is fast for the wrong reason, and the other way round.
    pub(crate) fn assert_answers(self, case: &dyn Drive) {
        let (answer, status) = (case.last(), server::status(self.name));
        assert_eq!(answer.split(' ').nth(1), Some(&*status.to_string()), "{}: {answer}", self.name);
    }
}
