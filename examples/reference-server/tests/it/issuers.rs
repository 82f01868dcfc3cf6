//! Issuers whose keys are elsewhere, and issuers that are asked about each token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{
    endpoint::Endpoint,
    server::{Server, problem, run, until},
};

const KEYS: &str = include_str!("../data/jwks.json");
const TOKEN: &str = include_str!("../data/jwks.token");

fn parts(server: &Server) -> Value {
    let ready: Value = server.get("/readyz").json().unwrap();
    ready["parts"].clone()
}

#[test]
fn keys_of_a_url_are_fetched_and_outlive_its_failure() {
    let endpoint = Endpoint::start(|_| (200, KEYS.to_owned()));
    let url = endpoint.url("/keys.json");
    let settings = [("JWKS_URL", url.as_str()), ("JWT_AUDIENCE", "api")];
    let server = Server::unlimited(&settings);
    until("the keys", || server.get("/readyz").status() == 200);
    assert_eq!(parts(&server)["tokenKeys"], "ok");
    endpoint.change(|_| (500, String::new()));
    let me: Value = server.get_as(TOKEN.trim(), "/api/me").json().unwrap();
    assert_eq!(me["sub"], "carol");
    // A key that is not there is asked for; that this fails changes nothing.
    let (_, rest) = TOKEN.split_once('.').unwrap();
    let other = format!("{}.{rest}", encode(r#"{"alg":"EdDSA","typ":"JWT","kid":"2027"}"#));
    assert_eq!(problem(server.get_as(other.trim(), "/api/me")).1, "invalid-token.unknown-key");
    assert_eq!(server.get_as(TOKEN.trim(), "/api/me").status(), 200);
    assert_eq!(server.get("/readyz").status(), 200, "old keys do their work");
}

#[test]
fn j6_keys_that_never_came_are_503_and_not_ready() {
    let endpoint = Endpoint::start(|_| (200, "{\"keys\":[]}".to_owned()));
    let url = endpoint.url("/keys.json");
    let settings =
        [("JWKS_URL", url.as_str()), ("JWT_ISSUER", "https://id.example"), ("JWT_AUDIENCE", "api")];
    let server = Server::unlimited(&settings);
    let answer = server.get_as(TOKEN.trim(), "/api/me");
    assert!(answer.headers().contains_key("retry-after"));
    let (status, code, _) = problem(answer);
    assert_eq!((status, &*code), (503, "keys-unavailable"));
    assert_eq!(server.get("/readyz").status(), 503);
    assert_eq!(parts(&server)["tokenKeys"], "degraded");
    assert_eq!(server.get("/api/feed").status(), 200, "others are served");
    endpoint.change(|_| (200, KEYS.to_owned()));
    until("the keys", || server.get_as(TOKEN.trim(), "/api/me").status() == 200);
}

#[test]
fn an_oidc_issuer_says_where_its_keys_are() {
    // Its name holds the port, so the token that is kept is of another: what counts is that its keys came.
    let endpoint = Endpoint::start(|head| {
        let host = head.iter().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let base = format!("http://{host}");
        if head[0].contains("/.well-known/openid-configuration") {
            (200, json!({ "issuer": base, "jwks_uri": format!("{base}/keys") }).to_string())
        } else {
            (200, KEYS.to_owned())
        }
    });
    let url = endpoint.url("");
    let server = Server::unlimited(&[("OIDC_ISSUER", url.as_str()), ("JWT_AUDIENCE", "api")]);
    until("the keys", || server.get("/readyz").status() == 200);
    assert_eq!(problem(server.get_as(TOKEN.trim(), "/api/me")).1, "invalid-token.issuer");
}

#[test]
fn a_supabase_project_is_asked_about_each_token_beside_another_issuer() {
    let endpoint = Endpoint::start(|head| {
        let has = |line: &str| head.iter().any(|known| known.eq_ignore_ascii_case(line));
        let asks = head[0].starts_with("GET /auth/v1/user ") && has("apikey: anon");
        let is_good = head.iter().any(|line| line.ends_with(".Z29vZA"));
        match (asks, is_good) {
            (true, true) => (200, json!({ "id": "u-1" }).to_string()),
            (true, false) => (401, json!({ "msg": "invalid JWT" }).to_string()),
            (false, _) => (500, String::new()),
        }
    });
    let project = endpoint.url("");
    let secret = "a test secret of thirty-two bytes or more";
    let settings = [
        ("SUPABASE_URL", project.as_str()),
        ("SUPABASE_ANON_KEY", "anon"),
        ("JWT_SECRET", secret),
        ("JWT_ISSUER", "https://id.example"),
    ];
    let server = Server::unlimited(&settings);
    let claims = json!({
        "iss": format!("{project}/auth/v1"),
        "aud": "authenticated",
        "role": "authenticated",
        "sub": "u-1",
        "exp": 4_102_444_800_u64,
    });
    let header = encode(r#"{"alg":"ES256","typ":"JWT","kid":"theirs"}"#);
    let token = |signature: &str| format!("{header}.{}.{signature}", encode(&claims.to_string()));
    let me: Value = server.get_as(&token("Z29vZA"), "/api/me").json().unwrap();
    assert_eq!((&me["sub"], &me["roles"]), (&json!("u-1"), &json!(["authenticated"])));
    let refused = server.get_as(&token("YmFk"), "/api/me");
    assert_eq!(problem(refused).1, "invalid-token.rejected");
    endpoint.change(|_| (500, String::new()));
    assert_eq!(server.get_as(&token("Z29vZA"), "/api/me").status(), 200, "it is remembered");
    assert_eq!(server.get_as(&token("bmV3"), "/api/me").status(), 503);
    // The other one stands beside it.
    let (fine, own, errors) = run(server.folder.path(), &["token", "--user", "dave"], &settings);
    assert!(fine, "{errors}");
    assert_eq!(server.get_as(own.trim(), "/api/me").status(), 200);
}

#[test]
fn issuers_that_contradict_each_other_stop_the_start() {
    let folder = tempdir().unwrap();
    let secret = ("JWT_SECRET", "a test secret of thirty-two bytes or more");
    let project = ("SUPABASE_URL", "https://project.supabase.co");
    let audience = ("JWT_AUDIENCE", "api");
    let home = ("JWT_ISSUER", "https://project.supabase.co/auth/v1");
    let other = ("OIDC_ISSUER", "https://other.example");
    let doubled = ("OIDC_ISSUER", "https://project.supabase.co/auth/v1");
    let cases: [(&[(&str, &str)], &str); 12] = [
        (&[("JWKS_URL", "http://id.example/keys")], "JWKS_URL=`http://id.example/keys`"),
        (&[("JWKS_URL", "https://me:hunter2@id.example/keys")], "JWKS_URL=`…`"),
        (&[("JWKS_URL", "https://id.example/keys")], "JWKS_URL=`https://id.example/keys`: JWT_AUD"),
        (&[secret, home, project, other, audience], "JWT_ISSUER"),
        (&[project, doubled, audience], "OIDC_ISSUER"),
        (&[secret, ("JWKS_URL", "https://id.example/keys")], "JWKS_URL"),
        (&[("OIDC_ISSUER", "https://id.example")], "OIDC_ISSUER"),
        (&[secret, project], "JWT_ISSUER"),
        (&[project, ("JWT_ISSUER", "https://id.example")], "JWT_ISSUER"),
        (&[("SUPABASE_ANON_KEY", "eyJhbGciOiJ")], "SUPABASE_ANON_KEY"),
        (&[project, ("SUPABASE_JWT_SECRET", "too-short-secret")], "SUPABASE_JWT_SECRET"),
        (&[("UNKNOWN_USERS", "maybe")], "UNKNOWN_USERS"),
    ];
    for (settings, name) in cases {
        let (fine, _, errors) = run(folder.path(), &["check-config"], settings);
        assert!(!fine && errors.starts_with(&format!("palisade-server: {name}")), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        let secrets = ["too-short-secret", "eyJ", "hunter2"];
        assert!(!secrets.iter().any(|secret| errors.contains(secret)), "{errors}");
    }
    let both = [project, ("SUPABASE_ANON_KEY", "anon"), ("SUPABASE_JWT_SECRET", "secret")];
    let (fine, _, errors) = run(folder.path(), &["check-config"], &both);
    assert!(!fine && errors.contains("SUPABASE_JWT_SECRET"), "{errors}");
    let here = [("JWKS_URL", "http://127.0.0.1:9/keys"), audience];
    let (fine, _, errors) = run(folder.path(), &["check-config"], &here);
    assert!(fine, "{errors}");
    assert!(!folder.path().join("data").exists(), "no secret of our own is made");
}

#[test]
fn j13_public_keys_without_a_word_of_whom_their_tokens_are_for_stop_the_start() {
    let folder = tempdir().unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/jwks.json");
    let issuer = ("JWT_ISSUER", "https://id.example");
    for source in [("JWKS_FILE", file), ("JWKS_URL", "https://id.example/keys")] {
        let (fine, _, errors) = run(folder.path(), &["check-config"], &[source, issuer]);
        assert!(!fine && errors.contains("JWT_AUDIENCE is not set"), "{source:?}: {errors}");
        for audience in ["api", "*"] {
            let settings = [source, issuer, ("JWT_AUDIENCE", audience)];
            let (fine, _, errors) = run(folder.path(), &["check-config"], &settings);
            assert!(fine, "{source:?} {audience}: {errors}");
        }
    }
    let settings = [("JWKS_FILE", file), ("JWT_AUDIENCE", "*"), ("ADMIN_USERS", "carol")];
    let server = Server::unlimited(&settings);
    assert_eq!(server.get_as(TOKEN.trim(), "/api/me").status(), 200);
}

fn encode(part: &str) -> String {
    URL_SAFE_NO_PAD.encode(part)
}
