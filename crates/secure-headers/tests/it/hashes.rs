//! Inline scripts and styles allowed by their text.

use palisade_secure_headers::{Csp, Directive, HeaderSet, SecureHeadersPolicy, Source};

use crate::{answer, lines};

#[test]
fn a_text_has_the_hash_that_others_give_it() {
    // The first is the example of CSP 3, section 8.2; all by `openssl dgst -sha256 -binary | openssl enc -base64`.
    let check = |text, hash: &str| assert_eq!(Source::sha256_of(text).as_str(), hash, "{text:?}");
    check("alert('Hello, world.');", "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
    check("", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    check("a\nb", "'sha256-fhj3NzEbLcOy8mndeDlrA1HxT7Zu+oefdoyyMYGIPHg='");
    check("größe", "'sha256-01OiZxtnr/8JQa5Fblx26TlL1leXdK51QqYYX7mEM4Q='");
}

#[test]
fn lines_end_as_a_browser_reads_them() {
    for text in ["a\r\nb", "a\rb"] {
        assert_eq!(Source::sha256_of(text), Source::sha256_of("a\nb"), "{text:?}");
    }
    assert_ne!(Source::sha256_of(" a\nb"), Source::sha256_of("a\nb"), "white space counts");
}

#[test]
fn a_page_for_everybody_runs_its_own_script_and_may_be_kept() {
    let headers = HeaderSet::strict_static()
        .change_csp(|csp| {
            csp.allow_inline(Directive::ScriptSrc, "alert('Hello, world.');")?
                .allow_inline(Directive::StyleSrc, "p{margin:0}")
        })
        .unwrap();
    let own = [("content-type", "text/html"), ("cache-control", "public, max-age=600")];
    let answer = answer(&SecureHeadersPolicy::new(headers), &own);
    let csp = lines(&answer, "content-security-policy").unwrap();
    let script = "; script-src 'self' 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=';";
    assert!(csp.contains(script), "{csp}");
    assert!(csp.contains("; style-src 'self' 'sha256-"), "{csp}");
    assert_eq!(lines(&answer, "cache-control").as_deref(), Some("public, max-age=600"));
}

#[test]
fn a_hash_that_would_turn_off_what_is_allowed_inline_is_refused() {
    let csp = || "style-src 'self' 'unsafe-inline'; img-src *".parse::<Csp>().unwrap();
    let error = csp().allow_inline(Directive::StyleSrc, "p{}").unwrap_err().to_string();
    assert!(error.contains("which a browser ignores beside a hash"), "{error}");
    // Beside a nonce it is ignored already.
    let fallback: Csp = "script-src 'nonce' 'unsafe-inline'".parse().unwrap();
    assert!(fallback.allow_inline(Directive::ScriptSrc, "a()").is_ok());
    let error = csp().allow_inline(Directive::ImgSrc, "p{}").unwrap_err().to_string();
    assert!(error.contains("mean nothing there"), "{error}");
}

#[test]
fn a_hash_takes_the_place_of_none() {
    let csp: Csp = "script-src 'none'".parse().unwrap();
    let csp = csp.allow_inline(Directive::ScriptSrc, "").unwrap();
    assert_eq!(csp.to_string(), "script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
}
