//! Laws that hold for every source that is accepted.

use palisade_secure_headers::{
    ClearSiteData, Csp, Directive, HeaderSet, PermissionsPolicy, ReportingEndpoints, Source,
};
use proptest::prelude::*;

use crate::{header_of, split_nonces};

const DIRECTIVES: [Directive; 6] = [
    Directive::DefaultSrc,
    Directive::ScriptSrc,
    Directive::ImgSrc,
    Directive::FrameAncestors,
    Directive::ReportUri,
    Directive::TrustedTypes,
];

/// Text that is often nearly a source: its alphabet is what sources are made of, and what would break them.
fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z*.:/;,' \\-%\"\r\n?#0-9]{0,24}",
        "(https://)?(\\*\\.)?[a-z]{1,8}\\.[a-z]{2,3}(:[0-9]{1,5})?(/[a-zA-Z0-9%;,~']{0,8})?",
        "'?(self|none|nonce|unsafe-inline|strict-dynamic|nonce-[a-z]{3})'?",
        "(data|blob|https|wss):?",
        "[`\u{2018}\u{201c},;/.$]?(self|any|deny|a\\.example|https:?/{0,2}a\\.example|nonce)[`\u{2019}\u{201d},;:/]?",
        ".{0,16}",
    ]
}

proptest! {
    /// Whatever is accepted, the header is one value, and splitting it at `;` gives back the directives as they were given.
    #[test]
    fn splitting_the_header_gives_back_the_directives(
        given in prop::collection::vec((prop::sample::select(&DIRECTIVES[..]), prop::collection::vec(source(), 0..4)), 0..6),
    ) {
        let mut csp = Csp::new();
        for (directive, sources) in given {
            csp = csp.clone().directive(directive, sources).unwrap_or(csp);
        }
        let sent = header_of(HeaderSet::empty().csp(csp.clone()), "content-security-policy");
        prop_assert_eq!(sent.is_none(), csp.is_empty());
        let sent = sent.unwrap_or_default();
        prop_assert!(sent.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{}", sent);
        prop_assert!(!sent.contains(','));
        let (text, nonces) = split_nonces(&sent);
        prop_assert_eq!(nonces.is_empty(), !csp.uses_nonce());

        let told = text.split("; ").filter(|part| !part.is_empty());
        let told: Vec<Vec<&str>> = told.map(|part| part.split(' ').collect()).collect();
        let meant: Vec<Vec<&str>> = csp
            .directives()
            .map(|(directive, sources)| {
                [directive.as_str()].into_iter().chain(sources.iter().map(Source::as_str)).collect()
            })
            .collect();
        prop_assert_eq!(told, meant);
    }

    /// A policy reads back from its own text.
    #[test]
    fn a_policy_reads_back_from_its_text(
        sources in prop::collection::vec(source(), 1..5),
    ) {
        let accepted: Vec<_> = sources.iter().filter_map(|text| text.parse::<Source>().ok()).collect();
        if let Ok(csp) = Csp::new().directive(Directive::DefaultSrc, accepted) {
            prop_assert_eq!(csp.to_string().parse::<Csp>(), Ok(csp));
        }
    }

    /// No text makes reading a policy panic, and what is read holds no control character.
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,64}") {
        if let Ok(csp) = text.parse::<Csp>() {
            prop_assert!(csp.to_string().bytes().all(|byte| (b' '..0x7f).contains(&byte)));
        }
    }

    /// What a permissions policy accepts cannot end its list or its string.
    #[test]
    fn permissions_stay_in_their_list(feature in "[a-z-]{1,6}|.{0,12}", origin in source()) {
        if let Ok(policy) = PermissionsPolicy::new().allow(&feature, [origin]) {
            let sent = header_of(HeaderSet::empty().permissions_policy(policy), "permissions-policy").unwrap();
            let inside = sent.strip_prefix(feature.as_str()).and_then(|rest| rest.strip_prefix("=("));
            let inside = inside.and_then(|rest| rest.strip_suffix(')')).unwrap();
            let bare = inside.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(inside);
            prop_assert!(!bare.contains(['"', '(', ')', ',', ' ', '\\']), "{}", sent);
        }
    }

    /// What is suggested in place of a source is one.
    #[test]
    fn what_a_message_suggests_can_be_written(text in source()) {
        if let Err(error) = text.parse::<Source>() {
            let message = error.to_string();
            prop_assert_eq!(message.lines().count(), 1);
            let meant = message.strip_suffix("`?").and_then(|rest| rest.rsplit_once("did you mean `"));
            if let Some((_, meant)) = meant {
                prop_assert!(meant.parse::<Source>().is_ok(), "{}", message);
            }
        }
    }

    /// Endpoints that are accepted are a dictionary: each name once, each address a string that nothing in it ends.
    #[test]
    fn endpoints_read_back_from_their_dictionary(
        given in prop::collection::vec(("[a-z*][a-z0-9_.*-]{0,6}|.{0,8}", "/[!-~]{0,12}|https://[a-z.]{1,12}(:[0-9]{1,4})?(/[!-~]{0,8})?|.{0,16}"), 0..5),
    ) {
        let mut endpoints = ReportingEndpoints::new();
        let mut expected: Vec<(String, String)> = Vec::new();
        for (name, address) in given {
            let Ok(more) = endpoints.clone().endpoint(&name, &address) else { continue };
            endpoints = more;
            match expected.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = address,
                None => expected.push((name, address)),
            }
        }
        let sent = header_of(HeaderSet::empty().reporting_endpoints(endpoints), "reporting-endpoints");
        prop_assert_eq!(sent.is_none(), expected.is_empty());
        let mut rest = sent.as_deref().unwrap_or_default();
        for (nth, (name, address)) in expected.iter().enumerate() {
            rest = rest.strip_prefix(if nth == 0 { "" } else { ", " }).unwrap();
            rest = rest.strip_prefix(&format!("{name}=\"")).unwrap();
            let (told, behind) = rest.split_once('"').unwrap();
            prop_assert_eq!(told, address);
            prop_assert!(!told.contains('\\'));
            rest = behind;
        }
        prop_assert_eq!(rest, "");
    }

    /// Whatever is read as site data, the header is a value that says the same.
    #[test]
    fn site_data_reads_back_from_its_header(text in "(\"?(cache|cookies|storage|clientHints|[*]|x)\"?[ ,]*){0,4}|.{0,20}") {
        if let Ok(data) = text.parse::<ClearSiteData>() {
            let (_, value) = data.header();
            prop_assert_eq!(value.to_str().unwrap().parse(), Ok(data));
        }
    }

    /// The hash of any text is a source that reads back, and stands in a policy as it is.
    #[test]
    fn the_hash_of_any_text_is_a_source(text in ".{0,200}") {
        let source = Source::sha256_of(&text);
        prop_assert_eq!(source.as_str().parse::<Source>(), Ok(source.clone()));
        let csp = Csp::new().allow_inline(Directive::ScriptSrc, &text).unwrap();
        prop_assert_eq!(csp.to_string(), format!("script-src {source}"));
    }
}
