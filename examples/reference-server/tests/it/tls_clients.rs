//! Certificates of clients, required or not.

use std::{fs, process::Command};

use serde_json::Value;
use tempfile::tempdir;

use crate::tls_authority::{Authority, For, TlsServer};

#[test]
fn a_client_without_a_certificate_is_refused_where_one_is_required() {
    let folder = tempdir().unwrap();
    let (clients, strangers) = (Authority::new(), Authority::new());
    fs::write(folder.path().join("clients.pem"), clients.pem()).unwrap();
    let list = folder.path().join("clients.pem");
    let list = list.to_str().unwrap();
    let own = |authority: &Authority, name: &str| {
        authority.vouch(name, 7, For::Client).write(folder.path(), name)
    };
    let (alice, stranger) = (own(&clients, "alice"), own(&strangers, "mallory"));
    let with =
        |pair: &(String, String)| ["--cert", &pair.0, "--key", &pair.1].map(str::to_owned).to_vec();
    for (need, without) in [("required", None), ("optional", Some("ok\n"))] {
        let server = TlsServer::start(&[("TLS_CLIENT_CA", list), ("TLS_CLIENT_AUTH", need)]);
        let asks = |arguments: &[String], path: &str| {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            server.curl(&arguments, path)
        };
        let (code, told) = asks(&[], "/healthz");
        assert_eq!((code == 0).then_some(&*told), without, "{need}: {code}");
        // Who shows a bad one is refused in any case.
        assert_ne!(asks(&with(&stranger), "/healthz").0, 0, "{need}");
        let token = format!("Authorization: Bearer {}", server.plain.token("bob", &[]));
        let bob = ["-H".to_owned(), token];
        let (_, me) = asks(&[&with(&alice)[..], &bob].concat(), "/api/me");
        let me: Value = serde_json::from_str(&me).unwrap();
        assert_eq!(me["clientCertificate"]["subject"], "CN=alice", "{me}");
        assert_eq!(me["clientCertificate"]["sha256"].as_str().unwrap().len(), 95);
        assert_eq!(me["sub"], "bob", "a certificate makes nobody an identity");
    }
}

#[test]
fn the_recipe_for_certificates_of_clients_makes_one_that_is_let_in() {
    let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tls.md"));
    let (_, rest) = page.split_once("## Certificates of clients").unwrap();
    let (_, rest) = rest.split_once("```sh\n").unwrap();
    let recipe = rest.split_once("```").unwrap().0;
    let folder = tempdir().unwrap();
    let bash = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["-ec", script]).current_dir(folder.path()).output().unwrap()
    };
    let made = bash(recipe);
    assert!(made.status.success(), "{made:?}");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let server = TlsServer::start(&[("TLS_CLIENT_CA", &path("clients.pem"))]);
    assert_ne!(server.curl(&[], "/healthz").0, 0);
    let (cert, key) = (path("alice.crt"), path("alice.key"));
    let asks = || server.curl(&["--cert", &cert, "--key", &key], "/healthz");
    assert_eq!(asks(), (0, "ok\n".to_owned()));
}
