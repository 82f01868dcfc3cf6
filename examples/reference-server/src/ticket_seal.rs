//! How a ticket is written, and how what it stands for is sealed.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade::{
    core::{Identity, IdentityKind, TokenDigest},
    users::Proof,
};
use rand::Rng as _;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac,
};
use serde::{Deserialize, Serialize};

/// 160 random bits.
const RANDOM: usize = 20;
/// Those, and when the ticket ends: milliseconds since 1970.
const HEAD: usize = RANDOM + 8;
/// What says that it is one of ours.
const TAG: usize = 32;
/// So long is every ticket: six bits a character.
const CHARACTERS: usize = 80;

/// What all instances on one database know, and nobody else: by it they know a ticket, and make the key that seals what one
/// stands for.
pub(crate) struct TicketSeal {
    key: hmac::Key,
}

/// A ticket in clear: 80 characters of base64url. It does not print.
#[derive(Clone)]
pub(crate) struct TicketText {
    text: Box<str>,
    head: [u8; HEAD],
}

/// What a ticket stands for.
#[derive(Deserialize, Serialize)]
struct Content {
    route: Box<str>,
    token: Box<str>,
    subject: Box<str>,
    issuer: Option<Box<str>>,
    roles: Vec<Box<str>>,
    scopes: Vec<Box<str>>,
    plan: Option<Box<str>>,
    issued: Option<u64>,
    expires: Option<u64>,
}

// === impl TicketSeal ===

impl TicketSeal {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// Draws a ticket that is good until it `ends`.
    pub(crate) fn draw(&self, ends: SystemTime) -> TicketText {
        let mut random = [0; RANDOM];
        rand::rng().fill_bytes(&mut random);
        let ends = milliseconds(ends).to_be_bytes();
        let mut head = [0; HEAD];
        let bytes = random.into_iter().chain(ends);
        head.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        let tag = self.sign(*b"ticket", &head);
        let text = URL_SAFE_NO_PAD.encode([head.as_slice(), tag.as_ref()].concat());
        TicketText { text: text.into(), head }
    }

    /// Reads a ticket of ours. Asks nobody.
    pub(crate) fn read(&self, text: &str) -> Option<TicketText> {
        let bytes = bytes(text)?;
        let (head, tag) = bytes.split_first_chunk::<HEAD>()?;
        hmac::verify(&self.key, &labelled(*b"ticket", head), tag).ok()?;
        Some(TicketText { text: text.into(), head: *head })
    }

    /// Seals what a ticket stands for; none if no bearer token proved it.
    pub(crate) fn seal(&self, ticket: &TicketText, proof: &Proof, route: &str) -> Option<Vec<u8>> {
        let content = Content::new(proof, route)?;
        let mut sealed = serde_json::to_vec(&content).ok()?;
        let key = self.key_of(ticket)?;
        key.seal_in_place_append_tag(nonce(), Aad::empty(), &mut sealed).ok()?;
        Some(sealed)
    }

    /// Who was proven when it was issued, and for which route.
    pub(crate) fn open(
        &self,
        ticket: &TicketText,
        mut sealed: Vec<u8>,
    ) -> Option<(Proof, Box<str>)> {
        let opened = self.key_of(ticket)?.open_in_place(nonce(), Aad::empty(), &mut sealed).ok()?;
        serde_json::from_slice::<Content>(opened).ok()?.into_proof()
    }

    /// A key for this ticket alone, so that it seals once.
    fn key_of(&self, ticket: &TicketText) -> Option<LessSafeKey> {
        let key = self.sign(*b"sealed", &ticket.head);
        Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).ok()?))
    }

    fn sign(&self, label: [u8; 6], head: &[u8; HEAD]) -> hmac::Tag {
        hmac::sign(&self.key, &labelled(label, head))
    }
}

// === impl TicketText ===

impl TicketText {
    /// The ticket in clear, as it stands in `?ticket=`. It must not reach a log, an error or a file.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    pub(crate) fn digest(&self) -> TokenDigest {
        TokenDigest::of(&self.text)
    }

    /// When it is good no more.
    pub(crate) fn ends(&self) -> SystemTime {
        let ends = self.head.last_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        time(ends)
    }
}

impl fmt::Debug for TicketText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketText(..)")
    }
}

// === impl Content ===

impl Content {
    fn new(proof: &Proof, route: &str) -> Option<Self> {
        let who = proof.identity();
        Some(Self {
            route: route.into(),
            token: proof.expose_bearer()?.into(),
            subject: who.subject().into(),
            issuer: who.issuer().map(Box::from),
            roles: who.roles().map(Box::from).collect(),
            scopes: who.scopes().map(Box::from).collect(),
            plan: who.quota_plan().map(Box::from),
            issued: who.issue_time().map(milliseconds),
            expires: who.expiry().map(milliseconds),
        })
    }

    fn into_proof(self) -> Option<(Proof, Box<str>)> {
        let Self { route, token, subject, issuer, roles, scopes, plan, issued, expires } = self;
        let who = Identity::new(subject, IdentityKind::Jwt).with_roles(roles);
        let who = issuer.into_iter().fold(who, Identity::issued_by);
        let who = scopes.into_iter().fold(who, Identity::scope);
        let who = plan.into_iter().fold(who, Identity::plan);
        let who = issued.map(time).into_iter().fold(who, Identity::issued_at);
        let who = expires.map(time).into_iter().fold(who, Identity::expires);
        Some((Proof::of_bearer(who, &token)?, route))
    }
}

/// It is used once with each key.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn labelled(label: [u8; 6], head: &[u8; HEAD]) -> Vec<u8> {
    [label.as_slice(), head].concat()
}

/// The bytes of a text, if they are as many as a ticket has.
fn bytes(text: &str) -> Option<[u8; HEAD + TAG]> {
    if text.len() != CHARACTERS {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn time(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).unwrap_or(UNIX_EPOCH)
}
