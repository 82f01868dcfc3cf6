//! Mistakes are told when the headers are built, with what was probably meant.

use palisade_core::ConfigError;
use palisade_secure_headers::{
    Csp, Directive, FrameOptions, PermissionsPolicy, ReferrerPolicy, Source,
};

/// The message of `text` as a source of `img-src`.
fn refused(text: &str) -> String {
    let both = ["'self'", text];
    let error = Csp::new().directive(Directive::ImgSrc, both).expect_err(text);
    error.to_string()
}

fn meant(text: &str, meant: &str) {
    // An error escapes what it quotes.
    let message = text.parse::<Source>().expect_err(text).to_string().replace("\\'", "'");
    assert!(message.ends_with(&format!("did you mean `{meant}`?")), "{message}");
}

#[test]
fn h5_what_could_end_a_source_a_directive_or_a_header_is_refused() {
    let hostile = [
        "",
        " ",
        "a.example b.example",
        "a.example\r\nset-cookie: a=b",
        "a.example\n",
        "\ra.example",
        "a.example;",
        ";script-src *",
        "a.example,b.example",
        "a.example\t",
        "a.example\0",
        "a.example\u{7f}",
        "bücher.example",
        "https://a.example/a;b",
        "https://a.example/a,b",
        "a.example\u{a0}",
        "a.example\u{2028}",
    ];
    for text in hostile {
        let message = refused(text);
        assert!(message.contains("one word of visible ASCII"), "{message}");
        assert!(!message.contains(['\r', '\n']), "one mistake is one line: {message:?}");
        assert!(text.parse::<Source>().is_err());
        assert!(Csp::new().allow(Directive::ReportUri, text).is_err(), "{text:?}");
        assert!(Csp::new().allow(Directive::ReportTo, text).is_err(), "{text:?}");
        assert!(Csp::new().allow(Directive::TrustedTypes, text).is_err(), "{text:?}");
        assert!(Csp::new().allow(Directive::Sandbox, text).is_err(), "{text:?}");
        assert!(PermissionsPolicy::new().allow("camera", [text]).is_err(), "{text:?}");
        assert!(PermissionsPolicy::new().deny(text).is_err(), "{text:?}");
    }
    assert!("default-src 'self'\r\nx: y".parse::<Csp>().is_err());
    assert!("default-src 'self', script-src *".parse::<Csp>().is_err());
}

#[test]
fn a_keyword_without_quotes_is_named() {
    meant("self", "'self'");
    meant("NONE", "'none'");
    meant("unsafe-inline", "'unsafe-inline'");
    meant("strict-dynamic", "'strict-dynamic'");
    meant("nonce", "'nonce'");
    meant("nonce-abc", "'nonce'");
    meant("\"self\"", "'self'");
    meant("'self", "'self'");
    meant(
        "sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc=",
        "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='",
    );
}

#[test]
fn a_wrong_keyword_names_the_right_one() {
    meant("'slef'", "'self'");
    meant("'unsafe-inlin'", "'unsafe-inline'");
    meant("'strict-dynamics'", "'strict-dynamic'");
    meant("'example.org'", "example.org");
    assert!(
        "'quite-wrong'".parse::<Source>().unwrap_err().to_string().contains("`'strict-dynamic'`")
    );
}

#[test]
fn a_word_of_another_header_or_language_is_not_taken_for_a_host() {
    meant("DENY", "'none'");
    meant("sameorigin", "'self'");
    meant("slef", "'self'");
    meant("all", "*");
    meant("unsafe_inline", "'unsafe-inline'");
    meant("strictdynamic", "'strict-dynamic'");
    meant("self:", "'self'");
    meant("$nonce", "'nonce'");
    meant("{{nonce}}", "'nonce'");
    meant("`self`", "'self'");
    meant("\u{2018}self\u{2019}", "'self'");
    meant("\u{201c}example.org\u{201d}", "example.org");
    // Names of machines that look alike are no slips.
    for host in
        ["node", "shelf", "elf", "data.example", "nonce.example", "deny.example", "https.example"]
    {
        assert!(host.parse::<Source>().is_ok(), "{host}");
    }
}

#[test]
fn an_address_that_is_nearly_one_names_the_right_one() {
    meant("https://a.example,", "https://a.example");
    meant("a.example;", "a.example");
    meant("//cdn.example.org", "cdn.example.org");
    meant("/fonts/", "'self'");
    meant("./fonts", "'self'");
    meant("https//a.example", "https://a.example");
    meant("http:a.example", "http://a.example");
    meant("data:image/png", "data:");
}

#[test]
fn a_directive_of_former_times_tells_what_is_done_today() {
    let check = |text: &str, word: &str| {
        let message = text.parse::<Csp>().expect_err(text).to_string();
        assert!(message.contains(word), "{message}");
    };
    check("block-all-mixed-content", "block such content by themselves");
    check("plugin-types application/pdf", "`object-src 'none'`");
    check("referrer no-referrer", "the header `Referrer-Policy`");
    check("Content-Security-Policy: default-src 'self'", "without the name of the header");
    check("trusted-types none", "did you mean `'none'`?");
    check("trusted-types 'app'", "did you mean `app`?");
    check("script-src 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk='", "`'sha384-…'`");
}

#[test]
fn a_nonce_from_a_configuration_is_refused() {
    let message = "'nonce-abc123'".parse::<Source>().unwrap_err().to_string();
    assert!(message.contains("differs in every answer"), "{message}");
}

#[test]
fn a_scheme_without_its_colon_is_named() {
    meant("data", "data:");
    meant("https", "https:");
    meant("blob", "blob:");
}

#[test]
fn hosts_are_read_as_a_browser_reads_them() {
    let good = [
        "*",
        "localhost",
        "example.org",
        "*.example.org",
        "https://example.org",
        "wss://*.example.org:443",
        "example.org:*",
        "example.org/a/b.js",
        "https://example.org/a%3Bb",
        "127.0.0.1:8080",
        "https:",
        "app:",
        "HTTPS://EXAMPLE.org",
        "*:8080",
    ];
    for text in good {
        assert_eq!(text.parse::<Source>().expect(text).as_str(), text);
    }
    let bad = [
        ("a.*.example", "first label"),
        ("**.example", "first label"),
        ("*example.org", "first label"),
        ("a..b", "letters"),
        (".a", "letters"),
        ("a.example.", "letters"),
        ("a_b.example", "letters"),
        ("user@a.example", "password"),
        ("https://a.example?x=1", "query"),
        ("javascript:", "inline script"),
        ("a.example:0", "port"),
        ("a.example:65536", "port"),
        ("a.example:http", "port"),
        ("https://[::1]", "IPv6"),
        ("a.example/x?y=1", "path"),
        ("a.example/#x", "path"),
        ("a.example/%zz", "hexadecimal"),
        ("a.example/%2", "hexadecimal"),
        ("1s://a.example", "scheme"),
        ("https:///path", "letters"),
        ("/path", "letters"),
        ("a.example/'x'", "path"),
    ];
    for (text, word) in bad {
        let message = text.parse::<Source>().expect_err(text).to_string();
        assert!(message.contains(word), "{text}: {message}");
    }
}

#[test]
fn hashes_have_the_length_of_their_algorithm() {
    assert!("'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='".parse::<Source>().is_ok());
    assert!("'sha384-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='".parse::<Source>().is_err());
    assert!("'sha256-'".parse::<Source>().is_err());
    assert!("'sha256-RFWPLDbv2BY!rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='".parse::<Source>().is_err());
}

#[test]
fn sources_that_mean_nothing_in_a_directive_are_refused() {
    let check = |directive, source, word: &str| {
        let message = Csp::new().allow(directive, source).expect_err(source).to_string();
        assert!(message.contains(word), "{message}");
    };
    check(Directive::FrameAncestors, "'unsafe-inline'", "`frame-ancestors`");
    check(Directive::ImgSrc, "'nonce'", "`img-src`");
    check(Directive::BaseUri, "'strict-dynamic'", "`base-uri`");
    check(Directive::UpgradeInsecureRequests, "'self'", "no word");
    check(Directive::Sandbox, "allow-script", "did you mean `allow-scripts`?");
    check(Directive::RequireTrustedTypesFor, "script", "'script'");
    check(Directive::ReportTo, "My Group", "visible ASCII");
    check(Directive::ReportTo, "Group", "lower-case");
    check(Directive::ReportUri, "ftp://a.example/x", "https://");
    check(Directive::ReportUri, "//a.example/x", "https://");
}

#[test]
fn sources_that_contradict_each_other_are_refused() {
    let check = |text: &str, word: &str| {
        let message = text.parse::<Csp>().expect_err(text).to_string();
        assert!(message.contains(word), "{message}");
    };
    check("default-src 'none' 'self'", "`'none'` alone");
    check("script-src 'strict-dynamic' https:", "no script runs");
    check("default-src", "at least one source");
    check("default-src 'self'; default-src *", "each directive once");
    check("defualt-src 'self'", "did you mean `default-src`?");
    check("report-to a b", "one endpoint");
    check("report-uri", "address");
    check("require-trusted-types-for", "`'script'`");
    check("trusted-types 'none' a", "`'none'` alone");
}

#[test]
fn directives_without_sources_are_built_of_their_own_words() {
    let text = "sandbox allow-scripts allow-forms; upgrade-insecure-requests; require-trusted-types-for 'script'; \
                trusted-types app 'allow-duplicates'; report-uri /csp https://r.example/csp?v=1; report-to csp";
    assert_eq!(text.parse::<Csp>().unwrap().to_string(), text);
}

#[test]
fn an_allowed_source_takes_the_place_of_none_and_is_not_told_twice() {
    let csp = Csp::new().allow(Directive::ObjectSrc, "'none'").unwrap();
    let csp = csp.allow(Directive::ObjectSrc, "a.example").unwrap();
    let csp = csp.allow(Directive::ObjectSrc, "a.example").unwrap();
    assert_eq!(csp.to_string(), "object-src a.example");
    assert!(csp.without(Directive::ObjectSrc).is_empty());
}

#[test]
fn permissions_are_written_and_refused_in_their_own_notation() {
    let policy = PermissionsPolicy::new()
        .allow_self("payment")
        .and_then(|policy| policy.allow("camera", ["self", "https://*.a.example:8443"]))
        .and_then(|policy| policy.deny("payment"))
        .unwrap();
    assert_eq!(policy.to_string(), "payment=(), camera=(self \"https://*.a.example:8443\")");
    let refused = |origin: &str| {
        let error: ConfigError =
            PermissionsPolicy::new().allow("camera", [origin]).expect_err(origin);
        error.to_string()
    };
    assert!(refused("'self'").ends_with("did you mean `self`?"));
    assert!(refused("https://a.example/path").contains("without a path"));
    for slip in ["https://a.example/", "a.example", "\"https://a.example\""] {
        assert!(refused(slip).ends_with("did you mean `https://a.example`?"), "{slip}");
    }
    for origin in
        ["*", "none", "a.example", "ftp://a.example", "https://", "https://*", "https://a\"b"]
    {
        refused(origin);
    }
    let none: [&str; 0] = [];
    assert!(PermissionsPolicy::new().allow("camera", none).is_err());
    let error = PermissionsPolicy::new().deny("Camera").unwrap_err().to_string();
    assert!(error.ends_with("did you mean `camera`?"), "{error}");
    let error = PermissionsPolicy::new().deny("camera=()").unwrap_err().to_string();
    assert!(error.ends_with("did you mean `camera`?"), "{error}");
}

#[test]
fn a_wrong_word_of_a_small_header_names_the_right_one() {
    let error = "strict-origin-when-crossorigin".parse::<ReferrerPolicy>().unwrap_err().to_string();
    assert!(error.ends_with("did you mean `strict-origin-when-cross-origin`?"), "{error}");
    let error = "allow-from https://a.example".parse::<FrameOptions>().unwrap_err().to_string();
    assert!(error.contains("one of `deny`, `sameorigin`"), "{error}");
    assert!(error.contains("`frame-ancestors`"), "{error}");
}
