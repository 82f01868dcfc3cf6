//! The file's format and its mistakes.

use palisade_blocklist::Blocklist;

use crate::{list, now, user};

/// The one line that tells the mistake.
fn mistake(json: &str) -> String {
    Blocklist::parse(json, "blocklist.json").map(|_| json.to_owned()).unwrap_err().to_string()
}

#[test]
fn the_documented_example_is_read_and_every_list_may_be_left_out() {
    let counts = list(
        r#"{
  "blockedIPs": ["203.0.113.50"],
  "blockedUserIds": ["malicious-user-uuid"],
  "blockedTokens": ["compromised-jwt-token"]
}"#,
    )
    .counts();
    assert_eq!((counts.addresses, counts.users, counts.tokens, counts.countries), (1, 1, 1, 0));
    assert_eq!(list("{}").counts(), list(r#"{"blockedIPs": [], "safeIPs": []}"#).counts());
    assert_eq!(list("\u{feff}{}").counts().addresses, 0, "a byte order mark is ignored");
}

#[test]
fn a_mistake_is_one_line_with_the_source_the_place_and_what_was_meant() {
    let told = mistake("{\n  \"blockedIPs\": [\n    \"203.0.113.5/24\"\n  ]\n}");
    assert!(told.starts_with("blocklist.json:3:"), "{told}");
    assert!(told.contains("did you mean `203.0.113.0/24`?"), "{told}");
    assert!(!told.contains('\n'));
    let told = mistake("{\n\"blockedIPs\": [\"192.0.2.1\" \"192.0.2.2\"]}");
    assert!(told.starts_with("blocklist.json:2:28: "), "{told}");
    let error = Blocklist::parse("[", "x").unwrap_err();
    assert_eq!((error.source_name(), error.line()), ("x", Some(1)));
    assert!(error.column().is_some() && !error.message().is_empty());
}

#[test]
fn an_unknown_key_is_named_and_the_near_one_suggested() {
    for (json, meant) in [
        (r#"{"blockedIps": []}"#, "`blockedIPs`"),
        (r#"{"blockedUserIDs": []}"#, "`blockedUserIds`"),
        (r#"{"blockedUsers": []}"#, "`blockedUserIds`"),
        (r#"{"blockedCountrys": []}"#, "`blockedCountries`"),
        (r#"{"blockedIPs": [{"value": "192.0.2.1", "expire": "x"}]}"#, "`expires`"),
        (r#"{"blockedTokens": [{"Value": "x"}]}"#, "`value`"),
    ] {
        let told = mistake(json);
        assert!(told.ends_with(&format!("did you mean {meant}?")), "{json}: {told}");
    }
    let told = mistake(r#"{"comment": "x"}"#);
    assert!(told.contains("`comment`") && !told.contains("mean"), "{told}");
    let told = mistake(r#"{"blockedUserIds": [{"value": "x", "wide": true}]}"#);
    assert!(told.contains("`wide`"), "only a network can be wide: {told}");
}

#[test]
fn what_could_be_read_in_two_ways_is_a_mistake() {
    for (json, part) in [
        (r#"{"blockedIPs": [], "blockedIPs": ["192.0.2.1"]}"#, "twice"),
        (r#"{"blockedUserIds": [{"value": "a", "value": "b"}]}"#, "twice"),
        (r#"{"blockedUserIds": [{"reason": "b"}]}"#, "no `value`"),
        (r#"{"blockedUserIds": [""]}"#, "user id"),
        (r#"{"blockedUserIds": [" mallory"]}"#, "spaces"),
        (r#"{"blockedUserIds": [7]}"#, "expected a string"),
        (r#"{"blockedUserIds": "mallory"}"#, "expected a list"),
        (r#"{"blockedCountries": ["DEU"]}"#, "two letters"),
        (r#"{"blockedIPs": [{"value": "192.0.2.1", "expires": "2027-01-31"}]}"#, "RFC 3339"),
        (r#"{"blockedIPs": [{"value": "192.0.2.1", "wide": "yes"}]}"#, "boolean"),
        (r#"{"blockedIPs": []} x"#, "trailing"),
        ("", "EOF"),
        ("null", "expected an object"),
    ] {
        let told = mistake(json);
        assert!(told.contains(part), "{json}: {told}");
    }
}

#[test]
fn what_is_no_address_is_a_mistake() {
    for text in [
        "",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.4/",
        "1.2.3.4/33",
        "1.2.3.4/+8",
        "1.2.3.4/024",
        "::/129",
        "fe80::1%eth0",
        "[::1]",
        "1.2.3.4:80",
        " 1.2.3.4",
        "1.2.3.4/255.0.0.0",
        "localhost",
        "1.2.3.*",
        "::ffff:1.2.3.4/95",
    ] {
        let told = mistake(&format!(r#"{{"blockedIPs": ["{text}"]}}"#));
        assert!(told.contains("is not a valid"), "{text}: {told}");
    }
}

#[test]
fn p18_a_network_shorter_than_8_or_16_bits_is_refused_unless_the_entry_says_so() {
    for (text, shortest) in
        [("64.0.0.0/7", 8), ("0.0.0.0/0", 8), ("2000::/15", 16), ("::/0", 16), ("::ffff:0:0/96", 8)]
    {
        for key in ["blockedIPs", "safeIPs"] {
            let told = mistake(&format!(r#"{{"{key}": ["{text}"]}}"#));
            assert!(told.contains(&format!("at least /{shortest}")), "{told}");
            assert!(told.contains(r#""wide": true"#), "the message says how to mean it: {told}");
            drop(list(&format!(r#"{{"{key}": [{{"value": "{text}", "wide": true}}]}}"#)));
        }
    }
    drop(list(r#"{"blockedIPs": ["10.0.0.0/8", "2000::/16"]}"#));
}

#[test]
fn of_two_entries_for_one_thing_the_longer_holds() {
    let brief = r#"{"value": "mallory", "reason": "brief", "expires": "2026-01-01T00:00:01Z"}"#;
    let ended = r#"{"value": "mallory", "reason": "ended", "expires": "2025-01-01T00:00:00Z"}"#;
    let forever = r#"{"value": "mallory", "reason": "for ever"}"#;
    for (entries, holds) in [
        ([brief, ended], "brief"),
        ([ended, brief], "brief"),
        ([forever, brief], "for ever"),
        ([brief, forever], "for ever"),
    ] {
        let list = list(&format!(r#"{{"blockedUserIds": [{}, {}]}}"#, entries[0], entries[1]));
        assert_eq!(list.blocked_user(&user("mallory"), now()).unwrap().reason(), Some(holds));
    }
}
