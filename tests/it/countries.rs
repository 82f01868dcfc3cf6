//! The country of a request, before the blocklist judges it.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
};

use palisade::{
    Stack,
    authn_jwt::{OptionalAuth, Verifier},
    autoban::{AutoBan, BanOrder},
    blocklist::{Blocklist, SharedBlocklist},
    core::{Locate, Location, Whereabouts},
    geo::{GeoPolicy, UnknownCountry},
    route_registry::Registry,
};
use palisade_authn_jwt::mint::DevIssuer;
use palisade_test_support::Ask;

use crate::site::read;

const LIST: &str = r#"{"blockedCountries": ["KP"], "safeIPs": ["9.9.9.9"]}"#;

/// 1.1.1.1 is in North Korea, 8.8.8.8 in Germany; of others nobody knows.
#[derive(Debug)]
struct Atlas;

impl Locate for Atlas {
    fn locate(&self, address: IpAddr) -> Whereabouts {
        let code = match address.to_string().as_str() {
            "1.1.1.1" => "KP",
            "8.8.8.8" => "DE",
            _ => return Whereabouts::NotYet,
        };
        Whereabouts::At(Location::new().country(code.parse().unwrap()).into())
    }
}

/// The code of the refusal of a request from `address`, if it is refused.
fn refused(unknown: UnknownCountry, list: Option<&str>, address: &str) -> Option<String> {
    let issuer = DevIssuer::hs256(b"a test secret of thirty-two bytes or more").unwrap();
    let auth = OptionalAuth::new(Verifier::new(issuer.issuer()).unwrap());
    let routes = Registry::builder().public("/").build().unwrap();
    let mut stack = Stack::new(routes, auth).geo(GeoPolicy::new(Atlas).unknown(unknown));
    if let Some(list) = list {
        stack = stack.blocklist(SharedBlocklist::new(Blocklist::parse(list, "test").unwrap()));
    }
    let ask = Ask::get("/").from(address).header("host", "api.example");
    let answer = read(ask.through(&palisade::stack(stack)));
    (answer.status() != 200).then(|| {
        assert_eq!(answer.status(), 403);
        assert!(answer.header("x-frame-options").is_some(), "headers of the layers outside");
        answer.code()
    })
}

/// Knows nothing, and about whom it was to find out.
#[derive(Clone, Debug, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Locate for Asked {
    fn locate(&self, address: IpAddr) -> Whereabouts {
        self.0.lock().unwrap().push(address.to_string());
        Whereabouts::NotYet
    }

    fn known(&self, _: IpAddr) -> Whereabouts {
        Whereabouts::NotYet
    }
}

#[test]
fn e7_nobody_is_asked_about_who_is_blocked_or_banned_nor_where_no_country_is_blocked() {
    let asked_of = |list: &str| {
        let asked = Asked::default();
        let bans = AutoBan::builder().build().unwrap();
        bans.ban_ip("8.8.8.8", BanOrder::by("an admin")).unwrap();
        let issuer = DevIssuer::hs256(b"a test secret of thirty-two bytes or more").unwrap();
        let auth = OptionalAuth::new(Verifier::new(issuer.issuer()).unwrap());
        let routes = Registry::builder().public("/").build().unwrap();
        let list = SharedBlocklist::new(Blocklist::parse(list, "test").unwrap());
        let policy = GeoPolicy::new(asked.clone());
        let stack =
            palisade::stack(Stack::new(routes, auth).geo(policy).blocklist(list).auto_ban(bans));
        for (address, status) in
            [("1.1.1.1", 403), ("8.8.8.8", 403), ("9.9.9.9", 200), ("8.8.4.4", 200)]
        {
            let ask = Ask::get("/").from(address).header("host", "api.example");
            assert_eq!(read(ask.through(&stack)).status(), status, "{address}");
        }
        asked.0.lock().unwrap().clone()
    };
    let rest = r#""blockedIPs": ["1.1.1.0/24"], "safeIPs": ["9.9.9.9"]"#;
    assert_eq!(asked_of(&format!("{{{rest}}}")), [] as [&str; 0]);
    assert_eq!(asked_of(&format!(r#"{{"blockedCountries": ["KP"], {rest}}}"#)), ["8.8.4.4"]);
}

#[test]
fn what_the_user_says_of_needed_countries_counts() {
    let issuer = DevIssuer::hs256(b"a test secret of thirty-two bytes or more").unwrap();
    let auth = OptionalAuth::new(Verifier::new(issuer.issuer()).unwrap());
    let routes = Registry::builder().public("/").build().unwrap();
    let policy = GeoPolicy::new(Atlas).unknown(UnknownCountry::Deny).needed_when(|_, _| true);
    let stack = palisade::stack(Stack::new(routes, auth).geo(policy));
    let ask = Ask::get("/").from("8.8.4.4").header("host", "api.example");
    assert_eq!(read(ask.through(&stack)).status(), 403, "without any list");
}

#[test]
fn step_2_a_country_that_is_known_in_time_is_judged_by_the_list() {
    let refused = |address| refused(UnknownCountry::Allow, Some(LIST), address);
    assert_eq!(refused("1.1.1.1").as_deref(), Some("blocked"));
    assert_eq!(refused("8.8.8.8"), None);
    assert_eq!(refused("8.8.4.4"), None, "nobody knows yet");
}

#[test]
fn an_unknown_country_is_refused_where_that_was_asked_for_and_the_list_blocks_countries() {
    let refused = |list, address| refused(UnknownCountry::Deny, list, address);
    assert_eq!(refused(Some(LIST), "8.8.4.4").as_deref(), Some("blocked.unknown-country"));
    assert_eq!(refused(Some(LIST), "1.1.1.1").as_deref(), Some("blocked"));
    assert_eq!(refused(Some(LIST), "8.8.8.8"), None);
    assert_eq!(refused(Some(LIST), "9.9.9.9"), None, "on the safelist");
    assert_eq!(refused(Some(LIST), "10.0.0.1"), None, "private");
    assert_eq!(refused(Some(r#"{"blockedIPs": ["192.0.2.1"]}"#), "8.8.4.4"), None, "no country is");
    assert_eq!(refused(None, "8.8.4.4"), None, "no list");
}
