//! Pages made by template engines carry the nonce of their header.

use palisade_secure_headers::{CspNonce, SecureHeadersPolicy};

use crate::{answer_of, lines, over_tls, split_nonces};

const INJECTED: &str = "<script>alert(1)</script>";

/// Many times, since one nonce in three holds no `/` and no `+`.
fn check(render: impl Fn(CspNonce) -> String) {
    for _ in 0..50 {
        let policy = SecureHeadersPolicy::strict();
        let (answer, context) = answer_of(&policy, over_tls(), None, &[]);
        let page = render(context.attached().unwrap());
        let sent = split_nonces(&lines(&answer, "content-security-policy").unwrap()).1.remove(0);
        assert!(page.contains(&format!("<script nonce=\"{sent}\">run()</script>")), "{page}");
        assert!(!page.contains(INJECTED), "the rest is escaped: {page}");
    }
}

#[cfg(feature = "askama")]
#[test]
fn askama_writes_the_nonce_as_it_is() {
    use askama::Template;

    #[derive(Template)]
    #[template(
        ext = "html",
        source = r#"<p>{{ name }}</p><script nonce="{{ nonce }}">run()</script>"#
    )]
    struct Page {
        name: &'static str,
        nonce: CspNonce,
    }

    check(|nonce| Page { name: INJECTED, nonce }.render().unwrap());
}

#[cfg(feature = "minijinja")]
#[test]
fn minijinja_writes_the_nonce_as_it_is() {
    use minijinja::{AutoEscape, Environment, context};

    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    let source = r#"<p>{{ name }}</p><script nonce="{{ nonce }}">run()</script>"#;
    check(|nonce| templates.render_str(source, context! { name => INJECTED, nonce }).unwrap());
}
