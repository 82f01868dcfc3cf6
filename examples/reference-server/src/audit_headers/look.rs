//! What a look at a URL shows.

use std::fmt;

use axum::body::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode, Uri, header, uri::Scheme as UriScheme,
};
use http_body_util::Empty;
use palisade::secure_headers::audit::{Answer, Page, PlainHttp, Report, Scheme};
use serde_json::{Value, json};

use super::{
    client::{Came, Certificates, Client},
    location::location,
    render,
};
use crate::app::StartError;

/// Who asks whether other origins may read: nobody's.
const ORIGIN: &str = "https://palisade-audit.example";
/// So many redirects are followed from plain HTTP.
const MOST_HOPS: usize = 5;

/// What a look at a URL shows.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) answer: Answer,
    uri: Uri,
    status: StatusCode,
    /// From plain HTTP, the first and the last included.
    route: Vec<Uri>,
    /// Where the last answer leads to: nobody went there.
    leads_to: Option<Uri>,
    notes: Vec<&'static str>,
}

/// Where the server stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// Here it is asked as by anybody.
    InFront,
    /// It is asked as by a proxy that speaks TLS in front of it.
    BehindTls,
}

// === impl Look ===

impl Look {
    /// Asks for `uri`, and what other origins may do there.
    pub(crate) async fn at(client: &Client, uri: Uri, place: Place) -> Result<Self, StartError> {
        let request = |method, uri: &Uri| request(method, uri, place);
        let mut route = vec![uri.clone()];
        let mut uri = uri;
        let (mut asked, mut came) = client.ask(request(Method::GET, &uri)).await?;
        while uri.scheme() == Some(&UriScheme::HTTP) && route.len() <= MOST_HOPS {
            let Some(next) = location(&uri, &asked) else { break };
            route.push(next.clone());
            (asked, came) = client.ask(request(Method::GET, &next)).await?;
            uri = next;
        }
        let mut answer = read(&uri, &asked);
        let mut notes = notes(client, &uri, came);
        match client.head(preflight(request(Method::OPTIONS, &uri))).await {
            Ok(told) => answer = answer.cross_origin(ORIGIN, told.headers().clone()),
            Err(_) => notes.push("the preflight of a foreign origin was not answered"),
        }
        if route.first().is_some_and(is_https) {
            notes.push("plain HTTP was not asked: begin with an http URL to see where that leads");
        } else {
            answer = answer.plain_http(PlainHttp::Route(route.clone()));
        }
        let (status, leads_to) = (asked.status(), location(&uri, &asked));
        let look = Self { answer, uri, status, route, leads_to, notes };
        Ok(if place == Place::BehindTls { look.behind_tls() } else { look })
    }

    /// As if a proxy in front spoke TLS.
    fn behind_tls(mut self) -> Self {
        if !is_https(&self.uri) {
            self.answer = self.answer.over(Scheme::Https).plain_http(PlainHttp::Closed);
            self.notes.push("graded as if a proxy in front spoke TLS");
        }
        self
    }

    /// For programs.
    pub(crate) fn json(&self, reports: &[Report]) -> Value {
        let route: Vec<String> = self.route.iter().map(Uri::to_string).collect();
        json!({
            "url": self.uri.to_string(),
            "status": self.status.as_u16(),
            "route": route,
            "leadsTo": self.leads_to.as_ref().map(Uri::to_string),
            "notes": self.notes,
            "reports": reports.iter().map(render::json).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for uri in self.route.iter().filter(|uri| **uri != self.uri) {
            writeln!(f, "{uri}: redirects")?;
        }
        writeln!(f, "{}: {}", self.uri, self.status)?;
        if let Some(target) = &self.leads_to {
            writeln!(
                f,
                "  it redirects to {target}, which was not followed: ask for that instead"
            )?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))
    }
}

/// What is to be known about how an answer came.
fn notes(client: &Client, uri: &Uri, came: Came) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if client.certificates() == Certificates::Any && is_https(uri) {
        notes.push("the certificate was not checked");
    }
    match came {
        Came::Whole => {}
        Came::TooMuch => notes.push("only the first 2 MiB of its body were looked at"),
        Came::InPart => {
            notes.push("its body did not end within 5 s, or broke off: what came was looked at");
        }
    }
    notes
}

fn request(method: Method, uri: &Uri, place: Place) -> Request<Empty<Bytes>> {
    const AGENT: &str = concat!("palisade-server/", env!("CARGO_PKG_VERSION"), " audit-headers");
    const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let mut request = Request::new(Empty::new());
    *request.method_mut() = method;
    *request.uri_mut() = uri.clone();
    let headers = request.headers_mut();
    headers.insert(header::USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
    if place == Place::BehindTls {
        headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
    }
    request
}

fn preflight(mut request: Request<Empty<Bytes>>) -> Request<Empty<Bytes>> {
    let headers = request.headers_mut();
    headers.insert(header::ORIGIN, HeaderValue::from_static(ORIGIN));
    headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("GET"));
    request
}

fn read(uri: &Uri, asked: &Response<Vec<u8>>) -> Answer {
    let scheme = if is_https(uri) { Scheme::Https } else { Scheme::Http };
    Answer::from(asked)
        .over(scheme)
        .host(uri.host().unwrap_or_default())
        .page(Page::read(&String::from_utf8_lossy(asked.body())))
}

fn is_https(uri: &Uri) -> bool {
    uri.scheme() == Some(&UriScheme::HTTPS)
}
