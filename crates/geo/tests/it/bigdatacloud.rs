//! The HTTP API, with vendors who are slow, down, wrong or somebody else.

use std::time::Duration;

use palisade_core::{GateLayer, Location, ManualClock};
use palisade_geo::{BigDataCloud, BreakerState, Geo, GeoPolicy, LocationProvider, ProviderError};
use palisade_test_support::{Ask, SecurityLog};
use proptest::prelude::*;
use tokio::net::TcpListener;

use crate::{
    at, country, ip, locate, settled, until,
    vendor::{Says, Vendor, http, json},
};

const KEY: &str = "bdc_not-a-real-key";
const BERLIN: &str = r#"{
    "ip": "8.8.8.8", "isReachableGlobally": true,
    "country": {"isoAlpha2": "DE", "isoAlpha3": "DEU", "name": "Germany", "currency": {"code": "EUR"}},
    "location": {"continentCode": "EU", "isoPrincipalSubdivision": "Berlin", "city": "Berlin", "localityName": "Mitte", "latitude": 52.5},
    "network": {"registry": "RIPE"}
}"#;

fn berlin() -> Location {
    country("DE").region("Berlin").city("Berlin")
}

async fn asked(says: Says) -> Result<Option<Location>, ProviderError> {
    let vendor = Vendor::that(says).await;
    BigDataCloud::at(&vendor.base(), Some(KEY)).unwrap().ask(ip("8.8.8.8")).await
}

#[tokio::test]
async fn it_asks_as_documented_and_reads_country_region_and_city() {
    let vendor = Vendor::that(json(BERLIN)).await;
    let cloud = BigDataCloud::at(&vendor.base(), Some(KEY)).unwrap();
    assert_eq!(cloud.ask(ip("8.8.8.8")).await, Ok(Some(berlin())));
    vendor.now(json(r#"{"country": {"isoAlpha2": "fr"}}"#));
    assert_eq!(cloud.ask(ip("2a00:1450::")).await, Ok(Some(country("FR"))));
    assert_eq!(
        vendor.asked(),
        [
            format!("GET /data/ip-geolocation?ip=8.8.8.8&localityLanguage=en&key={KEY} HTTP/1.1"),
            format!(
                "GET /data/ip-geolocation?ip=2a00:1450::&localityLanguage=en&key={KEY} HTTP/1.1"
            ),
        ]
    );
    // A service of one's own, below a path, without a key.
    let own = BigDataCloud::at(&format!("{}/geo/", vendor.base()), None).unwrap();
    own.ask(ip("8.8.8.8")).await.unwrap();
    assert_eq!(
        vendor.asked()[2],
        "GET /geo/data/ip-geolocation?ip=8.8.8.8&localityLanguage=en HTTP/1.1"
    );
}

#[tokio::test]
async fn a_wrong_answer_is_a_failure_of_its_kind() {
    let of_type =
        |kind: &str, body: &str| http("200 OK", &format!("content-type: {kind}\r\n"), body);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let chunks = format!("{head}transfer-encoding: chunked\r\n\r\n");
    let cases = [
        (
            http("500 Internal Server Error", "content-type: application/json\r\n", BERLIN),
            ProviderError::Status(500),
        ),
        (http("429 Too Many Requests", "", ""), ProviderError::Status(429)),
        (http("204 No Content", "", ""), ProviderError::Status(204)),
        (of_type("text/html", BERLIN), ProviderError::NotJson),
        (http("200 OK", "", BERLIN), ProviderError::NotJson),
        (json("<html>"), ProviderError::Malformed),
        (json(""), ProviderError::Malformed),
        (json(&BERLIN.replace("8.8.8.8", "9.9.9.9")), ProviderError::Malformed),
        (json(r#"{"country": {"isoAlpha2": "DEU"}}"#), ProviderError::Malformed),
        (json(&" ".repeat(64 * 1024 + 1)), ProviderError::TooLarge),
        (Says::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()), ProviderError::Connection),
        (Says::Bytes(Vec::new()), ProviderError::Connection),
        (
            Says::Bytes(format!("{head}content-length: 100\r\n\r\n{{").into_bytes()),
            ProviderError::Connection,
        ),
    ];
    for (says, error) in cases {
        assert_eq!(asked(says.clone()).await, Err(error), "{says:?}");
    }
    // A body, and a head, without an end.
    let chunk = format!("{chunks}1000\r\n{}\r\n", " ".repeat(0x1000));
    let vendor = Vendor::that(Says::ForEver(chunk.into_bytes())).await;
    let cloud = BigDataCloud::at(&vendor.base(), None).unwrap();
    let error = cloud.ask(ip("8.8.8.8")).await.unwrap_err();
    assert!([ProviderError::TooLarge, ProviderError::Connection].contains(&error), "{error}");
    vendor.now(Says::ForEver(b"HTTP/1.1 200 OK\r\nx: y\r\n".to_vec()));
    assert_eq!(cloud.ask(ip("8.8.8.8")).await, Err(ProviderError::Connection));
}

#[tokio::test]
async fn a_200_that_is_about_something_else_is_a_failure_and_what_was_known_stays() {
    let vendor = Vendor::that(json(BERLIN)).await;
    let (geo, _, clock) = stack(&vendor);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    vendor.now(json(r#"{"error": "monthly quota exceeded"}"#));
    clock.advance(Duration::from_secs(25 * 60 * 60));
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    assert_eq!(locate(&geo, "8.8.8.8"), at(berlin()));
    assert_eq!(geo.status().last_error, Some(ProviderError::Malformed));
    for last in 1..3 {
        locate(&geo, &format!("8.8.4.{last}"));
        settled(&geo).await;
    }
    assert_eq!(geo.status().breaker, Some(BreakerState::Open));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Vendor::that(json(BERLIN)).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let location = format!("location: {}/data/ip-geolocation?ip=8.8.8.8\r\n", other.base());
        let code = status[..3].parse().unwrap();
        assert_eq!(asked(http(status, &location, "")).await, Err(ProviderError::Status(code)));
    }
    assert_eq!(other.asked(), [] as [&str; 0]);
}

#[tokio::test]
async fn nobody_there_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let cloud = BigDataCloud::at(&base, None).unwrap();
    assert_eq!(cloud.ask(ip("8.8.8.8")).await, Err(ProviderError::Connection));
}

/// A stack with this vendor behind it, on a clock set by hand; calls end after a second of real time.
fn stack(vendor: &Vendor) -> (Geo, GateLayer<GeoPolicy>, ManualClock) {
    let clock = ManualClock::new();
    let cloud = BigDataCloud::at(&vendor.base(), Some(KEY)).unwrap();
    let builder = Geo::builder().provider(cloud).clock(clock.clock());
    let geo = builder.timeout(Duration::from_secs(1)).build().unwrap();
    (geo.clone(), GateLayer::new(GeoPolicy::new(geo)), clock)
}

/// A request from this address, which must not wait.
fn answered(layer: &GateLayer<GeoPolicy>, from: &str) -> bool {
    Ask::get("/").context(&crate::context(from)).through(layer).status() == 200
}

#[tokio::test]
async fn e7_while_a_vendor_on_a_socket_hangs_requests_are_answered_and_the_breaker_opens() {
    for hangs in [Says::AndStays(Vec::new()), Says::AndStays(b"HTTP/1.1 200 OK\r\n".to_vec())] {
        let vendor = Vendor::that(hangs).await;
        let (geo, layer, clock) = stack(&vendor);
        assert!((0..100).all(|last| answered(&layer, &format!("8.8.8.{last}"))));
        until("a call", || !vendor.asked().is_empty()).await;
        assert!((0..100).all(|last| answered(&layer, &format!("8.8.8.{last}"))));
        until("the breaker", || geo.status().breaker == Some(BreakerState::Open)).await;
        settled(&geo).await;
        assert_eq!(geo.status().last_error, Some(ProviderError::Timeout));
        let calls = vendor.asked().len();
        assert!((0..100).all(|last| answered(&layer, &format!("8.8.8.{last}"))));
        assert_eq!(geo.status().in_flight, 0, "none while it is open");
        // He is back: exactly one call finds out, of as many as wish to.
        vendor.now(json(r#"{"country": {"isoAlpha2": "DE"}}"#));
        clock.advance(Duration::from_secs(30));
        assert!((100..200).all(|last| answered(&layer, &format!("8.8.8.{last}"))));
        settled(&geo).await;
        assert_eq!(vendor.asked().len(), calls + 1);
        assert_eq!(geo.status().breaker, Some(BreakerState::Closed));
        assert_eq!(locate(&geo, "8.8.8.100"), at(country("DE")));
    }
}

#[tokio::test]
async fn a_vendor_who_comes_and_goes_costs_no_request_anything_and_no_answer_is_lost() {
    let vendor = Vendor::that(json(r#"{"country": {"isoAlpha2": "DE"}}"#)).await;
    let (geo, layer, clock) = stack(&vendor);
    let log = SecurityLog::start();
    let mut known = 0;
    for round in 0..5 {
        vendor.now(json(r#"{"country": {"isoAlpha2": "DE"}}"#));
        clock.advance(Duration::from_secs(60));
        for last in 0..4 {
            assert!(answered(&layer, &format!("8.8.{round}.{last}")));
            settled(&geo).await;
            known += 1;
        }
        vendor.now(http("503 Service Unavailable", "", ""));
        for last in 10..20 {
            assert!(answered(&layer, &format!("8.8.{round}.{last}")));
            settled(&geo).await;
        }
        assert_eq!(geo.status().breaker, Some(BreakerState::Open));
    }
    for round in 0..5 {
        for last in 0..4 {
            assert_eq!(locate(&geo, &format!("8.8.{round}.{last}")), at(country("DE")));
        }
    }
    assert_eq!(vendor.asked().len(), known + 5 * 3, "three failures each time, then none");
    assert_eq!((log.of("geo.degraded").len(), log.of("geo.recovered").len()), (5, 4));
}

#[tokio::test]
async fn of_many_requests_of_one_address_the_vendor_sees_one() {
    let vendor = Vendor::that(json(BERLIN)).await;
    let (geo, layer, _) = stack(&vendor);
    for _ in 0..50 {
        assert!(answered(&layer, "8.8.8.8"));
    }
    settled(&geo).await;
    assert!((0..50).all(|_| answered(&layer, "8.8.8.8")));
    assert_eq!(vendor.asked().len(), 1);
    assert_eq!(locate(&geo, "8.8.8.8"), at(berlin()));
}

#[tokio::test]
async fn the_key_is_nowhere_to_be_read() {
    let log = SecurityLog::start();
    let vendor = Vendor::that(http("401 Unauthorized", "", KEY)).await;
    let cloud = BigDataCloud::at(&vendor.base(), Some(KEY)).unwrap();
    let clock = ManualClock::new();
    let geo = Geo::builder().provider(cloud.clone()).clock(clock.clock()).build().unwrap();
    for last in 0..4 {
        locate(&geo, &format!("8.8.8.{last}"));
        settled(&geo).await;
    }
    assert_eq!(geo.status().breaker, Some(BreakerState::Open));
    let error = cloud.ask(ip("8.8.8.8")).await.unwrap_err();
    let status = serde_json::to_string(&geo.status()).unwrap();
    let shown = format!(
        "{cloud:?} {geo:?} {:?} {status} {error} {error:?} {:?}",
        geo.status(),
        log.lines()
    );
    assert!(shown.contains("answered 401") && shown.contains(&vendor.base()), "{shown}");
    assert!(!shown.contains(KEY), "{shown}");
    for mistaken in [
        format!("http://vendor.example/?key={KEY}"),
        format!("https://u:{KEY}@vendor.example"),
        format!("x {KEY}"),
    ] {
        let error = BigDataCloud::at(&mistaken, None).unwrap_err().to_string();
        assert!(!error.contains(KEY), "{error}");
    }
    let error = BigDataCloud::new(&format!("{KEY} ")).unwrap_err().to_string();
    assert!(!error.contains(KEY), "{error}");
}

#[test]
fn it_is_asked_in_the_clear_within_this_machine_alone() {
    for fine in
        ["http://127.0.0.1:1", "http://127.9.9.9/x", "http://localhost:80/", "http://[::1]:1"]
    {
        BigDataCloud::at(fine, None).unwrap();
    }
    let check = |base: &str, expected: &str| {
        let error = BigDataCloud::at(base, Some(KEY)).unwrap_err().to_string();
        assert!(error.contains(expected), "{base}: {error}");
    };
    check("http://api.bigdatacloud.net", "https://, because");
    check("http://localhost.example", "https://, because");
    check("http://[::2]", "https://, because");
    check("ftp://127.0.0.1", "begins with https://");
    check("127.0.0.1", "begins with https://");
    check("", "a URL");
    check("http://127.0.0.1/?x=1", "ends with its path");
    check("http://127.0.0.1/#x", "ends with its path");
    check("http://user@127.0.0.1/", "without");
    for key in ["", "a b", "a&b=c", "a\n", "ä", &"x".repeat(129)] {
        assert!(BigDataCloud::at("http://127.0.0.1", Some(key)).is_err(), "{key}");
    }
}

#[test]
fn what_an_answer_says_is_read_strictly() {
    let parse = |body: &str| BigDataCloud::parse(body.as_bytes(), ip("8.8.8.8"));
    assert_eq!(parse(BERLIN), Ok(Some(berlin())));
    for nowhere in [
        r#"{"ip": "8.8.8.8"}"#,
        r#"{"ip": "8.8.8.8", "country": null}"#,
        r#"{"country": {}}"#,
        r#"{"country": {"isoAlpha2": ""}}"#,
        r#"{"ip": "::ffff:8.8.8.8"}"#,
    ] {
        assert_eq!(parse(nowhere), Ok(None), "{nowhere}");
    }
    let wrong = [
        "[]x",
        "{}",
        r#"{"error": "monthly quota exceeded"}"#,
        r#"{"country": null}"#,
        "null",
        "1",
        r#"{"country": "DE"}"#,
        r#"{"country": {"isoAlpha2": 1}}"#,
        r#"{"country": {"isoAlpha2": "D1"}}"#,
        r#"{"ip": "x"}"#,
        r#"{"ip": 134744072}"#,
        r#"{"country": {"isoAlpha2": "DE", "isoAlpha2": "KP"}}"#,
        r#"{"country": {}, "country": {}}"#,
        r#"{"location": {"city": ["x"]}}"#,
    ];
    for wrong in wrong {
        assert_eq!(parse(wrong), Err(ProviderError::Malformed), "{wrong}");
    }
    let deep =
        format!(r#"{{"ip": "8.8.8.8", "x": {}1{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(parse(&deep), Ok(None), "what is not read is skipped, however deep");
}

#[test]
fn names_in_an_answer_are_bounded_and_plain() {
    let city = |name: &str| {
        let body = serde_json::json!({"country": {"isoAlpha2": "DE"}, "location": {"city": name}});
        let location =
            BigDataCloud::parse(body.to_string().as_bytes(), ip("8.8.8.8")).unwrap().unwrap();
        location.city.map(String::from)
    };
    assert_eq!(city("Köln").as_deref(), Some("Köln"));
    assert_eq!(city(" A\u{1b}[31m\nB\u{202e}C\u{0} ").as_deref(), Some("A[31mBC"));
    assert_eq!(city(" \n\u{200f} "), None);
    assert_eq!(city(&"ß".repeat(1_000)).unwrap().len(), 100);
    assert_eq!(city(&"x".repeat(1_000)).unwrap().len(), 100);
}

#[tokio::test]
async fn without_a_region_of_the_norm_the_other_names_are_read() {
    let body = r#"{"country": {"isoAlpha2": "DE"}, "location": {"isoPrincipalSubdivision": "", "principalSubdivision": "P", "city": "", "localityName": "L"}}"#;
    assert_eq!(asked(json(body)).await, Ok(Some(country("DE").region("P").city("L"))));
}

proptest! {
    /// No bytes end the program, and whatever comes of them is bounded.
    #[test]
    fn any_answer_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        drop(BigDataCloud::parse(&bytes, ip("8.8.8.8")));
    }

    /// So it is with answers that look like one.
    #[test]
    fn any_answer_of_the_form_is_survived(code in ".{0,4}", region in ".{0,300}", city in ".{0,300}", about in ".{0,12}") {
        let body = serde_json::json!({"ip": about, "country": {"isoAlpha2": code}, "location": {"city": city, "isoPrincipalSubdivision": region}});
        let mut without = body.clone();
        without.as_object_mut().unwrap().remove("ip");
        drop(BigDataCloud::parse(body.to_string().as_bytes(), ip("8.8.8.8")));
        if let Ok(Some(location)) = BigDataCloud::parse(without.to_string().as_bytes(), ip("8.8.8.8")) {
            prop_assert!(location.country.is_some());
            for name in [location.region, location.city].into_iter().flatten() {
                prop_assert!(name.len() <= 100 && !name.is_empty() && !name.chars().any(char::is_control));
            }
        }
    }
}
