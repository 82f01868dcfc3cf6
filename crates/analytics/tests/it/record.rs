//! Every documented field, read where it is known.

use std::time::Duration;

use http::{Method, StatusCode};
use palisade_analytics::{AnalyticsLayer, Filter, RecordedAddress, SessionId};
use palisade_core::{Access, Country, Ended, Identity, IdentityKind, Route, Verdict};
use palisade_test_support::Ask;
use serde_json::{Value, json};

use crate::scene::{BLOCKED, Inner, Scene, refusal};

const SESSION: &str = "0123456789abcdef0123456789abcdef";

fn json_of(scene: &Scene) -> Value {
    serde_json::to_value(&*scene.only()).unwrap()
}

#[test]
fn every_documented_field_is_recorded_and_what_layers_further_in_learn_is_read_on_the_way_out() {
    let scene = Scene::new();
    let clock = scene.clock.clone();
    let inner = Inner(move |context: &palisade_core::SecurityContext| {
        context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
        context.learn_route(Route::new("/api/posts/:id", Access::Public));
        context.learn_country("de".parse::<Country>().unwrap());
        clock.advance(Duration::from_micros(12_345));
        Verdict::Pass
    });
    let ask = Ask::method(Method::PUT, "/api/posts/7?draft=1")
        .from("203.0.113.9")
        .header("user-agent", "Mozilla/5.0")
        .header("cookie", format!("a=b; pm_sid={SESSION}"));
    drop(scene.send_through(scene.policy(), inner, ask));

    let record = scene.only();
    assert_eq!(record.method, Method::PUT);
    assert_eq!(&*record.path, "/api/posts/7");
    assert_eq!(record.address, "203.0.113.9".parse::<RecordedAddress>().ok());
    assert_eq!(record.session, SESSION.parse::<SessionId>().ok());
    assert_eq!(record.status, Some(StatusCode::OK));
    assert_eq!((record.bytes, record.ended), (16, Ended::Whole), "PUT /api/posts/7");
    assert_eq!(record.response_time, Duration::from_micros(12_345));
    let mut json = json_of(&scene);
    let request_id = json.as_object_mut().unwrap().remove("requestId").unwrap();
    assert_eq!(request_id, record.request_id.to_string());
    let expected = json!({
        "time": "2026-01-01T00:00:00.000Z", "method": "PUT", "path": "/api/posts/7",
        "route": "/api/posts/:id", "address": "203.0.113.9", "country": "DE", "region": null, "city": null,
        "userAgent": "Mozilla/5.0", "session": SESSION, "user": "alice", "status": 200,
        "code": null, "responseTimeMs": 12.345, "bytes": 16, "ended": "whole",
    });
    assert_eq!(json, expected);
}

#[test]
fn a_request_that_a_layer_further_in_refused_is_recorded_with_its_status_and_code() {
    let scene = Scene::new();
    let answer = scene.send_through(scene.policy(), Inner(|_: &_| refusal()), Ask::get("/x"));
    assert_eq!(answer.status(), 403);
    let record = scene.only();
    assert_eq!((record.status, record.code), (Some(StatusCode::FORBIDDEN), Some(BLOCKED)));
    assert_eq!(json_of(&scene)["code"], "test-refused");
}

#[test]
fn what_is_not_known_is_null() {
    let scene = Scene::new();
    drop(Ask::get("/x").through(&AnalyticsLayer::new(scene.policy())));
    let json = json_of(&scene);
    for field in
        ["route", "address", "country", "region", "city", "userAgent", "session", "user", "code"]
    {
        assert_eq!(json[field], Value::Null, "{field}");
    }
}

#[test]
fn time_is_the_arrival_by_the_wall_and_the_response_time_ignores_a_step_of_it() {
    let scene = Scene::new();
    let clock = scene.clock.clone();
    let inner = Inner(move |_: &_| {
        clock.advance(Duration::from_millis(3));
        clock.step_wall(std::time::UNIX_EPOCH);
        Verdict::Pass
    });
    drop(scene.send_through(scene.policy(), inner, Ask::get("/x")));
    assert_eq!(scene.only().response_time, Duration::from_millis(3));
    assert_eq!(json_of(&scene)["time"], "2026-01-01T00:00:00.000Z");
}

#[test]
fn a_long_user_agent_path_and_user_are_cut_between_characters() {
    let scene = Scene::new();
    let inner = Inner(|context: &palisade_core::SecurityContext| {
        context.learn_identity(Identity::new("ü".repeat(600), IdentityKind::Jwt));
        Verdict::Pass
    });
    let ask = Ask::get(&format!("/{}", "p".repeat(2000)))
        .header("user-agent", format!("x{}", "é".repeat(300)));
    drop(scene.send_through(scene.policy(), inner, ask));
    let record = scene.only();
    assert_eq!(record.path.len(), 512);
    assert_eq!(record.user_agent.as_deref().unwrap(), format!("x{}", "é".repeat(127)));
    assert_eq!(record.user.as_deref().unwrap(), "ü".repeat(512));
}

#[test]
fn a_user_agent_that_is_no_utf8_and_a_made_up_method_are_kept_within_their_bounds() {
    let scene = Scene::new();
    let method = Method::from_bytes(&[b'M'; 4000]).unwrap();
    let record = scene.record_of(Ask::method(method, "/x").header("user-agent", [0xff; 400]));
    assert_eq!(record.method.as_str(), "M".repeat(32));
    let agent = record.user_agent.as_deref().unwrap();
    assert!(agent.len() <= 256 && agent.chars().all(|c| c == '\u{fffd}'), "{agent}");
}

#[test]
fn e8_neither_query_nor_credentials_nor_other_headers_are_kept() {
    let scene = Scene::new();
    let record = scene.record_of(
        Ask::get("/api/stream?token=SECRET1")
            .bearer("SECRET2")
            .header("x-api-key", "SECRET3")
            .header("referer", "https://a.example/?t=SECRET4")
            .header("cookie", "refresh=SECRET5"),
    );
    for text in
        [serde_json::to_string(&*record).unwrap(), record.to_string(), format!("{record:?}")]
    {
        assert!(!text.contains("SECRET"), "{text}");
    }
    assert_eq!(&*record.path, "/api/stream");
}

#[test]
fn the_time_of_a_stream_of_hours_is_told_in_full() {
    let scene = Scene::new();
    let clock = scene.clock.clone();
    let inner = Inner(move |_: &palisade_core::SecurityContext| {
        clock.advance(Duration::from_secs(3 * 3600));
        Verdict::Pass
    });
    drop(scene.send_through(scene.policy(), inner, Ask::get("/api/feed")));
    assert_eq!(json_of(&scene)["responseTimeMs"], json!(10_800_000.0));
    assert!(scene.only().to_string().ends_with(" 10800000.000ms"), "{}", scene.only());
    let summary = scene.analytics.store().summary(&Filter::new()).unwrap();
    assert_eq!(serde_json::to_value(&summary).unwrap()["maxMs"], json!(10_800_000.0));
}

#[test]
fn users_with_long_ids_are_kept_apart_and_found_by_their_whole_ids() {
    let scene = Scene::new();
    let users = ["a", "b"].map(|end| format!("{}{end}", "u".repeat(1023)));
    for user in &users {
        let user = user.clone();
        let inner = Inner(move |context: &palisade_core::SecurityContext| {
            context.learn_identity(Identity::new(user.as_str(), IdentityKind::Jwt));
            Verdict::Pass
        });
        drop(scene.send_through(scene.policy(), inner, Ask::get("/api/feed")));
    }
    assert_eq!(scene.records().len(), 2);
    assert_eq!(scene.analytics.store().summary(&Filter::new()).unwrap().users, 2);
    let first = Filter::new().user(users[0].as_str());
    assert_eq!(scene.analytics.delete(&first).unwrap(), 1);
    assert_eq!(scene.only().user.as_deref(), Some(&*users[1]));
}
