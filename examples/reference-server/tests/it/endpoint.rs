//! A small HTTP server of the tests, for what ours asks of others.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// Answers requests on a free port of this machine until it is dropped.
pub(crate) struct Endpoint {
    address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    over: Arc<AtomicBool>,
}

/// A status and a body, for the lines of a request's head.
type Answer = Box<dyn FnMut(&[String]) -> (u16, String) + Send>;

impl Endpoint {
    pub(crate) fn start(answer: impl FnMut(&[String]) -> (u16, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer: Answer = Box::new(answer);
        let (answer, over) = (Arc::new(Mutex::new(answer)), Arc::<AtomicBool>::default());
        let (answers, is_over) = (Arc::clone(&answer), Arc::clone(&over));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                // Whoever went away is answered by nobody.
                drop(serve(stream.unwrap(), &answers));
            }
        });
        Self { address, answer, over }
    }

    /// Answers otherwise from now on.
    pub(crate) fn change(&self, answer: impl FnMut(&[String]) -> (u16, String) + Send + 'static) {
        *self.answer.lock().unwrap() = Box::new(answer);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // The thread waits for a connection: this one, if there comes no other.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(stream: TcpStream, answers: &Mutex<Answer>) -> std::io::Result<()> {
    let mut head = Vec::new();
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let (status, body) = (*answers.lock().unwrap())(&head);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    (&stream).write_all(answer.as_bytes())
}
