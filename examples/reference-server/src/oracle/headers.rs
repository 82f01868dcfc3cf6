//! `{"headers": [[name, value], …], "https": true}` -> a report for each set of rules.
//!
//! What else may be known: `status`, `host`, `page` (HTML), `plainHttp` (`"closed"`, `"untrusted"`, or the URLs that redirects
//! lead through), `origin` with `preflight` (what a foreign origin was answered), `untrusted` and `preloaded`.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use palisade::secure_headers::audit::{Answer, Page, PlainHttp, Scheme};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::audit_headers::{named, render};

type Headers = Vec<(String, String)>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Question {
    headers: Headers,
    #[serde(default)]
    https: Flag,
    #[serde(default)]
    untrusted: Flag,
    #[serde(default)]
    preloaded: Flag,
    status: Option<u16>,
    host: Option<String>,
    page: Option<String>,
    plain_http: Option<Plain>,
    origin: Option<String>,
    preflight: Option<Headers>,
}

/// Yes or no; no, if nothing is said.
#[derive(Default, Deserialize)]
#[serde(transparent)]
struct Flag(bool);

#[derive(Deserialize)]
#[serde(untagged)]
enum Plain {
    Word(String),
    Route(Vec<String>),
}

pub(super) fn answer(question: &Question) -> Result<Value, String> {
    let answer = read(question)?;
    let report = |(name, rules): (&str, palisade::secure_headers::audit::RuleSet)| {
        (name.to_owned(), render::json(&rules.audit(&answer)))
    };
    Ok(Value::Object(named().into_iter().map(report).collect::<Map<_, _>>()))
}

fn read(question: &Question) -> Result<Answer, String> {
    let status = StatusCode::from_u16(question.status.unwrap_or(200)).map_err(|e| e.to_string())?;
    let scheme = match (question.https.0, question.untrusted.0) {
        (false, _) => Scheme::Http,
        (true, false) => Scheme::Https,
        (true, true) => Scheme::UntrustedHttps,
    };
    let mut answer = Answer::new(status, headers(&question.headers)?).over(scheme);
    if let Some(host) = &question.host {
        answer = answer.host(host);
    }
    if let Some(html) = &question.page {
        answer = answer.page(Page::read(html));
    }
    if let Some(plain) = &question.plain_http {
        answer = answer.plain_http(plain_http(plain)?);
    }
    if question.origin.is_some() || question.preflight.is_some() {
        let told = headers(question.preflight.as_ref().unwrap_or(&question.headers))?;
        answer = answer.cross_origin(question.origin.clone().unwrap_or_default(), told);
    }
    if question.preloaded.0 {
        answer = answer.preloaded();
    }
    Ok(answer)
}

fn headers(list: &Headers) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        let known = HeaderName::try_from(name).map_err(|error| format!("`{name}`: {error}"))?;
        let value = HeaderValue::from_bytes(value.as_bytes());
        let value = value.map_err(|error| format!("`{name}`: {error}"))?;
        let appended = headers.try_append(known, value);
        appended.map_err(|_| "there are more headers than an answer can have".to_owned())?;
    }
    Ok(headers)
}

fn plain_http(plain: &Plain) -> Result<PlainHttp, String> {
    match plain {
        Plain::Word(word) if word == "closed" => Ok(PlainHttp::Closed),
        Plain::Word(word) if word == "untrusted" => Ok(PlainHttp::Untrusted),
        Plain::Word(word) => Err(format!("`{word}`: expected `closed`, `untrusted` or URLs")),
        Plain::Route(urls) => {
            let route: Result<Vec<Uri>, _> = urls.iter().map(|url| url.parse()).collect();
            Ok(PlainHttp::Route(route.map_err(|error| error.to_string())?))
        }
    }
}
