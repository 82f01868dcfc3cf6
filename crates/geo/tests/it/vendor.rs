//! A vendor on a socket of this machine, who does what a test wants.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

#[derive(Clone, Debug)]
pub(crate) enum Says {
    /// This, and then he hangs up.
    Bytes(Vec<u8>),
    /// This, and then nothing more.
    AndStays(Vec<u8>),
    /// This again and again.
    ForEver(Vec<u8>),
}

/// Ends with the test.
pub(crate) struct Vendor {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<(Says, Vec<String>)>>,
    task: JoinHandle<()>,
}

impl Vendor {
    pub(crate) async fn that(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new((says, Vec::new())));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, Arc::clone(&shared)));
            }
        });
        Self { address, state, task }
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn now(&self, says: Says) {
        self.state.lock().unwrap().0 = says;
    }

    /// What he was asked: the first line of each request.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().1.clone()
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<(Says, Vec<String>)>>) {
    let (mut request, mut buffer) = (Vec::new(), [0; 1024]);
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(len) => request.extend_from_slice(&buffer[..len]),
        }
    }
    let line = String::from_utf8(request).unwrap().lines().next().unwrap().to_owned();
    let says = {
        let mut state = state.lock().unwrap();
        state.1.push(line);
        state.0.clone()
    };
    match says {
        Says::Bytes(bytes) => drop(stream.write_all(&bytes).await),
        Says::AndStays(bytes) => {
            drop(stream.write_all(&bytes).await);
            std::future::pending::<()>().await;
        }
        Says::ForEver(bytes) => while stream.write_all(&bytes).await.is_ok() {},
    }
}

/// An answer of this status line with these headers and this body.
pub(crate) fn http(status: &str, headers: &str, body: &str) -> Says {
    let length = body.len();
    Says::Bytes(
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into_bytes(),
    )
}

/// A good answer with this body.
pub(crate) fn json(body: &str) -> Says {
    http("200 OK", "content-type: application/json; charset=utf-8\r\n", body)
}
