//! Plain lists, as public blocklists are.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr},
};

use palisade_blocklist::Blocklist;

use crate::now;

const IPSUM: &str = include_str!("../vectors/ipsum-level-3.txt");

fn blocks(list: &Blocklist, addr: &str) -> bool {
    list.blocked_ip(addr.parse().unwrap(), now()).is_some()
}

fn mistake(text: impl AsRef<[u8]>) -> String {
    Blocklist::parse_plain(text, "list.txt").unwrap_err().to_string()
}

#[test]
fn every_member_of_a_real_list_is_refused_and_no_neighbour_is() {
    let members: HashSet<Ipv4Addr> = IPSUM.lines().map(|line| line.parse().unwrap()).collect();
    let list = Blocklist::parse_plain(IPSUM, "ipsum").unwrap();
    assert_eq!(list.counts().addresses, 14_217);
    for member in &members {
        let hit = list.blocked_ip(IpAddr::V4(*member), now()).unwrap();
        assert_eq!(hit.to_string(), format!("{member} (ipsum)"), "the log says which list");
        assert!(list.blocked_ip(IpAddr::V6(member.to_ipv6_mapped()), now()).is_some(), "{member}");
        for neighbour in [member.to_bits().wrapping_sub(1), member.to_bits().wrapping_add(1)] {
            let neighbour = Ipv4Addr::from_bits(neighbour);
            let found = list.blocked_ip(IpAddr::V4(neighbour), now()).is_some();
            assert_eq!(found, members.contains(&neighbour), "{neighbour}");
        }
    }
}

#[test]
fn the_ways_in_which_public_lists_are_written_are_read() {
    let text = "\u{feff}# ipsum\tlevel 1\r\n\
        203.0.113.50\t9\r\n\
        \r\n\
        198.51.100.0/24 ; SBL256894\n\
        2001:db8:bad::/48;SBL1\n\
        192.0.2.1#no blank before it\n\
        192.0.2.2 # Malicious Host KR,,37.5,127.0\n\
        \t192.0.2.3  3 2026-01-01 12:00 # seen often\n\
        ; the last line has no end\n\
        192.0.2.4\n\
        192.0.2.6 37.5 2026-01-01T12:00:00.250+01:00 12:00:07 20260101Z";
    let list = Blocklist::parse_plain(text, "list.txt").unwrap();
    assert_eq!(list.counts().addresses, 8);
    for addr in [
        "203.0.113.50",
        "198.51.100.9",
        "2001:db8:bad::1",
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
        "192.0.2.4",
        "192.0.2.6",
    ] {
        assert!(blocks(&list, addr), "{addr}");
    }
    assert!(!blocks(&list, "192.0.2.5"));
    let comment = [b"192.0.2.1 # caf\xe9\n".as_slice(), b"# nobody else"].concat();
    assert!(
        blocks(&Blocklist::parse_plain(comment, "x").unwrap(), "192.0.2.1"),
        "Latin-1 comments"
    );
    assert_eq!(Blocklist::parse_plain("# nobody\n", "x").unwrap().counts().addresses, 0);
}

#[test]
fn a_mistake_in_a_list_has_its_line_and_column() {
    for (text, told) in [
        ("192.0.2.1\n  203.0.113.5/24\n", "list.txt:2:3: `203.0.113.5/24` is not a valid network"),
        ("# x\r\n\r\n1.2.3.256\r\n", "list.txt:3:1: `1.2.3.256` is not a valid address"),
        ("<!DOCTYPE html>\n<html>", "list.txt:1:1: `<!DOCTYPE` is not a valid address"),
        ("192.0.2.1,192.0.2.2", "list.txt:1:1: `192.0.2.1,192.0.2.2` is not a valid address"),
    ] {
        let mistake = mistake(text);
        assert!(mistake.starts_with(told), "{mistake}");
        assert!(!mistake.contains('\n'));
    }
    let long = mistake(format!("{}\n", "x".repeat(100)));
    assert!(!long.contains("xxx"), "what may be a token is not repeated: {long}");
}

#[test]
fn a_line_that_may_mean_something_else_is_a_mistake() {
    for line in [
        // A range, in three forms: one address of it would be blocked.
        "192.0.2.0 - 192.0.2.255",
        "192.0.2.0\t192.0.2.255\t24",
        "192.0.2.0-192.0.2.255",
        // A list of names for a resolver: it is not about 0.0.0.0.
        "0.0.0.0 ads.example",
        "192.0.2.1 192.0.2.0/24",
        "deny 192.0.2.1",
        // What begins with a digit may be a name, the end of a range, another address, or a port.
        "0.0.0.0 0-ads.example",
        "192.0.2.1 192.0.2.9-192.0.2.20",
        "192.0.2.1 192.0.2.2,",
        "192.0.2.1 10.0.0.1:80",
        "192.0.2.1 1.2.3",
        "192.0.2.1 9x",
        "192.0.2.1 2001::1",
        "192.0.2.1 2001:0:0:0:0:0:0:1-2001:0:0:0:0:0:0:9",
        "192.0.2.1 192.0-193",
    ] {
        assert!(mistake(line).contains("is not a valid"), "{line}");
    }
    for empty in ["", "\n", " \r\n\t"] {
        assert!(
            mistake(empty).contains("the list is empty"),
            "a download that failed unblocks nobody"
        );
    }
}

#[test]
fn p18_a_wide_network_in_a_plain_list_is_refused_with_its_place() {
    for (line, shortest) in
        [("64.0.0.0/7", 8), ("0.0.0.0/0", 8), ("2000::/15", 16), ("::/0", 16), ("::ffff:0:0/96", 8)]
    {
        let told = mistake(format!("192.0.2.1\n{line} 9"));
        assert!(told.starts_with("list.txt:2:1: "), "{told}");
        assert!(told.contains(&format!("at least /{shortest}")), "{told}");
        assert!(told.contains("into `blockedIPs` instead"), "it says how to mean it: {told}");
    }
    assert!(blocks(&Blocklist::parse_plain("10.0.0.0/8\n2000::/16", "x").unwrap(), "10.1.2.3"));
}

#[test]
fn lists_and_entries_are_put_together_and_each_hit_names_its_list() {
    let list = Blocklist::builder()
        .block_ip("203.0.113.0/24")
        .import("203.0.113.7\n198.51.100.0/24", "one.txt")
        .unwrap()
        .import("198.51.100.0/25\n198.51.100.0/24", "two.txt")
        .unwrap()
        .build()
        .unwrap();
    for (addr, hit) in [
        ("203.0.113.7", "203.0.113.7 (one.txt)"),
        ("203.0.113.8", "203.0.113.0/24"),
        ("198.51.100.1", "198.51.100.0/25 (two.txt)"),
        ("198.51.100.200", "198.51.100.0/24 (one.txt)"),
    ] {
        assert_eq!(list.blocked_ip(addr.parse().unwrap(), now()).unwrap().to_string(), hit);
    }
    assert_eq!(list.counts().addresses, 4, "what stands there twice is one");
    assert!(Blocklist::builder().import("x", "bad.txt").is_err());
}
