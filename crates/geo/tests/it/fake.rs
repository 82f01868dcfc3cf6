//! A provider that does what a test tells it, and remembers what it was asked.

use std::{
    future::pending,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use palisade_core::{BoxFuture, Location};
use palisade_geo::{LocationProvider, ProviderError};

#[derive(Clone, Debug)]
pub(crate) struct Fake {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    does: Does,
    asked: Vec<IpAddr>,
}

#[derive(Clone, Debug)]
pub(crate) enum Does {
    Answers(Option<Location>),
    Fails(ProviderError),
    Hangs,
    Panics,
}

impl Fake {
    pub(crate) fn that(does: Does) -> Self {
        Self { state: Arc::new(Mutex::new(State { does, asked: Vec::new() })) }
    }

    pub(crate) fn in_country(code: &str) -> Self {
        Self::that(Does::Answers(Some(crate::country(code))))
    }

    pub(crate) fn now(&self, does: Does) {
        self.state.lock().unwrap().does = does;
    }

    pub(crate) fn asked(&self) -> Vec<IpAddr> {
        self.state.lock().unwrap().asked.clone()
    }

    pub(crate) fn calls(&self) -> usize {
        self.state.lock().unwrap().asked.len()
    }
}

impl LocationProvider for Fake {
    fn ask(&self, address: IpAddr) -> BoxFuture<Result<Option<Location>, ProviderError>> {
        let mut state = self.state.lock().unwrap();
        state.asked.push(address);
        let does = state.does.clone();
        Box::pin(async move {
            match does {
                Does::Answers(location) => Ok(location),
                Does::Fails(error) => Err(error),
                Does::Hangs => pending().await,
                Does::Panics => panic!("as this test wants"),
            }
        })
    }
}
