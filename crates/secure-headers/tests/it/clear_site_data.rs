//! What a browser is told to forget.

use palisade_secure_headers::{ClearSiteData, SiteData};

#[test]
fn who_leaves_takes_cache_cookies_and_storage_with_him() {
    let (name, value) = ClearSiteData::of_who_leaves().header();
    assert_eq!((name.as_str(), value.to_str().unwrap()), ("clear-site-data", WHO_LEAVES));
}

const WHO_LEAVES: &str = "\"cache\", \"cookies\", \"storage\"";

#[test]
fn every_kind_is_a_string_of_its_own_told_once() {
    let all = [
        (SiteData::Cache, "cache"),
        (SiteData::Cookies, "cookies"),
        (SiteData::Storage, "storage"),
        (SiteData::ExecutionContexts, "executionContexts"),
        (SiteData::ClientHints, "clientHints"),
        (SiteData::PrefetchCache, "prefetchCache"),
        (SiteData::PrerenderCache, "prerenderCache"),
        (SiteData::Everything, "*"),
    ];
    for (kind, word) in all {
        assert_eq!(ClearSiteData::of([kind, kind]).to_string(), format!("\"{word}\""));
        assert_eq!(word.parse(), Ok(kind));
    }
    let every = ClearSiteData::of(all.map(|(kind, _)| kind));
    assert_eq!(every.kinds().collect::<Vec<_>>(), all.map(|(kind, _)| kind));
    assert_eq!(every.to_string().parse(), Ok(every));
}

#[test]
fn it_is_read_with_and_without_quotes_and_a_slip_names_the_right_word() {
    for text in [WHO_LEAVES, "cache,cookies,storage", " storage, \"Cookies\" ,cache"] {
        assert_eq!(text.parse(), Ok(ClearSiteData::of_who_leaves()), "{text}");
    }
    let slip = "\"cache\", \"cookie\"".parse::<ClearSiteData>().unwrap_err().to_string();
    assert!(slip.ends_with("did you mean `cookies`?"), "{slip}");
    for text in ["", "cache;cookies", "'cache'", "\"cache\" \"cookies\"", "cache\r\nx: y"] {
        let error = text.parse::<ClearSiteData>().expect_err(text).to_string();
        assert!(!error.contains(['\r', '\n']), "{error:?}");
    }
}
