//! Mistakes are told when the policy is made.

use palisade_client_ip::{ClientIpHeader, Trust, TrustedNetworks};

fn mistake(networks: &str) -> String {
    networks.parse::<Trust>().unwrap_err().to_string()
}

#[test]
fn host_bits_are_a_mistake_and_the_network_is_suggested() {
    assert!(mistake("10.1.2.3/8").ends_with("did you mean `10.0.0.0/8`?"));
    assert!(mistake("192.168.1.77/24").ends_with("did you mean `192.168.1.0/24`?"));
    assert!(mistake("2001:db8::1/32").ends_with("did you mean `2001:db8::/32`?"));
    assert!(mistake("::ffff:10.1.2.3/104").ends_with("did you mean `10.0.0.0/8`?"));
}

#[test]
fn what_is_no_network_is_a_mistake() {
    let wrong = [
        "192.168.0.0/33",
        "::/129",
        "127.0.0.1/",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "/8",
        "*",
        "proxy.example",
        "10.0.0.0/8,",
        "10.0.0.0/ 8",
        "10.0.0.0/99999999999",
        "[::1]",
    ];
    for text in wrong {
        assert!(
            mistake(text).contains("is not a valid trusted network: expected an address"),
            "{text}"
        );
    }
}

#[test]
fn a_named_range_that_is_nearly_right_is_suggested() {
    assert!(mistake("Link-Local").ends_with("did you mean `linklocal`?"));
    assert!(mistake("LOOPBACK").ends_with("did you mean `loopback`?"));
}

#[test]
fn networks_are_read_between_commas() {
    assert_eq!(
        " 10.0.0.0/8 , loopback".parse(),
        Trust::networks(["10.0.0.0/8", "127.0.0.0/8", "::1"])
    );
    assert_eq!("  ".parse(), Ok(Trust::None));
}

#[test]
fn networks_of_any_size_need_the_dangerous_constructor() {
    let all = TrustedNetworks::dangerous_any_size(["::/0"]).unwrap();
    assert!(all.contains([203, 0, 113, 9].into()));
    assert!(all.contains("2001:db8::1".parse().unwrap()));
    let half = TrustedNetworks::dangerous_any_size(["128.0.0.0/1"]).unwrap();
    assert!(half.contains([203, 0, 113, 9].into()));
    assert!(half.contains("::ffff:203.0.113.9".parse().unwrap()));
    assert!(!half.contains([1, 2, 3, 4].into()));
    assert!(!half.contains("2001:db8::1".parse().unwrap()));
    assert!(TrustedNetworks::dangerous_any_size(["128.0.0.1/1"]).is_err());
}

#[test]
fn a_header_is_known_by_its_name() {
    let header = |name: &str| name.parse::<ClientIpHeader>();
    assert_eq!(header("X-Forwarded-For"), Ok(ClientIpHeader::XForwardedFor));
    assert_eq!(header("forwarded"), Ok(ClientIpHeader::Forwarded));
    assert_eq!(header("CF-Connecting-IP").unwrap().name(), "cf-connecting-ip");
    assert!(matches!(header("CF-Connecting-IP"), Ok(ClientIpHeader::Single(_))));
    let error = header("X_Real_IP").unwrap_err().to_string();
    assert!(error.ends_with("did you mean `x-real-ip`?"), "{error}");
    assert!(header("x forwarded").is_err());
    assert!(header("").is_err());
}
