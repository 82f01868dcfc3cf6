//! An HTTP server on a loopback socket that answers as it is told, and remembers what it was asked.

use std::{
    collections::HashMap,
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use palisade_authn_jwt::{StrictAuth, Verifier};
use palisade_core::{Gate, ManualClock, Rejection, SecurityContext};
use palisade_test_support::{Ask, Echo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::{interval, timeout},
};
use tower_service::Service;

/// The longest time limit there is. A fetch that is not to fail has it, so that no test depends on how busy the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The server. It stops when it is dropped.
pub(crate) struct Endpoint {
    address: SocketAddr,
    told: Arc<Told>,
    task: JoinHandle<()>,
}

struct Told {
    /// What to answer, by path.
    answers: Mutex<HashMap<String, String>>,
    /// The heads of all requests so far.
    asked: Mutex<Vec<String>>,
    /// While it is, nobody gets an answer.
    held: watch::Sender<bool>,
}

// === impl Endpoint ===

impl Endpoint {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answers, asked) = (Mutex::default(), Mutex::default());
        let told = Arc::new(Told { answers, asked, held: watch::Sender::new(false) });
        let serving = Arc::clone(&told);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                drop(tokio::spawn(serve(socket, Arc::clone(&serving))));
            }
        });
        Self { address, told, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on, answers 200 and `body` at `path`.
    pub(crate) fn says(&self, path: &str, body: impl ToString) {
        self.answers(path, "200 OK", "x-none: 1", body);
    }

    /// From now on, answers this status, header and body at `path`.
    pub(crate) fn answers(&self, path: &str, status: &str, header: &str, body: impl ToString) {
        let body = body.to_string();
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\n{header}\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.told.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// From now on, takes requests and answers nobody.
    pub(crate) fn hold(&self) {
        self.told.held.send_replace(true);
    }

    /// Answers all who wait, and whoever comes.
    pub(crate) fn release(&self) {
        self.told.held.send_replace(false);
    }

    /// Goes down: connections are refused, for as long as what is returned keeps the port from other tests.
    pub(crate) async fn stop(mut self) -> TcpSocket {
        self.task.abort();
        assert!((&mut self.task).await.is_err());
        let deaf = TcpSocket::new_v4().unwrap();
        deaf.set_reuseaddr(true).unwrap();
        deaf.bind(self.address).unwrap();
        deaf
    }

    /// The heads of all requests so far, in lower case.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.told.asked.lock().unwrap().clone()
    }

    /// How often `path` was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        let line = format!("get {path} http/1.1\r\n");
        self.heads().iter().filter(|head| head.starts_with(&line)).count()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut socket: TcpStream, told: Arc<Told>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    told.asked.lock().unwrap().push(head);
    told.held.subscribe().wait_for(|held| !*held).await.unwrap();
    let answer = told.answers.lock().unwrap().get(&path).cloned();
    let missing = "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let answer = answer.unwrap_or_else(|| missing.to_owned());
    // The client may have gone.
    drop(socket.write_all(answer.as_bytes()).await);
    drop(socket.shutdown().await);
}

/// Waits for something that must come, and fails if it does not.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(60), future).await.expect("it came in time")
}

/// Waits until something holds.
pub(crate) async fn until(holds: impl Fn() -> bool) {
    let mut looks = interval(Duration::from_millis(5));
    within(async {
        while !holds() {
            looks.tick().await;
        }
    })
    .await;
}

/// What a request got: the status, the code if it was refused, and `Retry-After`.
pub(crate) type Got = (u16, Option<&'static str>, Option<String>);

pub(crate) const PASSED: Got = (200, None, None);

/// Sends a request with `token` at the time of `clock`, and waits for the answer.
pub(crate) async fn send(verifier: &Verifier, token: &str, clock: &ManualClock) -> Got {
    let request = ask(token, clock).build();
    let mut service = Gate::new(Echo::default(), StrictAuth::new(verifier.clone()));
    got(&within(service.call(request)).await.unwrap())
}

/// Sends a request with `token` at the time of `clock`, which must be answered without waiting for anything.
pub(crate) fn send_at_once(verifier: &Verifier, token: &str, clock: &ManualClock) -> Got {
    got(&ask(token, clock).policies(StrictAuth::new(verifier.clone())))
}

fn ask(token: &str, clock: &ManualClock) -> Ask {
    Ask::get("/").bearer(token).context(&SecurityContext::new(clock.now()))
}

fn got<B>(answer: &http::Response<B>) -> Got {
    let code = answer.extensions().get::<Rejection>().map(|rejection| rejection.code().as_str());
    let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), code, retry)
}
