//! Another site: a small server of the test's own, whose pages a browser loads.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use reqwest::blocking::Client;

/// Answers on a free port of this machine until it is dropped.
pub(crate) struct Site {
    address: SocketAddr,
    over: Arc<AtomicBool>,
}

/// What a browser asked for.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What it gets.
#[derive(Clone)]
pub(crate) struct Page {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What hop tells hop, and what the length of a changed body changes.
const OF_THE_HOP: [&str; 4] = ["connection", "content-length", "transfer-encoding", "keep-alive"];

// === impl Site ===

impl Site {
    pub(crate) fn start(answer: impl Fn(&Asked) -> Page + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let over = Arc::<AtomicBool>::default();
        let (answer, is_over) = (Arc::new(answer), Arc::clone(&over));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let answer = Arc::clone(&answer);
                // One for each: browsers open connections that they may need some time.
                thread::spawn(move || drop(serve(stream.unwrap(), &*answer)));
            }
        });
        Self { address, over }
    }

    /// These pages, and 404 for all else.
    pub(crate) fn of(pages: impl IntoIterator<Item = (&'static str, Page)>) -> Self {
        let pages: HashMap<_, _> = pages.into_iter().collect();
        Self::start(move |asked| pages.get(&*asked.path).cloned().unwrap_or_else(Page::not_found))
    }

    /// An empty page at `/`.
    pub(crate) fn empty() -> Self {
        Self::of([("/", Page::html(""))])
    }

    /// Stands in front of `base` and answers what it answers, but for what `change` does to a page.
    pub(crate) fn in_front_of(
        base: &str,
        change: impl Fn(Page) -> Page + Send + Sync + 'static,
    ) -> Self {
        let (base, client) = (base.to_owned(), Client::new());
        Self::start(move |asked| {
            let mut request = client
                .request(asked.method.parse().unwrap(), format!("{base}{}", asked.path))
                .body(asked.body.clone());
            for name in ["accept", "authorization", "content-type", "cookie"] {
                if let Some(value) = asked.headers.get(name) {
                    request = request.header(name, value);
                }
            }
            let answer = request.send().unwrap();
            let headers = answer.headers().iter().map(|(name, value)| {
                (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
            });
            let headers = headers.filter(|(name, _)| !OF_THE_HOP.contains(&&**name)).collect();
            let status = answer.status().as_u16();
            change(Page { status, headers, body: answer.bytes().unwrap().to_vec() })
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The same server by another name, which is another site.
    pub(crate) fn url_by_name(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.address.port())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // The thread waits for a connection: this one, if there comes no other.
        drop(TcpStream::connect(self.address));
    }
}

// === impl Page ===

impl Page {
    /// A page with this in its body. It asks for no icon.
    pub(crate) fn html(body: &str) -> Self {
        let body = format!(
            "<!doctype html><html><head><title>Other</title><link rel=\"icon\" href=\"data:,\"></head><body>{body}</body></html>"
        );
        Self::of("text/html; charset=utf-8", &body)
    }

    pub(crate) fn of(media_type: &str, body: &str) -> Self {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Self { status: 200, headers, body: body.into() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// Its body, as far as it is text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Puts something in front of the first place where `mark` stands.
    pub(crate) fn insert_before(mut self, mark: &str, markup: &str) -> Self {
        let body = self.text().replacen(mark, &format!("{markup}{mark}"), 1);
        self.body = body.into();
        self
    }

    fn not_found() -> Self {
        Self { status: 404, headers: Vec::new(), body: Vec::new() }
    }
}

fn serve(stream: TcpStream, answer: &dyn Fn(&Asked) -> Page) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(()) };
    let mut headers = HashMap::new();
    for line in reader.by_ref().lines() {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let page = answer(&Asked { method, path, headers, body });
    let mut head = format!("HTTP/1.1 {} Answer\r\n", page.status);
    for (name, value) in &page.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", page.body.len()));
    (&stream).write_all(&[head.as_bytes(), &page.body].concat())
}
