//! Laws that hold for every source that is accepted.

use palisade_secure_headers::{Csp, Directive, HeaderSet, PermissionsPolicy, Source};
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
}
