//! Where reports are sent: names and addresses that a browser would obey, and no others.

use palisade_core::Transport;
use palisade_secure_headers::{
    Csp, CspNonce, Header, HeaderSet, ReportingEndpoints, SecureHeadersPolicy,
};
use palisade_test_support::Ask;

use crate::{answer, answer_of, header_of, lines, split_nonces};

fn refused(name: &str, address: &str) -> String {
    ReportingEndpoints::new().endpoint(name, address).expect_err(address).to_string()
}

#[test]
fn endpoints_are_a_dictionary_of_strings() {
    let good = [
        "/api/csp-reports",
        "/r?source=csp&x=1",
        "https://reports.example.org",
        "https://reports.example.org:8443/a%20b",
        "http://localhost:3000/r",
        "http://a.localhost/r",
        "http://127.0.0.1:3000/r",
    ];
    for address in good {
        let endpoints = ReportingEndpoints::new().endpoint("csp", address).expect(address);
        assert_eq!(endpoints.address_of("csp"), Some(address));
        let sent = header_of(
            HeaderSet::empty().reporting_endpoints(endpoints),
            Header::ReportingEndpoints.name().as_str(),
        );
        assert_eq!(sent.unwrap(), format!("csp=\"{address}\""));
    }
    let two = ReportingEndpoints::new()
        .endpoint("csp", "/a")
        .and_then(|two| two.endpoint("default", "/b"))
        .and_then(|two| two.endpoint("csp", "/c"))
        .unwrap();
    assert_eq!(two.to_string(), "csp=\"/c\", default=\"/b\"", "a name has one address");
}

#[test]
fn what_a_browser_would_not_report_to_is_refused_with_what_was_meant() {
    let meant = |address, meant: &str| {
        let message = refused("csp", address);
        assert!(message.ends_with(&format!("did you mean `{meant}`?")), "{message}");
    };
    meant("http://reports.example.org/r", "https://reports.example.org/r");
    meant("http://localhost.example.org/r", "https://localhost.example.org/r");
    meant("http://128.0.0.1/r", "https://128.0.0.1/r");
    meant("//reports.example.org/r", "https://reports.example.org/r");
    meant("api/csp-reports", "/api/csp-reports");
    for address in [
        "",
        "ftp://a.example/r",
        "https://",
        "https:///r",
        "https://*.example.org/r",
        "https://a.example/r\"; x=\"",
        "https://a.example/r\r\nset-cookie: a=b",
        "https://a.example/\\",
        "https://a.example/r#here",
        "/r, evil=\"https://evil.example\"",
        "javascript:alert(1)",
        "/bücher",
    ] {
        let message = refused("csp", address);
        assert!(!message.contains(['\r', '\n']), "{message:?}");
    }
}

#[test]
fn a_name_is_a_key_of_a_structured_dictionary() {
    assert!(refused("Csp", "/r").ends_with("did you mean `csp`?"));
    assert!(refused("\"csp\"", "/r").ends_with("did you mean `csp`?"));
    for name in ["", "1csp", "a b", "a=b", "a;b", "a,b", "bücher", "-a"] {
        let message = refused(name, "/r");
        assert!(message.contains("lower-case letters"), "{message}");
    }
    // What a policy may name is what may be an endpoint.
    assert!("report-to Csp".parse::<Csp>().unwrap_err().to_string().contains("did you mean"));
}

#[test]
fn reports_of_both_policies_are_asked_for_both_ways_over_tls_and_one_way_where_that_is_not_known() {
    let headers = HeaderSet::polymech()
        .csp_report_only("script-src 'nonce'".parse().unwrap())
        .report_csp("csp", "/api/csp-reports")
        .unwrap();
    let policy = SecureHeadersPolicy::new(headers);
    let one_way = "; report-uri /api/csp-reports";
    let both_ways = "; report-uri /api/csp-reports; report-to csp";
    let transports =
        [(Some(Transport::Secure), both_ways), (Some(Transport::Plain), one_way), (None, one_way)];
    for (transport, tail) in transports {
        let ask = Ask::get("/");
        let ask = if let Some(transport) = transport { ask.over(transport) } else { ask };
        let (answer, context) = answer_of(&policy, ask, None, &[]);
        let endpoints = lines(&answer, "reporting-endpoints");
        assert_eq!(endpoints.as_deref(), Some("csp=\"/api/csp-reports\""));
        let enforced = lines(&answer, "content-security-policy").unwrap();
        assert!(enforced.ends_with(&format!("base-uri 'self'{tail}")), "{enforced}");
        let twin = lines(&answer, "content-security-policy-report-only").unwrap();
        let (twin, drawn) = split_nonces(&twin);
        assert_eq!(twin, format!("script-src 'nonce'{tail}"));
        assert_eq!(drawn, [context.attached::<CspNonce>().unwrap().as_str()]);
    }
}

#[test]
fn a_policy_that_names_one_way_alone_keeps_it() {
    for way in ["report-to csp", "report-uri /r"] {
        let text = format!("script-src 'self'; {way}");
        let headers = HeaderSet::empty().csp(text.parse().unwrap());
        let answer = answer(&SecureHeadersPolicy::new(headers), &[]);
        assert_eq!(lines(&answer, "content-security-policy"), Some(text));
    }
}

#[test]
fn a_set_without_a_policy_gets_none_by_asking_for_reports() {
    for set in [HeaderSet::empty(), HeaderSet::empty().csp(Csp::new())] {
        let headers = set.report_csp("csp", "/r").unwrap();
        let answer = answer(&SecureHeadersPolicy::new(headers), &[]);
        assert_eq!(answer.headers().len(), 1, "{:?}", answer.headers());
    }
}
