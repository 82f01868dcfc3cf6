//! Certificates that are replaced while the server runs.

use std::{fs, path::Path, time::Duration, time::Instant};

use serde_json::Value;

use crate::{
    server::until,
    tls_authority::{Authority, For, TlsServer, put},
};

/// How often the files are read.
const LOOK: Duration = Duration::from_millis(400);

fn ready(server: &TlsServer) -> (u16, Value) {
    let answer = server.plain.get("/readyz");
    (answer.status().as_u16(), answer.json().unwrap())
}

#[test]
fn open_connections_go_on_and_new_ones_get_the_new_certificate_within_a_second() {
    let server = TlsServer::start(&[]);
    let mut open = server.connect();
    assert_eq!(open.serial(), 1);
    let folder = server.plain.folder.path().join("tls");
    let new = server.authority.vouch("a server", 2, For::Server);
    put(&folder.join("tls.crt"), &new.certificate);
    put(&folder.join("tls.key"), &new.key);
    let written = Instant::now();
    until("the new certificate", || {
        // Handshakes and requests go on all the while, and none is lost.
        assert!(open.asks("/healthz").starts_with("HTTP/1.1 200"));
        server.serial() == 2
    });
    // What is promised, and a second for a machine that does other things too.
    assert!(written.elapsed() < Duration::from_secs(2), "{:?}", written.elapsed());
    assert!(open.asks("/healthz").starts_with("HTTP/1.1 200"), "the old connection goes on");
    assert_eq!(open.serial(), 1);
    assert!(server.plain.log().contains("tls.changed"), "{}", server.plain.log());
}

#[test]
fn a_pair_that_does_not_fit_leaves_the_old_one_in_force_and_says_why() {
    let server = TlsServer::start(&[]);
    assert_eq!(ready(&server).1["parts"]["tls"], "ok");
    let folder = server.plain.folder.path().join("tls");
    let new = server.authority.vouch("a server", 2, For::Server);
    let written = Instant::now();
    put(&folder.join("tls.crt"), &new.certificate);
    until("it is said", || ready(&server).1["status"] == "degraded");
    // Who replaces two files one after the other is seen in between: what was seen once is not told.
    assert!(written.elapsed() >= LOOK, "{:?}", written.elapsed());
    let (status, told) = ready(&server);
    assert_eq!(status, 200, "it still serves: {told}");
    assert_eq!(told["mistakes"]["tls"]["setting"], "TLS_KEY", "{told}");
    assert_eq!(told["parts"]["tls"], "degraded");
    assert_eq!(server.serial(), 1);
    let told = Instant::now();
    until("the files were read again", || {
        assert_eq!(ready(&server).0, 200);
        told.elapsed() > 3 * LOOK
    });
    let log = server.plain.log();
    assert!(log.contains("it is not the key of the certificate in TLS_CERT"), "{log}");
    assert_eq!(log.matches("tls.refused").count(), 1, "said once: {log}");
    put(&folder.join("tls.key"), &new.key);
    until("the new pair", || server.serial() == 2);
    assert_eq!(ready(&server).1["status"], "ok");
    // One that has ended replaces nothing.
    let past = server.authority.vouch("a server", 3, For::PastServer);
    past.write(&folder, "tls");
    until("it is said", || ready(&server).1["mistakes"]["tls"]["setting"] == "TLS_CERT");
    assert_eq!(server.serial(), 2);
}

#[cfg(unix)]
#[test]
fn a_secret_of_kubernetes_is_replaced_by_one_link_and_never_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, path) = (Authority::new(), folder.path().join("secret"));
    let version = |authority: &Authority, serial: u64| {
        let name = format!("..{serial}");
        authority.vouch("a server", serial, For::Server).write(&path.join(&name), "tls");
        // As the kubelet does: `..data` is a link to the folder of the day, the files are links into it.
        link(Path::new(&name), &path.join("..data_tmp"));
        fs::rename(path.join("..data_tmp"), path.join("..data")).unwrap();
    };
    version(&authority, 1);
    for file in ["tls.crt", "tls.key"] {
        link(&Path::new("..data").join(file), &path.join(file));
    }
    let text = |file: &str| path.join(file).to_str().unwrap().to_owned();
    let (cert, key) = (text("tls.crt"), text("tls.key"));
    let settings = [("TLS_CERT", &*cert), ("TLS_KEY", &*key)];
    let server = TlsServer::start_in(folder, authority, &settings);
    for serial in 2..4 {
        version(&server.authority, serial);
        until("the next version", || server.serial() == serial);
    }
    assert!(!server.plain.log().contains("tls.refused"), "{}", server.plain.log());
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) {
    std::os::unix::fs::symlink(to, at).unwrap();
}
