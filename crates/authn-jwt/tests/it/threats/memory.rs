//! J7, J8, J10, J11, J12 and J14: what is remembered of a token, and for how long.

use std::{collections::BTreeSet, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palisade_authn_jwt::{Issuer, Keys, Verifier};
use palisade_core::{ManualClock, Moment, Presented, TokenDigest};
use palisade_test_support::{Ask, head_of};
use serde_json::json;

use super::{Audience, Findings, Trust, keys_of, verifier_of};
use crate::{
    fixture::{
        ISSUER, NOW, OTHER_SECRET, SECRET, Verdict, at, claims, claims_with, encode, said,
        secret_jwk, token, verdict_of, word,
    },
    published::{p256_jwk, p256_token},
};

/// A judge that remembers what it found.
pub(crate) trait Judge {
    /// Who `token` is from, at `now`.
    fn says(&self, token: &str, now: Moment) -> Verdict;

    /// The issuer has the keys of this file from now on.
    fn change_keys(&self, file: &str);

    /// Something else has changed that verdicts rest on.
    fn change(&self);

    /// How many signatures were computed.
    fn computed(&self) -> u64;
}

/// Makes a judge who trusts this issuer.
pub(crate) type Make<'a> = &'a dyn Fn(Trust) -> Box<dyn Judge>;

/// A row: what a judge gets wrong.
pub(crate) type Row = fn(Make<'_>) -> Findings;

/// Whether a list that holds the first of two tokens knows the second one by it.
pub(crate) type Knows = fn(&str, &str) -> bool;

// === impl Verifier ===

impl Judge for Verifier {
    fn says(&self, token: &str, now: Moment) -> Verdict {
        said(self.authenticate(token, now))
    }

    fn change_keys(&self, file: &str) {
        self.replace_keys(Some(ISSUER), keys_of(file).unwrap()).unwrap();
    }

    fn change(&self) {
        self.bump_epoch();
    }

    fn computed(&self) -> u64 {
        self.computed_signatures()
    }
}

fn ours(trust: Trust) -> Box<dyn Judge> {
    Box::new(verifier_of(&[trust]).unwrap())
}

/// By the digests of a token, as policies find it.
fn our_list_knows(listed: &str, shown: &str) -> bool {
    let presented = Presented::find(&head_of(Ask::get("/").bearer(shown)), None);
    let token = presented.one().unwrap().token();
    token.digests().any(|digest| *digest == TokenDigest::of(listed))
}

fn keeps(row: Row) {
    assert_eq!(row(&ours), Findings::default());
}

/// A token on its way to its end.
pub(crate) fn j7(make: Make<'_>) -> Findings {
    let (mut found, clock, judge) = (Findings::default(), ManualClock::new(), make(Trust::usual()));
    let short = token(&claims_with(json!({"exp": NOW + 10})));
    for (seconds, right) in [(0, "ok"), (9, "ok"), (1, "expired")] {
        clock.advance(Duration::from_secs(seconds));
        let what = format!("{seconds} s later");
        found.check(what, word(judge.says(&short, clock.now())), right);
    }
    // However long the token: 30 s at the most.
    let (clock, judge, long) = (ManualClock::new(), make(Trust::usual()), token(&claims()));
    for (seconds, right) in [(0, 1), (29, 1), (1, 2)] {
        clock.advance(Duration::from_secs(seconds));
        found.check("a long token", word(judge.says(&long, clock.now())), "ok");
        found.check(format!("{seconds} s later, computed"), judge.computed(), right);
    }
    found
}

/// A token whose key is replaced, and comes back: a refusal does not outlive the key that caused it either.
pub(crate) fn j8(make: Make<'_>) -> Findings {
    let (mut found, clock, judge) = (Findings::default(), ManualClock::new(), make(Trust::usual()));
    let token = token(&claims());
    found.check("at first", word(judge.says(&token, clock.now())), "ok");
    judge.change_keys(&secret_jwk(OTHER_SECRET).to_string());
    found.check("by other keys", word(judge.says(&token, clock.now())), "signature");
    judge.change_keys(&secret_jwk(SECRET).to_string());
    found.check("by its own again", word(judge.says(&token, clock.now())), "ok");
    found
}

/// A token that is meant for one of two judges.
pub(crate) fn j10(make: Make<'_>) -> Findings {
    let (mut found, clock, token) = (Findings::default(), ManualClock::new(), token(&claims()));
    let one = make(Trust::usual());
    let other = make(Trust { audience: Audience::Only("other"), ..Trust::usual() });
    found.check("one", word(one.says(&token, clock.now())), "ok");
    found.check("the other", word(other.says(&token, clock.now())), "audience");
    found.check("the one again", word(one.says(&token, clock.now())), "ok");
    found
}

/// Texts that are nearly the one which is remembered.
pub(crate) fn j11(make: Make<'_>) -> Findings {
    let (mut found, clock, judge) = (Findings::default(), ManualClock::new(), make(Trust::usual()));
    let good = token(&claims());
    found.check("the token", judge.says(&good, clock.now()).is_ok(), true);
    let with = |place: usize, byte: u8| {
        let mut bytes = good.clone().into_bytes();
        bytes[place] = byte;
        String::from_utf8(bytes).unwrap()
    };
    // The signature and what stands before it: in place of each letter another one, and the same in the other case.
    let last = (0..good.len()).rev().take(60);
    let changed = last.flat_map(|place| {
        let byte = good.as_bytes()[place];
        [if byte == b'A' { b'B' } else { b'A' }, byte ^ 0x20].map(|byte| with(place, byte))
    });
    let lengths = [format!("{good}A"), format!("{good}."), good[..good.len() - 1].to_owned()];
    for other in changed.chain(lengths) {
        found.check(&other, judge.says(&other, clock.now()).is_ok(), false);
    }
    found
}

/// The twin of a token, which anybody can make.
pub(crate) fn j11_twins(knows: Knows) -> Findings {
    let mut found = Findings::default();
    let own = p256_token("one", &claims());
    let twin = twin_of(&own);
    let other = p256_token("one", &claims_with(json!({"sub": "bob"})));
    found.check("the token", knows(&own, &own), true);
    found.check("its twin", knows(&own, &twin), true);
    found.check("whose twin it is", knows(&twin, &own), true);
    found.check("another", knows(&own, &other), false);
    found
}

/// A token at the times of a clock that is set.
pub(crate) fn j12(make: Make<'_>) -> Findings {
    let (mut found, clock, judge) = (Findings::default(), ManualClock::new(), make(Trust::usual()));
    let token = token(&claims_with(json!({"iat": NOW, "exp": NOW + 100})));
    let says = || word(judge.says(&token, clock.now()));
    found.check("at first", says(), "ok");
    // The wall steps back before the token was issued: it is remembered, and refused all the same.
    clock.step_wall(at(NOW - 60));
    found.check("before it was issued", says(), "not-yet-valid");
    // It steps beyond the end, while monotonic time stands still.
    clock.step_wall(at(NOW + 100));
    found.check("at its end", says(), "expired");
    // A refusal for lateness that is remembered does not outlive the mistake of the clock.
    judge.change();
    found.check("at its end, once more", says(), "expired");
    clock.step_wall(at(NOW + 50));
    found.check("when the clock is right again", says(), "ok");
    found
}

/// A token before and after changes of what its verdict rests on: it is computed once for each.
pub(crate) fn j14(make: Make<'_>) -> Findings {
    let (mut found, clock, judge) = (Findings::default(), ManualClock::new(), make(Trust::usual()));
    let token = token(&claims());
    for changes in 0..3 {
        // Each thread remembers what it saw more than once.
        for _ in 0..5 {
            found.check("the token", word(judge.says(&token, clock.now())), "ok");
        }
        found.check(format!("{changes} changes"), judge.computed(), changes + 1);
        judge.change();
    }
    found
}

/// The token with (r, n − s) in place of (r, s).
fn twin_of(token: &str) -> String {
    /// The order of P-256's group: SEC 2 section 2.4.2.
    const ORDER: [u64; 4] =
        [0xffff_ffff_0000_0000, u64::MAX, 0xbce6_faad_a717_9e84, 0xf3b9_cac2_fc63_2551];
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = false;
    for (part, order) in signature[32..].rchunks_exact_mut(8).zip(ORDER.into_iter().rev()) {
        let number = u64::from_be_bytes(<[u8; 8]>::try_from(&*part).unwrap());
        let (first, is_under) = order.overflowing_sub(number);
        let (second, is_still_under) = first.overflowing_sub(u64::from(borrow));
        borrow = is_under || is_still_under;
        part.copy_from_slice(&second.to_be_bytes());
    }
    format!("{signed}.{}", encode(signature))
}

#[test]
fn j7_a_remembered_token_ends_with_its_exp() {
    keeps(j7);
}

#[test]
fn j8_a_remembered_token_ends_with_its_key() {
    keeps(j8);
}

#[test]
fn j10_verifiers_do_not_share_what_they_remember() {
    keeps(j10);
}

#[test]
fn j11_no_token_answers_for_another() {
    keeps(j11);
}

/// ES256 signatures can be turned into others that verify as well; standards sign either.
#[test]
fn j11_a_token_and_its_twin_are_two_texts_of_one_token() {
    assert_eq!(j11_twins(our_list_knows), Findings::default());
    let own = p256_token("one", &claims());
    let keys = Keys::jwk_json(&p256_jwk("one").to_string()).unwrap();
    let verifier = Verifier::new(Issuer::new(ISSUER, keys).audience("api")).unwrap();
    let twin = twin_of(&own);
    assert_ne!(own, twin);
    assert_eq!((verdict_of(&verifier, &own), verdict_of(&verifier, &twin)), ("ok", "ok"));
    let digests = |text: &str| {
        let presented = Presented::find(&head_of(Ask::get("/").bearer(text)), None);
        let token = presented.one().unwrap().token();
        (token.digests().copied().collect::<BTreeSet<_>>(), token.common_digest())
    };
    assert_eq!(digests(&own), digests(&twin));
}

#[test]
fn j12_a_clock_that_goes_back_opens_nothing() {
    keeps(j12);
}

#[test]
fn j14_after_a_change_the_next_use_of_a_remembered_token_is_judged_anew() {
    keeps(j14);
}
