//! A real list: every member is refused, no neighbour is.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr},
};

use crate::{list, now};

const IPSUM: &str = include_str!("../vectors/ipsum-level-3.txt");

#[test]
fn every_member_is_refused_and_neighbours_that_are_not_listed_are_not() {
    let members: HashSet<Ipv4Addr> = IPSUM.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(members.len(), 14_217);
    let entries: Vec<_> = members.iter().map(|addr| format!("\"{addr}\"")).collect();
    let list = list(&format!("{{\"blockedIPs\": [{}]}}", entries.join(",\n")));
    for member in &members {
        assert!(list.blocked_ip(IpAddr::V4(*member), now()).is_some(), "{member}");
        assert!(list.blocked_ip(IpAddr::V6(member.to_ipv6_mapped()), now()).is_some(), "{member}");
        for neighbour in [member.to_bits().wrapping_sub(1), member.to_bits().wrapping_add(1)] {
            let neighbour = Ipv4Addr::from_bits(neighbour);
            let found = list.blocked_ip(IpAddr::V4(neighbour), now()).is_some();
            assert_eq!(found, members.contains(&neighbour), "{neighbour}");
        }
    }
}
