//! The rows W4 and W5 of the adversarial list, and what J3 and J14 say of keys, each as a law that a judge keeps or breaks:
//! ours keeps all, and every broken one of `broken.rs` is found out.

use std::{fs, time::Duration};

use http::request;
use palisade_authn_api_key::{ApiKeyAuth, Issued, KeyFormat, KeyId, NewKey};
use palisade_core::{
    Access, Policy, Rejection, Route, RouteTag, SecurityContext, TokenDigest, Verdict,
};
use palisade_test_support::Ask;

use crate::{
    Bench, CHECKSUM, HOUR, TAIL, code,
    desk::{Desk, Judge, SECRET, secret},
    guess, live, signed, with_key,
};

/// A row: what a judge gets wrong.
pub(crate) type Row = fn(Judge) -> Vec<String>;

/// Whether a key is good. Its digest is computed by the last argument alone.
pub(crate) type Verify = fn(&Desk, &str, &mut dyn FnMut() -> TokenDigest) -> bool;

/// What takes a key away.
type TakeAway = fn(&Bench, KeyId);

/// Our policy.
pub(crate) fn ours(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    ApiKeyAuth::new(desk.bench.keys.clone()).required().check(head, context)
}

pub(crate) fn our_verify(desk: &Desk, text: &str, digest: &mut dyn FnMut() -> TokenDigest) -> bool {
    desk.bench.keys.verify_with(text, digest, desk.bench.clock.now()).is_ok()
}

/// A key for each reason to refuse one that is written like a key, and the words for that reason in the log.
pub(crate) fn refused(bench: &Bench) -> Vec<(&'static str, String)> {
    let text = |issued: Issued| issued.text.expose().to_owned();
    let disabled = bench.issue();
    bench.keys.disable(disabled.key.id).unwrap();
    let expired = bench.keys.create(NewKey::owned_by("exporter").lasting(Duration::ZERO)).unwrap();
    let rotated = bench.issue();
    drop(bench.keys.rotate(rotated.key.id, Duration::ZERO).unwrap());
    let foreign = Bench::of(KeyFormat::new("acme", "test").unwrap(), |settings| settings).issue();
    vec![
        ("there is no key", text(Bench::in_memory().issue())),
        ("another prefix or environment", text(foreign)),
        ("is not that of key", guess(&text(bench.issue()))),
        ("is disabled", text(disabled)),
        ("has expired", text(expired)),
        ("no longer has", text(rotated)),
    ]
}

/// The requests among `asks` that a judge lets somebody in by.
fn breaches<T: AsRef<str>>(
    desk: &Desk,
    judge: Judge,
    asks: impl IntoIterator<Item = (T, Ask)>,
) -> Vec<String> {
    let judged = asks.into_iter().map(|(what, ask)| (what, desk.ask(judge, ask)));
    let let_in = judged.filter_map(|(what, judged)| {
        judged.who().map(|who| format!("{} lets {who} in", what.as_ref()))
    });
    let_in.collect()
}

fn keeps(row: Row) {
    assert_eq!(row(ours), Vec::<String>::new());
}

/// Texts that are written like a good key, or nearly, with another secret or none.
fn near(good: &str) -> Vec<String> {
    let (body, bare) = (&good[..good.len() - CHECKSUM], &good[..good.len() - TAIL]);
    let changed = (bare.len()..body.len()).map(|place| {
        let mut other = body.to_owned();
        let digit = if body[place..].starts_with('0') { "1" } else { "0" };
        other.replace_range(place..=place, digit);
        signed(&other)
    });
    let cut = (bare.len()..body.len()).map(|end| signed(&body[..end]));
    changed.chain(cut).chain([body.to_owned(), bare.to_owned(), format!("{good}0")]).collect()
}

/// Exchanges what the file keeps of two keys.
fn swap_secrets(desk: &Desk) {
    let text = fs::read(&desk.path).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let swapped = [&json["keys"][1]["secrets"], &json["keys"][0]["secrets"]].map(Clone::clone);
    for (place, secrets) in swapped.into_iter().enumerate() {
        json["keys"][place]["secrets"] = secrets;
    }
    fs::write(&desk.path, json.to_string()).unwrap();
    assert!(desk.bench.keys.reload().unwrap());
}

/// A key is good by its whole digest, for the id that it was made with.
pub(crate) fn w4(judge: Judge) -> Vec<String> {
    let desk = Desk::new();
    let (alice, bob) = (desk.issue("alice"), desk.issue("bob"));
    let (hers, his) = (alice.text.expose(), bob.text.expose());
    let mut found = Vec::new();
    for (owner, text) in [("alice", hers), ("bob", his)] {
        let judged = desk.ask(judge, with_key(text));
        found.extend((judged.who() != Some(owner)).then(|| format!("{owner} is kept out")));
    }
    let mixed = signed(&format!("acme_live_{}_{}", bob.key.id, secret(hers)));
    let asks = near(hers).into_iter().chain([mixed]).map(|text| {
        let ask = with_key(&text);
        (text, ask)
    });
    found.extend(breaches(&desk, judge, asks));
    swap_secrets(&desk);
    let asks = [("the secret of another id", with_key(hers)), ("as well", with_key(his))];
    found.extend(breaches(&desk, judge, asks));
    found
}

/// Whosever key it is, its digest is computed, once.
pub(crate) fn w4_w5_work(verify: Verify) -> Vec<String> {
    let desk = Desk::new();
    let good = desk.issue("alice").text.expose().to_owned();
    let mut cases = refused(&desk.bench);
    cases.push(("is good", good));
    let judged = cases.iter().filter_map(|(reason, text)| {
        let mut digests = 0;
        let mut digest = || {
            digests += 1;
            TokenDigest::of(text)
        };
        let is_good = verify(&desk, text, &mut digest);
        let is_right = digests == 1 && is_good == (*reason == "is good");
        (!is_right).then(|| format!("{reason}: {digests} digests"))
    });
    judged.collect()
}

/// Keys that are refused look alike.
pub(crate) fn w5_looks(judge: Judge) -> Vec<String> {
    let desk = Desk::new();
    let mut cases = refused(&desk.bench);
    cases.push(("not written like a key", "guess".to_owned()));
    cases.push(("checksum", desk.issue("alice").text.expose().replace("acme", "acne")));
    let judged = cases.into_iter().map(|(reason, text)| (reason, desk.ask(judge, with_key(&text))));
    let looks: Vec<_> = judged.map(|(reason, judged)| (reason, judged.looks())).collect();
    let first = looks[0].1.clone();
    let others = looks.into_iter().filter(|(_, looks)| looks.is_none() || *looks != first);
    others.map(|(reason, looks)| format!("{reason}: {looks:?}")).collect()
}

/// No four digits of a secret are printed, whatever becomes of the key.
pub(crate) fn w5_prints(judge: Judge) -> Vec<String> {
    let desk = Desk::new();
    let text = desk.hold_secret();
    let id = desk.bench.keys.list()[0].id;
    let good = desk.ask(judge, with_key(&text));
    let twice = desk.ask(judge, with_key(&text).header("x-api-key", &text));
    let mistyped = desk.ask(judge, with_key(&text.replace("acme", "acne")));
    let spaced = desk.ask(judge, with_key(&format!("{text} {text}")));
    desk.bench.keys.disable(id).unwrap();
    let disabled = desk.ask(judge, with_key(&text));
    desk.bench.keys.delete(id).unwrap();
    let unknown = desk.ask(judge, with_key(&text));
    let printed = [good, twice, mistyped, spaced, disabled, unknown].map(|judged| judged.prints());
    let has_digits = |printed: &String| {
        (0..SECRET.len() - 3).any(|start| printed.contains(&SECRET[start..start + 4]))
    };
    printed.into_iter().filter(has_digits).collect()
}

/// Keys in the query, on a stream too, which takes other things there.
pub(crate) fn w5_query(judge: Judge) -> Vec<String> {
    let desk = Desk::new();
    let issued = desk.issue("alice");
    let mut names = vec!["token", "key", "api_key", "apikey", "x-api-key"];
    names.retain(|name| {
        let context = desk.bench.context();
        context.learn_route(Route::new("stream", Access::Public).with_tags([RouteTag::STREAM]));
        let ask = Ask::get(&format!("/?{name}={}", issued.text.expose()));
        desk.ask_in(judge, ask, context).who().is_some()
    });
    names.into_iter().map(str::to_owned).collect()
}

/// Keys in other headers, and in words around them.
pub(crate) fn j3_places(judge: Judge) -> Vec<String> {
    let desk = Desk::new();
    let issued = desk.issue("alice");
    let text = issued.text.expose();
    let schemes = ["Bearer ", "ApiKey ", "Basic ", "Token ", "X-API-Key ", ""];
    let schemes = schemes.map(|scheme| {
        (scheme.to_owned(), Ask::get("/").header("authorization", format!("{scheme}{text}")))
    });
    let names = ["api-key", "apikey", "x_api_key", "x-apikey", "cookie"];
    let names = names.map(|name| (name.to_owned(), Ask::get("/").header(name, text)));
    let values = [format!("Bearer {text}"), format!("{text},{text}"), format!("{text};")];
    let values = values.map(|value| {
        let ask = with_key(&value);
        (value, ask)
    });
    breaches(&desk, judge, schemes.into_iter().chain(names).chain(values))
}

/// Two credentials: nobody can say which was meant.
pub(crate) fn j3_two(judge: Judge) -> Vec<String> {
    let desk = Desk::new();
    let (alice, bob) = (desk.issue("alice"), desk.issue("bob"));
    let text = alice.text.expose();
    let asks = [
        ("the same", with_key(text).header("x-api-key", text)),
        ("two", with_key(text).header("x-api-key", bob.text.expose())),
        ("a bad one behind", with_key(text).header("x-api-key", "guess")),
        ("a bad one in front", with_key("guess").header("x-api-key", text)),
        ("a token beside", with_key(text).bearer("e30.e30.e30")),
        ("a password beside", with_key(text).header("authorization", "Basic YTpi")),
    ];
    breaches(&desk, judge, asks)
}

/// What takes a key away counts for the next request.
pub(crate) fn j14(judge: Judge) -> Vec<String> {
    let ends: [(&str, TakeAway); 4] = [
        ("disabled", |bench, id| drop(bench.keys.disable(id).unwrap())),
        ("deleted", |bench, id| drop(bench.keys.delete(id).unwrap())),
        ("rotated", |bench, id| drop(bench.keys.rotate(id, Duration::ZERO).unwrap())),
        ("expired", |bench, _| bench.clock.advance(HOUR)),
    ];
    let desk = Desk::new();
    let mut found = Vec::new();
    for (end, take_away) in ends {
        let issued = desk.issue("alice");
        let text = issued.text.expose();
        let before = desk.ask(judge, with_key(text));
        found.extend(before.who().is_none().then(|| format!("{end}: is refused before")));
        take_away(&desk.bench, issued.key.id);
        found.extend(breaches(&desk, judge, [(end, with_key(text))]));
    }
    found
}

#[test]
fn w4_a_key_is_good_by_its_whole_digest_and_for_its_own_id() {
    keeps(w4);
}

#[test]
fn w4_w5_every_key_is_as_much_work_whosever_it_is() {
    assert_eq!(w4_w5_work(our_verify), Vec::<String>::new());
}

#[test]
fn w5_unknown_foreign_disabled_and_expired_keys_look_alike() {
    keeps(w5_looks);
}

#[test]
fn w5_the_log_tells_why_a_key_was_refused() {
    let bench = Bench::in_memory();
    let mut cases = refused(&bench);
    cases.push(("not written like a key", "guess".to_owned()));
    cases.push(("checksum", bench.issue().text.expose().replace("acme", "acne")));
    for (reason, text) in cases {
        let answer = bench.send(with_key(&text), &bench.context());
        let told = answer.extensions().get::<Rejection>().unwrap().private_reason().unwrap();
        assert!(told.contains(reason), "{told}");
    }
}

#[test]
fn w5_no_digit_of_a_secret_is_printed_with_a_request() {
    keeps(w5_prints);
}

#[test]
fn w5_a_key_is_in_no_error_debug_print_list_or_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api-keys.json");
    let bench = Bench::on(&path);
    let issued = bench.issue();
    let text = issued.text.expose();
    let mistaken = bench.keys.create(NewKey::owned_by("a\n").name(text)).unwrap_err();
    let shown = [
        format!("{issued:?} {:?} {:?}", bench.keys, bench.keys.list()),
        format!("{:?}", ApiKeyAuth::new(bench.keys.clone())),
        format!("{mistaken} {mistaken:?} {:?}", text.parse::<KeyId>()),
        format!("{:?}", bench.keys.verify(&guess(text), bench.clock.now())),
        serde_json::to_string(&bench.keys.list()).unwrap(),
        fs::read_to_string(&path).unwrap(),
    ];
    for shown in shown {
        // Not even a few digits, as a hint which key it is.
        assert!(!shown.contains(&secret(text)[..8]), "{shown}");
        assert!(!shown.contains(&secret(text)[24..]), "{shown}");
    }
}

#[test]
fn w5_a_key_in_the_query_counts_as_nothing() {
    keeps(w5_query);
}

#[test]
fn j3_a_key_counts_in_its_own_header_alone() {
    keeps(j3_places);
}

#[test]
fn j3_two_credentials_are_never_reduced_to_one() {
    keeps(j3_two);
    let bench = Bench::in_memory();
    let issued = bench.issue();
    let ask = with_key(issued.text.expose()).header("x-api-key", "guess");
    let answer = bench.send(ask, &bench.context());
    assert_eq!((answer.status().as_u16(), code(&answer)), (400, "ambiguous-credentials"));
}

#[test]
fn j14_what_takes_a_key_away_counts_for_the_next_request() {
    keeps(j14);
    let issued = Bench::in_memory().issue();
    assert!(live().read(issued.text.expose()).is_ok(), "whatever it is written like");
}
