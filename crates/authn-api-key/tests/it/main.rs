//! What users of API keys can rely on.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cognitive_complexity,
    clippy::disallowed_methods,
    clippy::excessive_nesting,
    clippy::expect_used,
    clippy::fn_params_excessive_bools,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pedantic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

mod broken;
mod desk;
mod file;
mod format;
mod hostile_file;
mod kept_elsewhere;
mod keys;
mod modes;
mod properties;
mod rotation;
mod sharing;
mod threats;
mod timing;

use std::{path::Path, time::Duration};

use http::Response;
use palisade_authn_api_key::{
    ApiKeyAuth, ApiKeyLayer, ApiKeys, ApiKeysBuilder, Issued, KeyFault, KeyFormat, NewKey,
};
use palisade_core::{Identity, ManualClock, Rejection, SecurityContext};
use palisade_test_support::{Ask, Body};

/// Keys of `acme_live`. Time stands still.
struct Bench {
    keys: ApiKeys,
    clock: ManualClock,
}

const HOUR: Duration = Duration::from_secs(3600);

/// The digits of secret and checksum.
const TAIL: usize = 39;
/// The digits of the checksum.
const CHECKSUM: usize = 7;

// === impl Bench ===

impl Bench {
    fn new(settings: impl FnOnce(ApiKeysBuilder) -> ApiKeysBuilder) -> Self {
        Self::of(live(), settings)
    }

    fn of(format: KeyFormat, settings: impl FnOnce(ApiKeysBuilder) -> ApiKeysBuilder) -> Self {
        let clock = ManualClock::new();
        let keys = settings(ApiKeys::builder(format).clock(clock.clock())).build().unwrap();
        Self { keys, clock }
    }

    fn in_memory() -> Self {
        Self::new(|settings| settings)
    }

    fn on(path: &Path) -> Self {
        Self::new(|settings| settings.file(path))
    }

    fn issue(&self) -> Issued {
        self.keys.create(NewKey::owned_by("exporter")).unwrap()
    }

    fn context(&self) -> SecurityContext {
        SecurityContext::new(self.clock.now())
    }

    /// Asks a service that takes keys.
    fn send(&self, ask: Ask, context: &SecurityContext) -> Response<Body> {
        ask.context(context).policies(ApiKeyAuth::new(self.keys.clone()))
    }

    /// Asks a service that lets nobody in without an identity.
    fn send_required(&self, ask: Ask, context: &SecurityContext) -> Response<Body> {
        ask.context(context).policies(ApiKeyAuth::new(self.keys.clone()).required())
    }

    /// Whom a key proves.
    fn who(&self, text: &str) -> Identity {
        self.keys.verify(text, self.clock.now()).unwrap().identity().clone()
    }

    fn verdict(&self, text: &str) -> &'static str {
        match self.keys.verify(text, self.clock.now()) {
            Ok(_) => "ok",
            Err(KeyFault::Malformed) => "malformed",
            Err(KeyFault::Checksum) => "checksum",
            Err(KeyFault::Foreign(_)) => "foreign",
            Err(KeyFault::Unknown(_)) => "unknown",
            Err(KeyFault::WrongSecret(_)) => "wrong secret",
            Err(KeyFault::Disabled(_)) => "disabled",
            Err(KeyFault::Expired(_)) => "expired",
            Err(KeyFault::OldSecret(_)) => "old secret",
            Err(fault) => panic!("{fault}"),
        }
    }
}

fn live() -> KeyFormat {
    KeyFormat::new("acme", "live").unwrap()
}

fn with_key(text: &str) -> Ask {
    Ask::get("/").header("x-api-key", text)
}

/// The code of a refusal; empty if there is none.
fn code(answer: &Response<Body>) -> &'static str {
    answer.extensions().get::<Rejection>().map_or("", |rejection| rejection.code().as_str())
}

/// Writes the right checksum behind a text.
fn signed(body: &str) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let crc = crc32fast::hash(body.as_bytes());
    let digit = |shift: u32| char::from(DIGITS[((crc >> shift) & 31) as usize]);
    body.chars().chain([30, 25, 20, 15, 10, 5, 0].map(digit)).collect()
}

/// The same key with another secret, as somebody writes it who knows the id.
fn guess(text: &str) -> String {
    signed(&format!("{}{}", &text[..text.len() - TAIL], "7".repeat(TAIL - CHECKSUM)))
}

fn is_send_sync_clone<T: Send + Sync + Clone + 'static>() {}

#[test]
fn handles_policies_and_layers_are_shared_between_threads() {
    is_send_sync_clone::<ApiKeys>();
    is_send_sync_clone::<ApiKeyAuth>();
    is_send_sync_clone::<ApiKeyLayer>();
}
