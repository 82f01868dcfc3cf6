//! One test per row of the list of attacks on tokens, named after the row.

use jsonwebtoken::{Algorithm, EncodingKey};
use palisade_authn_jwt::{AdminOnly, Issuer, Keys, OptionalAuth, StrictAuth, Verifier};
use palisade_core::{Access, ManualClock, Policies, Rejection, Route, SecurityContext};
use palisade_test_support::Ask;
use serde_json::json;

use crate::fixture::{
    HS256, ISSUER, NOW, at, claims, claims_with, encode, issuer, keys, now, sign, sign_with, token,
    verdict, verdict_of, verifier,
};

const RSA: &str = include_str!("../vectors/keys/rsa.public.pem");

#[test]
fn j1_the_algorithm_none_is_refused_in_every_letter_case() {
    for name in ["none", "None", "NONE", "noNE", "", "hs256", "HS256 ", "HS257"] {
        let header = json!({"alg": name}).to_string();
        assert_eq!(verdict(&sign(&header, claims().to_string())), "algorithm", "{name}");
        let unsigned = format!("{}.{}.", encode(&header), encode(claims().to_string()));
        assert_eq!(verdict(&unsigned), "algorithm", "{name}");
    }
    assert_eq!(verdict(&sign("{}", claims().to_string())), "malformed");
    assert_eq!(verdict(&sign(r#"{"alg":["HS256"]}"#, claims().to_string())), "malformed");
    assert_eq!(
        verdict(&sign(r#"{"alg":"none","alg":"HS256"}"#, claims().to_string())),
        "malformed"
    );
    let signed = token(&claims());
    let without = format!("{}.", signed.rsplit_once('.').unwrap().0);
    assert_eq!(verdict(&without), "malformed");
}

#[test]
fn j2_a_public_key_is_no_secret() {
    let verifier =
        Verifier::new(Issuer::new(ISSUER, Keys::rsa_pem(RSA).unwrap()).audience("api")).unwrap();
    for secret in [RSA.as_bytes(), RSA.trim().as_bytes()] {
        let key = EncodingKey::from_secret(secret);
        let forged = sign_with(Algorithm::HS256, &key, HS256, claims().to_string());
        assert_eq!(verdict_of(&verifier, &forged), "algorithm");
        let disguised =
            sign_with(Algorithm::HS256, &key, r#"{"alg":"RS256"}"#, claims().to_string());
        assert_eq!(verdict_of(&verifier, &disguised), "signature");
    }
}

#[test]
fn j2_a_key_without_alg_has_one_algorithm_all_the_same() {
    let private = include_bytes!("../vectors/keys/rsa.private.pem");
    let key = EncodingKey::from_rsa_pem(private).unwrap();
    let verifier =
        Verifier::new(Issuer::new(ISSUER, Keys::rsa_pem(RSA).unwrap()).audience("api")).unwrap();
    let signed = |algorithm, header| sign_with(algorithm, &key, header, claims().to_string());
    assert_eq!(verdict_of(&verifier, &signed(Algorithm::RS256, r#"{"alg":"RS256"}"#)), "ok");
    assert_eq!(verdict_of(&verifier, &signed(Algorithm::PS256, r#"{"alg":"PS256"}"#)), "algorithm");
    assert_eq!(verdict_of(&verifier, &signed(Algorithm::RS512, r#"{"alg":"RS512"}"#)), "algorithm");
}

#[test]
fn j3_only_the_bearer_scheme_and_exactly_one_credential() {
    let token = token(&claims());
    let send = |ask: Ask| {
        let answer = ask.context(&context()).policies(StrictAuth::new(verifier()));
        let code =
            answer.extensions().get::<Rejection>().map(|rejection| rejection.code().as_str());
        (answer.status().as_u16(), code)
    };
    let ask = || Ask::get("/");
    assert_eq!(send(ask().header("authorization", format!("bEaReR {token}"))), (200, None));
    for scheme in ["Basic", "Token", "JWT", "BearerX", "Bearer,"] {
        let ask = ask().header("authorization", format!("{scheme} {token}"));
        assert_eq!(send(ask), (401, Some("invalid-token.scheme")), "{scheme}");
    }
    for value in [token.as_str(), "Bearer", "Bearer ", &format!("Bearer {token} {token}")] {
        let ask = ask().header("authorization", value);
        assert_eq!(send(ask), (401, Some("invalid-token.scheme")), "{value}");
    }
    let twice = ask().bearer(&token).bearer(&token);
    assert_eq!(send(twice), (400, Some("ambiguous-credentials")));
    let both = ask().bearer(&token).header("x-api-key", "key");
    assert_eq!(send(both), (400, Some("ambiguous-credentials")));
}

#[test]
fn j4_the_name_of_a_key_is_only_ever_looked_up() {
    let named = keys().named("2026").unwrap();
    let verifier = Verifier::new(Issuer::new(ISSUER, named).audience("api")).unwrap();
    let with_kid = |kid: &str| {
        let header = json!({"alg": "HS256", "kid": kid}).to_string();
        verdict_of(&verifier, &sign(&header, claims().to_string()))
    };
    assert_eq!(with_kid("2026"), "ok");
    for kid in ["", "../../dev/null", "' OR 1=1 --", "2026\0", "http://evil.example/", "2027"] {
        assert_eq!(with_kid(kid), "unknown-key", "{kid}");
    }
    assert_eq!(with_kid(&"k".repeat(257)), "unknown-key");
    assert_eq!(with_kid(&"k".repeat(10_000)), "too-long");
    assert_eq!(with_kid(&"k".repeat(2_000)), "too-long");
    let brought =
        r#"{"alg":"HS256","kid":"x","jku":"https://evil.example/","jwk":{"kty":"oct","k":"AA"}}"#;
    assert_eq!(verdict_of(&verifier, &sign(brought, claims().to_string())), "unknown-key");
    let number = r#"{"alg":"HS256","kid":7}"#;
    assert_eq!(verdict_of(&verifier, &sign(number, claims().to_string())), "malformed");
}

#[test]
fn j7_a_remembered_token_ends_with_its_exp() {
    let clock = ManualClock::new();
    let verifier = verifier();
    let token = token(&claims_with(json!({"exp": NOW + 10})));
    assert!(verifier.authenticate(&token, clock.now()).is_ok());
    clock.advance(std::time::Duration::from_secs(9));
    assert!(verifier.authenticate(&token, clock.now()).is_ok());
    clock.advance(std::time::Duration::from_secs(1));
    let error = verifier.authenticate(&token, clock.now()).unwrap_err();
    assert_eq!(error.code().as_str(), "invalid-token.expired");
}

#[test]
fn j8_a_remembered_token_ends_with_its_key() {
    let clock = ManualClock::new();
    let verifier = verifier();
    let token = token(&claims());
    assert!(verifier.authenticate(&token, clock.now()).is_ok());
    let others = Keys::hs256(b"another secret that is long enough too").unwrap();
    verifier.replace_keys(Some(ISSUER), others).unwrap();
    let error = verifier.authenticate(&token, clock.now()).unwrap_err();
    assert_eq!(error.code().as_str(), "invalid-token.signature");
    // And back: a refusal that was remembered does not outlive the key that caused it either.
    verifier.replace_keys(Some(ISSUER), keys()).unwrap();
    assert!(verifier.authenticate(&token, clock.now()).is_ok());
}

#[test]
fn j9_a_remembered_token_is_still_checked_for_the_role_of_another_route() {
    let verifier = verifier();
    let policies = || OptionalAuth::new(verifier.clone()).then(AdminOnly::new());
    let token = token(&claims());
    let ask = |access| {
        let context = context();
        context.learn_route(Route::new("x", access));
        Ask::get("/").bearer(&token).context(&context).policies(policies()).status().as_u16()
    };
    assert_eq!(ask(Access::Authenticated), 200);
    assert_eq!(verifier.remembered(), 1);
    assert_eq!(ask(Access::Admin), 403);
    assert_eq!(ask(Access::Authenticated), 200);
}

#[test]
fn j10_verifiers_do_not_share_what_they_remember() {
    let clock = ManualClock::new();
    let token = token(&claims());
    let ours = verifier();
    let theirs = Verifier::new(Issuer::new(ISSUER, keys()).audience("other")).unwrap();
    assert!(ours.authenticate(&token, clock.now()).is_ok());
    let error = theirs.authenticate(&token, clock.now()).unwrap_err();
    assert_eq!(error.code().as_str(), "invalid-token.audience");
    assert!(ours.authenticate(&token, clock.now()).is_ok());
}

#[test]
fn j11_no_token_answers_for_another() {
    let clock = ManualClock::new();
    let verifier = verifier();
    let good = token(&claims());
    assert!(verifier.authenticate(&good, clock.now()).is_ok());
    for place in (0..good.len()).rev().take(60) {
        let mut bytes = good.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(bytes).unwrap();
        assert!(verifier.authenticate(&other, clock.now()).is_err(), "{place}");
    }
    for other in [format!("{good}A"), format!("{good}."), good[..good.len() - 1].to_owned()] {
        assert!(verifier.authenticate(&other, clock.now()).is_err());
    }
}

#[test]
fn j12_a_clock_that_goes_back_opens_nothing() {
    let clock = ManualClock::new();
    let verifier = verifier();
    let token = token(&claims_with(json!({"iat": NOW, "exp": NOW + 100})));
    assert!(verifier.authenticate(&token, clock.now()).is_ok());
    // The wall steps back before the token was issued: it is remembered, and refused all the same.
    clock.step_wall(at(NOW - 60));
    let error = verifier.authenticate(&token, clock.now()).unwrap_err();
    assert_eq!(error.code().as_str(), "invalid-token.not-yet-valid");
    // It steps beyond the end, while monotonic time stands still.
    clock.step_wall(at(NOW + 100));
    let error = verifier.authenticate(&token, clock.now()).unwrap_err();
    assert_eq!(error.code().as_str(), "invalid-token.expired");
    // A refusal for lateness that is remembered does not outlive the mistake of the clock.
    clock.step_wall(at(NOW + 100));
    verifier.bump_epoch();
    assert!(verifier.authenticate(&token, clock.now()).is_err());
    clock.step_wall(at(NOW + 50));
    assert!(verifier.authenticate(&token, clock.now()).is_ok());
}

#[test]
fn j13_a_missing_audience_is_no_permission() {
    let with_aud = |aud| verdict(&token(&claims_with(json!({"aud": aud}))));
    assert_eq!(with_aud(json!("api")), "ok");
    assert_eq!(with_aud(json!(["other", "api"])), "ok");
    for wrong in [json!(null), json!([]), json!(""), json!("API"), json!("api "), json!(["other"])]
    {
        assert_eq!(with_aud(wrong.clone()), "audience", "{wrong}");
    }
    assert_eq!(with_aud(json!([["api"]])), "audience");
    assert_eq!(with_aud(json!({"api": true})), "audience");
    let unsaid = Verifier::new(Issuer::new(ISSUER, keys())).unwrap_err();
    assert!(unsaid.to_string().contains("an audience"), "{unsaid}");
    let any = Verifier::new(Issuer::new(ISSUER, keys()).accept_any_audience()).unwrap();
    assert_eq!(verdict_of(&any, &token(&claims_with(json!({"aud": null})))), "ok");
}

#[test]
fn j15_what_is_no_compact_token_is_refused_before_it_is_parsed() {
    let good = token(&claims());
    assert_eq!(verdict(&"a".repeat(1 << 20)), "too-long");
    assert_eq!(verdict(&".".repeat(1_000_000)), "too-long");
    assert_eq!(verdict(&".".repeat(8_000)), "malformed");
    for text in ["", ".", "..", "...", "a.b", "é.é.é", "{\"payload\":\"\"}"] {
        assert_eq!(verdict(text), "malformed", "{text}");
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
        assert_eq!(verdict(&change), "malformed", "{change}");
    }
    let nested = format!("{}1{}", "[".repeat(4_000), "]".repeat(4_000));
    assert_eq!(verdict(&sign(HS256, format!("{{\"x\":{nested}}}"))), "too-long");
    let nested = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    assert_eq!(verdict(&sign(HS256, format!("{{\"x\":{nested}}}"))), "malformed");
    assert_eq!(verdict(&sign(HS256, "[]")), "malformed");
    assert_eq!(verdict(&sign(HS256, b"{\"sub\":\"\xff\"}")), "malformed");
    let twice = claims().to_string().replacen('{', "{\"sub\":\"bob\",", 1);
    assert_eq!(verdict(&sign(HS256, twice)), "malformed");
}

#[test]
fn j16_an_id_token_is_no_access_token() {
    let with_type = |typ: &str| {
        let header = json!({"alg": "HS256", "typ": typ}).to_string();
        sign(&header, claims().to_string())
    };
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"] {
        assert_eq!(verdict(&with_type(typ)), "ok", "{typ}");
    }
    for typ in
        ["", "id+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "JOSE", "application/a/at+jwt"]
    {
        assert_eq!(verdict(&with_type(typ)), "type", "{typ}");
    }
    let strict = Verifier::new(issuer().require_type("application/at+jwt")).unwrap();
    assert_eq!(verdict_of(&strict, &with_type("at+jwt")), "ok");
    assert_eq!(verdict_of(&strict, &with_type("JWT")), "type");
    assert_eq!(verdict_of(&strict, &sign(r#"{"alg":"HS256"}"#, claims().to_string())), "type");
    for claim in ["at_hash", "c_hash", "events"] {
        assert_eq!(verdict(&token(&claims_with(json!({claim: "x"})))), "type", "{claim}");
    }
}

#[test]
fn j16_the_same_subject_of_two_issuers_is_two_identities() {
    let other = Keys::hs256(b"another secret that is long enough too").unwrap();
    let verifier = Verifier::builder()
        .issuer(issuer())
        .issuer(Issuer::new("https://other.example", other).audience("api"))
        .build()
        .unwrap();
    let key = EncodingKey::from_secret(b"another secret that is long enough too");
    let theirs = claims_with(json!({"iss": "https://other.example"})).to_string();
    let theirs = sign_with(Algorithm::HS256, &key, HS256, theirs);
    let alice = verifier.verify(&token(&claims()), now()).unwrap();
    let other_alice = verifier.verify(&theirs, now()).unwrap();
    assert_ne!(alice.identity(), other_alice.identity());
    // An issuer cannot speak for another one, nor for one we do not know.
    let forged = sign_with(Algorithm::HS256, &key, HS256, claims().to_string());
    assert_eq!(verdict_of(&verifier, &forged), "signature");
    for iss in [json!("https://evil.example"), json!(null), json!(7), json!("https://ID.example")] {
        let claims = claims_with(json!({"iss": iss}));
        assert_eq!(verdict_of(&verifier, &token(&claims)), "issuer");
    }
}

#[test]
fn j17_encrypted_tokens_are_never_opened() {
    let header = r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":2147483647,"zip":"DEF"}"#;
    let encrypted = format!("{}.AA.AA.AA.AA", encode(header));
    assert_eq!(verdict(&encrypted), "malformed");
    for member in ["enc", "zip"] {
        let header = json!({"alg": "HS256", member: "x"}).to_string();
        assert_eq!(verdict(&sign(&header, claims().to_string())), "malformed", "{member}");
    }
    let header = r#"{"alg":"dir"}"#;
    assert_eq!(verdict(&sign(header, claims().to_string())), "algorithm");
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

fn context() -> SecurityContext {
    SecurityContext::new(ManualClock::new().now())
}
