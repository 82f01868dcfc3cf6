//! J1, J2, J4, J13, J15, J16 and J17: what is found out about a token from the token alone.

use jsonwebtoken::{Algorithm, EncodingKey};
use palisade_authn_jwt::{Issuer, Verifier};
use serde_json::{Value, json};

use super::{Audience, Findings, Trust, verifier_of};
use crate::{
    fixture::{
        HS256, ISSUER, OTHER_SECRET, SECRET, Verdict, claims, claims_with, encode, keys, now, said,
        secret_jwk, sign, sign_with, token, verdict, word,
    },
    published::last_bytes,
};

pub(crate) const RSA: &str = include_str!("../../vectors/keys/rsa.public.pem");
const RSA_PRIVATE: &str = include_str!("../../vectors/keys/rsa.private.pem");

/// Says who a token is from, to somebody who trusts these; `no-verifier`, if they cannot be trusted as it is written down.
pub(crate) type Judge = fn(&[Trust], &str) -> Verdict;

/// A row: what a judge gets wrong.
pub(crate) type Row = fn(Judge) -> Findings;

/// Our verifier.
pub(crate) fn ours(trusted: &[Trust], token: &str) -> Verdict {
    let verifier = verifier_of(trusted).map_err(|_| "no-verifier")?;
    said(verifier.verify(token, now()))
}

pub(crate) fn keeps(row: Row) {
    assert_eq!(row(ours), Findings::default());
}

/// A token that names no algorithm of ours, signed or not.
pub(crate) fn j1(judge: Judge) -> Findings {
    let (mut found, payload) = (Findings::default(), claims().to_string());
    let says = |token: &str| word(judge(&[Trust::usual()], token));
    for name in ["none", "None", "NONE", "noNE", "", "hs256", "HS256 ", "HS257"] {
        let header = json!({"alg": name}).to_string();
        found.check(name, says(&sign(&header, &payload)), "algorithm");
        let unsigned = format!("{}.{}.", encode(&header), encode(&payload));
        found.check(format!("{name}, unsigned"), says(&unsigned), "algorithm");
    }
    for header in ["{}", r#"{"alg":["HS256"]}"#, r#"{"alg":"none","alg":"HS256"}"#] {
        found.check(header, says(&sign(header, &payload)), "malformed");
    }
    let signed = token(&claims());
    let without = format!("{}.", signed.rsplit_once('.').unwrap().0);
    found.check("no signature", says(&without), "malformed");
    found
}

/// The RSA key as an issuer publishes it who names no algorithm.
fn rsa_jwk() -> Value {
    // The modulus, `02 03`, and the exponent.
    let end = last_bytes(RSA, 261);
    json!({"kty": "RSA", "n": encode(&end[..256]), "e": encode(&end[258..])})
}

/// A token signed with a public key, as if it were a secret.
pub(crate) fn j2_secrets(judge: Judge) -> Findings {
    let mut found = Findings::default();
    let (jwk, modulus) = (rsa_jwk().to_string(), last_bytes(RSA, 261)[..256].to_vec());
    let forged = |secret: &[u8], header: &str| {
        let key = EncodingKey::from_secret(secret);
        sign_with(Algorithm::HS256, &key, header, claims().to_string())
    };
    let files = [RSA, RSA.trim(), &jwk].map(str::as_bytes);
    for keys in [RSA, &jwk] {
        for secret in [&files[..], &[&modulus]].concat() {
            let says = |header| word(judge(&[Trust::by(keys)], &forged(secret, header)));
            found.check("forged", says(HS256), "algorithm");
            found.check("disguised", says(r#"{"alg":"RS256"}"#), "signature");
        }
    }
    // And where an operator mistook it for one (CVE-2024-37568).
    for secret in files {
        let verdict = judge(&[Trust::by(secret_jwk(secret))], &forged(secret, HS256));
        found.check("taken for a secret", word(verdict), "no-verifier");
    }
    found
}

/// A token that names another algorithm of the same kind of key.
pub(crate) fn j2_algorithms(judge: Judge) -> Findings {
    let mut found = Findings::default();
    let key = EncodingKey::from_rsa_pem(RSA_PRIVATE.as_bytes()).unwrap();
    for (algorithm, header, right) in [
        (Algorithm::RS256, r#"{"alg":"RS256"}"#, "ok"),
        (Algorithm::PS256, r#"{"alg":"PS256"}"#, "algorithm"),
        (Algorithm::RS512, r#"{"alg":"RS512"}"#, "algorithm"),
    ] {
        let token = sign_with(algorithm, &key, header, claims().to_string());
        found.check(header, word(judge(&[Trust::by(RSA)], &token)), right);
        found.check(header, word(judge(&[Trust::by(rsa_jwk())], &token)), right);
    }
    found
}

/// Names of keys that are paths, queries, addresses, too long, or beside a key that the token brings itself.
pub(crate) fn j4(judge: Judge) -> Findings {
    let mut found = Findings::default();
    let mut key = secret_jwk(SECRET);
    key["kid"] = json!("2026");
    let trusted = [Trust::by(key)];
    let says = |header: Value, secret: &[u8]| {
        let key = EncodingKey::from_secret(secret);
        let header = header.to_string();
        let token = sign_with(Algorithm::HS256, &key, &header, claims().to_string());
        word(judge(&trusted, &token))
    };
    let by_name = |kid: &str| says(json!({"alg": "HS256", "kid": kid}), SECRET);
    found.check("its name", by_name("2026"), "ok");
    for kid in ["", "../../dev/null", "' OR 1=1 --", "2026\0", "http://evil.example/", "2027"] {
        found.check(kid, by_name(kid), "unknown-key");
    }
    for (length, right) in [(257, "unknown-key"), (2_000, "too-long"), (10_000, "too-long")] {
        found.check(length, by_name(&"k".repeat(length)), right);
    }
    let empty_file = json!({"alg": "HS256", "kid": "../../dev/null"});
    found.check("an empty file", says(empty_file, b""), "unknown-key");
    let brought = b"the secret of whoever wrote the token";
    let header = json!({
        "alg": "HS256", "kid": "x", "jku": "https://evil.example/", "jwk": secret_jwk(brought),
    });
    found.check("signed with the key it brings", says(header.clone(), brought), "unknown-key");
    found.check("signed with ours beside it", says(header, SECRET), "unknown-key");
    found.check("a number", says(json!({"alg": "HS256", "kid": 7}), SECRET), "malformed");
    found
}

/// Audiences that are absent, empty or nearly ours; and nobody said which is ours.
pub(crate) fn j13(judge: Judge) -> Findings {
    let mut found = Findings::default();
    let says = |audience, aud: &Value| {
        let trust = Trust { audience, ..Trust::usual() };
        word(judge(&[trust], &token(&claims_with(json!({"aud": aud})))))
    };
    for right in [json!("api"), json!(["other", "api"])] {
        found.check(&right, says(Audience::Only("api"), &right), "ok");
    }
    for wrong in [
        json!(null),
        json!([]),
        json!(""),
        json!("API"),
        json!("api "),
        json!(["other"]),
        json!([["api"]]),
        json!({"api": true}),
    ] {
        found.check(&wrong, says(Audience::Only("api"), &wrong), "audience");
    }
    found.check("nobody said", says(Audience::Unsaid, &json!("api")), "no-verifier");
    found.check("any", says(Audience::Any, &json!(null)), "ok");
    found
}

/// What is no compact token, or too much of one.
pub(crate) fn j15(judge: Judge) -> Findings {
    let (mut found, good) = (Findings::default(), token(&claims()));
    let says = |text: &str| word(judge(&[Trust::usual()], text));
    found.check("a megabyte", says(&"a".repeat(1 << 20)), "too-long");
    found.check("a million dots", says(&".".repeat(1_000_000)), "too-long");
    found.check("8000 dots", says(&".".repeat(8_000)), "malformed");
    for text in ["", ".", "..", "...", "a.b", "é.é.é", "{\"payload\":\"\"}"] {
        found.check(text, says(text), "malformed");
    }
    for change in [
        good.replace('.', "+."),
        good.replace('.', "/."),
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{good}.e30"),
        good.replace('.', ".."),
    ] {
        found.check(&change, says(&change), "malformed");
    }
    let long = claims_with(json!({"x": "x".repeat(8_000)}));
    found.check("8 KB", says(&token(&long)), "too-long");
    let nested = |depth: usize| {
        let nested = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        sign(HS256, format!("{{\"x\":{nested}}}"))
    };
    found.check("4000 arrays", says(&nested(4_000)), "too-long");
    found.check("500 arrays", says(&nested(500)), "malformed");
    found.check("an array", says(&sign(HS256, "[]")), "malformed");
    found.check("no UTF-8", says(&sign(HS256, b"{\"sub\":\"\xff\"}")), "malformed");
    let twice = claims().to_string().replacen('{', "{\"sub\":\"bob\",", 1);
    found.check("two subjects", says(&sign(HS256, twice)), "malformed");
    found
}

/// Tokens that are good for something else.
pub(crate) fn j16_types(judge: Judge) -> Findings {
    let mut found = Findings::default();
    let says = |trust: Trust, token: &str| word(judge(&[trust], token));
    let with_type = |typ: &str| {
        let header = json!({"alg": "HS256", "typ": typ}).to_string();
        sign(&header, claims().to_string())
    };
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"] {
        found.check(typ, says(Trust::usual(), &with_type(typ)), "ok");
    }
    for typ in
        ["", "id+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "JOSE", "application/a/at+jwt"]
    {
        found.check(typ, says(Trust::usual(), &with_type(typ)), "type");
    }
    let strict = || Trust { typ: Some("application/at+jwt"), ..Trust::usual() };
    let untyped = sign(r#"{"alg":"HS256"}"#, claims().to_string());
    for (token, right) in
        [(with_type("at+jwt"), "ok"), (with_type("JWT"), "type"), (untyped, "type")]
    {
        found.check(&token, says(strict(), &token), right);
    }
    for claim in ["at_hash", "c_hash", "s_hash", "events"] {
        let token = token(&claims_with(json!({claim: "x"})));
        found.check(claim, says(Trust::usual(), &token), "type");
    }
    found
}

/// Two who have a name in common, and issuers who speak for others.
pub(crate) fn j16_identities(judge: Judge) -> Findings {
    let mut found = Findings::default();
    let other = "https://other.example";
    let trusted =
        [Trust::usual(), Trust { name: Some(other), ..Trust::by(secret_jwk(OTHER_SECRET)) }];
    let by_ours = |changes| judge(&trusted, &token(&claims_with(changes)));
    let by_theirs = |changes| {
        let key = EncodingKey::from_secret(OTHER_SECRET);
        let token = sign_with(Algorithm::HS256, &key, HS256, claims_with(changes).to_string());
        judge(&trusted, &token)
    };
    let (alice, other_alice) = (by_ours(json!({})), by_theirs(json!({"iss": other})));
    found.check("both are let in", (alice.is_ok(), other_alice.is_ok()), (true, true));
    found.check("one subject of two issuers is one", alice == other_alice, false);
    let with_mail = |sub: &str| by_ours(json!({"sub": sub, "email": "alice@example.org"}));
    found.check("two with one address are one", with_mail("alice") == with_mail("bob"), false);
    // An issuer cannot speak for another one, nor for one we do not know.
    found.check("for another", word(by_theirs(json!({}))), "signature");
    for iss in [json!("https://evil.example"), json!(null), json!(7), json!("https://ID.example")] {
        found.check(&iss, word(by_ours(json!({"iss": iss}))), "issuer");
    }
    found
}

/// Encrypted tokens, and signed ones with members of those.
pub(crate) fn j17(judge: Judge) -> Findings {
    let (mut found, payload) = (Findings::default(), claims().to_string());
    let says = |token: &str| word(judge(&[Trust::usual()], token));
    let header =
        encode(r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":2147483647,"zip":"DEF"}"#);
    // What is inside says who it is from, and nobody has signed it.
    for content in ["AA", &encode(&payload)] {
        found.check(content, says(&format!("{header}.AA.AA.{content}.AA")), "malformed");
    }
    for member in ["enc", "zip"] {
        let header = json!({"alg": "HS256", member: "x"}).to_string();
        found.check(member, says(&sign(&header, &payload)), "malformed");
    }
    found.check("dir", says(&sign(r#"{"alg":"dir"}"#, &payload)), "algorithm");
    found
}

#[test]
fn j1_the_algorithm_none_is_refused_in_every_letter_case() {
    keeps(j1);
}

#[test]
fn j2_a_public_key_is_no_secret() {
    keeps(j2_secrets);
}

#[test]
fn j2_a_key_without_alg_has_one_algorithm_all_the_same() {
    keeps(j2_algorithms);
}

#[test]
fn j4_the_name_of_a_key_is_only_ever_looked_up() {
    keeps(j4);
}

#[test]
fn j13_a_missing_audience_is_no_permission() {
    keeps(j13);
    let unsaid = Verifier::new(Issuer::new(ISSUER, keys())).unwrap_err();
    assert!(unsaid.to_string().contains("an audience"), "{unsaid}");
}

#[test]
fn j15_what_is_no_compact_token_is_refused_before_it_is_parsed() {
    keeps(j15);
}

#[test]
fn j16_an_id_token_is_no_access_token() {
    keeps(j16_types);
}

#[test]
fn j16_the_same_subject_of_two_issuers_is_two_identities() {
    keeps(j16_identities);
}

#[test]
fn j17_encrypted_tokens_are_never_opened() {
    keeps(j17);
}

#[test]
fn extensions_that_must_be_understood_are_refused() {
    for header in [
        r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"none","crit":["x"]}"#,
    ] {
        assert_eq!(verdict(&sign(header, claims().to_string())), "critical", "{header}");
    }
}
