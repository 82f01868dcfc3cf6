//! Puts the rules of files in front of one's own axum service, and nothing else but who is asking.
//!
//! Run with `cargo run -p example-file-rules`. `curl http://127.0.0.1:3005/files/public/hello.txt` says hello;
//! `curl http://127.0.0.1:3005/files/teams/plan.md` asks for a token, and bob's reads it:
//!
//! ```sh
//! TOKEN=$(JWT_SECRET='32 bytes or more, from your vault' JWT_ISSUER=https://id.example JWT_AUDIENCE=files palisade-server token --user bob)
//! curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:3005/files/teams/plan.md
//! curl -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:3005/files/teams?glob=**/*.md"
//! ```

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    Router,
    extract::{Query, State},
    routing::get,
};
use http::{StatusCode, request::Parts};
use palisade::{
    authn_jwt::{Issuer, Keys, OptionalAuth, ProtectedRoutes, Verifier},
    core::{Clock, Code, GateLayer, Policies, Rejection, RejectionKind, SecurityContext},
    problem::ProblemLayer,
    vfs_acl::{
        Acl, AclHandle, Action, Caller, DefaultAccess, Listing, Mount, PathError, Pattern,
        Permitted, Principal, Rule, VfsPath, VfsPolicy,
    },
};
use serde::Deserialize;

const SECRET: &[u8] = b"32 bytes or more, from your vault";
/// The words of the layer for what one may not know of: what is not there is told in the same.
const NOTHING: Code = Code::new("not-found", "There is no such thing");
const NO_PATTERN: Code = Code::new("invalid-request", "The request is not valid");

/// What handlers work with. Files in memory: yours are elsewhere, and found by the path of [`Permitted`] as well.
struct Service {
    rules: AclHandle,
    files: RwLock<BTreeMap<VfsPath, String>>,
    clock: Clock,
}

#[derive(Deserialize)]
struct Asked {
    glob: Option<String>,
}

/// Who may do what. In earnest this is read from where you keep it, and [`AclHandle::replace`] takes over what is changed there.
fn rules() -> Result<Acl, Box<dyn Error>> {
    let bob = || Principal::user_of("https://id.example", "bob");
    Ok(Acl::builder()
        .mount(Mount::at("public").default_access(DefaultAccess::ReadForAnyone))
        .mount(Mount::at("teams").owner(Principal::role("editor")))
        .rule(Rule::grant("teams", bob(), [Action::Read, Action::List]))
        .rule(Rule::deny("teams", Principal::Anyone, Action::Read).matching("**/*.key"))
        .build()?)
}

/// What a request wants with which path: the one place where the path is read.
fn locate(head: &Parts) -> Result<Option<(VfsPath, Action)>, PathError> {
    let Some(path) = head.uri.path().strip_prefix("/files/") else { return Ok(None) };
    let Some(action) = Action::of_method(&head.method) else { return Ok(None) };
    let lists = action == Action::Read && head.uri.query().is_some();
    let action = if lists { Action::List } else { action };
    Ok(Some((VfsPath::parse_encoded(path)?, action)))
}

fn app() -> Result<Router, Box<dyn Error>> {
    let rules = AclHandle::new(rules()?);
    let issuer = Issuer::new("https://id.example", Keys::hs256(SECRET)?).audience("files");
    // Whoever has no token may ask: the rules say what for.
    let who =
        OptionalAuth::new(Verifier::new(issuer)?).protected_routes(ProtectedRoutes::LetAnonymousIn);
    let policies = who.then(VfsPolicy::new(rules.clone(), locate));
    let files =
        [("public/hello.txt", "hello\n"), ("teams/plan.md", "A plan.\n"), ("teams/a.key", "")];
    let files = files.map(|(path, content)| Ok((VfsPath::parse(path)?, content.to_owned())));
    let files = RwLock::new(files.into_iter().collect::<Result<_, PathError>>()?);
    let service = Arc::new(Service { rules, files, clock: Clock::system() });
    Ok(Router::new()
        .route("/files/{*path}", get(read).put(write))
        .with_state(service)
        .layer(GateLayer::new(policies))
        .layer(ProblemLayer::new()))
}

/// A file; or with `?glob=`, the names below a folder.
async fn read(
    State(service): State<Arc<Service>>,
    Query(asked): Query<Asked>,
    context: SecurityContext,
) -> Result<String, Rejection> {
    let permitted = permitted(&context)?;
    // By what was decided, and not by the request once more: who may list need not be one who may read.
    if permitted.action() == Action::List {
        return list(&service, &permitted, &context, asked.glob.as_deref().unwrap_or("*"));
    }
    let files = service.files.read().unwrap_or_else(PoisonError::into_inner);
    files.get(permitted.path()).cloned().ok_or_else(nothing)
}

async fn write(
    State(service): State<Arc<Service>>,
    context: SecurityContext,
    body: String,
) -> Result<StatusCode, Rejection> {
    let permitted = permitted(&context)?;
    let mut files = service.files.write().unwrap_or_else(PoisonError::into_inner);
    files.insert(permitted.path().clone(), body);
    Ok(StatusCode::NO_CONTENT)
}

/// Offers every name to a listing, which keeps those that match and that whoever asks is shown.
fn list(
    service: &Service,
    permitted: &Permitted,
    context: &SecurityContext,
    glob: &str,
) -> Result<String, Rejection> {
    let no_pattern = |error: &dyn Error| {
        Rejection::new(RejectionKind::Invalid, NO_PATTERN).detail(error.to_string())
    };
    let pattern = Pattern::new(glob).map_err(|error| no_pattern(&error))?;
    let caller = Caller::from(context.identity());
    let listing = Listing::new(&service.rules, caller, pattern).below(permitted.path().clone());
    let files = service.files.read().unwrap_or_else(PoisonError::into_inner);
    let page = listing.page(files.keys().cloned(), || service.clock.now().wall());
    let page = page.map_err(|error| no_pattern(&error))?;
    let names: Vec<_> = page.paths().iter().map(VfsPath::as_str).collect();
    Ok(names.join("\n"))
}

/// What the layer allowed: the path and the action that were decided about, and no others. Where it decided about nothing, because
/// `locate` passed over the request, there is none, and nothing is allowed.
fn permitted(context: &SecurityContext) -> Result<Permitted, Rejection> {
    context.attached::<Permitted>().ok_or_else(nothing)
}

fn nothing() -> Rejection {
    Rejection::new(RejectionKind::NotFound, NOTHING)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3005").await?;
    Ok(axum::serve(listener, app()?).await?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use palisade_authn_jwt::mint::DevIssuer;
    use tower::ServiceExt as _;

    use super::*;

    fn token(user: &str, roles: &[&str]) -> String {
        let issuer = DevIssuer::hs256(SECRET).unwrap().name("https://id.example").audience("files");
        issuer.token(user, roles, Duration::from_secs(60), Clock::system().now().wall()).unwrap()
    }

    /// The status of an answer, and its content.
    async fn ask(app: &Router, method: &str, path: &str, token: Option<&str>) -> (u16, String) {
        let request = Request::builder().method(method).uri(path);
        let request = token.iter().fold(request, |request, token| {
            request.header("authorization", format!("Bearer {token}"))
        });
        let answer = app.clone().oneshot(request.body(Body::from("new")).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_reads_lists_and_writes_what_the_rules_let_him() {
        let app = app().unwrap();
        let (bob, eve) = (token("bob", &[]), token("eve", &["editor"]));
        let (status, content) = ask(&app, "GET", "/files/public/hello.txt", None).await;
        assert_eq!((status, &*content), (200, "hello\n"));
        for (method, path, who, expected) in [
            ("GET", "/files/teams/plan.md", None, 401),
            ("GET", "/files/teams/plan.md", Some(&bob), 200),
            ("PUT", "/files/teams/plan.md", Some(&bob), 403),
            ("PUT", "/files/teams/plan.md", Some(&eve), 204),
            ("GET", "/files/teams/a.key", Some(&eve), 403),
            ("GET", "/files/teams/none.md", Some(&bob), 404),
            ("GET", "/files/teams/..%2fpublic/hello.txt", Some(&bob), 400),
            ("GET", "/files/elsewhere", Some(&bob), 404),
            ("GET", "/files/public/hello.txt?some=query", None, 200),
        ] {
            let (status, _) = ask(&app, method, path, who.map(String::as_str)).await;
            assert_eq!(status, expected, "{method} {path}");
        }
        let (_, plan) = ask(&app, "GET", "/files/teams/plan.md", Some(&bob)).await;
        assert_eq!(plan, "new");
        let (status, names) = ask(&app, "GET", "/files/teams?glob=**/*.md", Some(&bob)).await;
        assert_eq!((status, &*names), (200, "teams/plan.md"));
        // Whatever the query is, what was decided is what is done.
        let (_, names) = ask(&app, "GET", "/files/public/hello.txt?some=query", None).await;
        assert_eq!(names, "", "it is listed, and not read");
    }
}
