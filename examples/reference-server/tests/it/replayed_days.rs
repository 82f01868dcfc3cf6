//! 4 000 lines of a real access log through the whole stack at the times of the log, into the database: totals per address, method, path, day
//! and status are those of the file.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::{Method, Request, Response, StatusCode};
use palisade::{
    Stack,
    analytics::{Analytics, AnalyticsPolicy, Config, Dimension, Exclusions, Filter, Record, Store},
    authn_jwt::{Issuer, Keys, OptionalAuth, ProtectedRoutes, Verifier},
    client_ip::{ClientIpPolicy, Trust, TrustedNetworks},
    core::{ManualClock, RouteTag},
    route_registry::AccessRouter,
};
use palisade_sqlite::{SqliteOptions, SqliteStore};
use palisade_test_support::{Ask, Body};
use tower_layer::Layer;

/// 2015-05-01, in days since the epoch.
const FIRST_OF_MAY: u64 = 16_556;
/// What one line is counted by.
type Key = (String, String, String, u64, u16);

/// One line, read by hand: nothing of what is tested reads it.
struct Line {
    key: Key,
    target: String,
    time: SystemTime,
}

fn line(text: &str) -> Line {
    let quoted: Vec<&str> = text.split('"').collect();
    let (start, request, result) = (quoted[0], quoted[1], quoted[2]);
    let (method, rest) = request.split_once(' ').unwrap();
    let target = rest.split(' ').next().unwrap();
    // `[17/May/2015:10:05:03 +0000]`
    let time = start.split(['[', ']']).nth(1).unwrap();
    assert!(&time[2..12] == "/May/2015:" && time.ends_with(" +0000"), "{time}");
    let number = |from: usize| time[from..from + 2].parse::<u64>().unwrap();
    let day = FIRST_OF_MAY + number(0) - 1;
    let second = number(12) * 3600 + number(15) * 60 + number(18);
    let status = result.trim().split(' ').next().unwrap().parse().unwrap();
    let address = start.split(' ').next().unwrap().to_owned();
    let path = target.split('?').next().unwrap().to_owned();
    Line {
        key: (address, method.to_owned(), path, day, status),
        target: target.to_owned(),
        time: UNIX_EPOCH + Duration::from_secs(day * 86_400 + second),
    }
}

fn key(record: &Record) -> Key {
    let since = record.time.duration_since(UNIX_EPOCH).unwrap();
    (
        record.address.unwrap().to_string(),
        record.method.to_string(),
        record.path.to_string(),
        since.as_secs() / 86_400,
        record.status.unwrap().as_u16(),
    )
}

fn counted<T: Ord>(keys: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

fn counts(store: &dyn Store, dimension: Dimension) -> BTreeMap<String, u64> {
    store.count_by(&Filter::new(), dimension, 10_000).unwrap().rows.into_iter().collect()
}

/// Answers as the site of the log did.
fn replay(lines: &[Line], analytics: &Analytics) -> u64 {
    let clock = ManualClock::new();
    let (registry, _) =
        AccessRouter::<()>::new().tag_prefix("/api/", RouteTag::API).into_parts().unwrap();
    let keys = Keys::hs256(b"a test secret of thirty-two bytes or more").unwrap();
    let verifier = Verifier::new(Issuer::new("https://id.example", keys).audience("api")).unwrap();
    let auth = OptionalAuth::new(verifier).protected_routes(ProtectedRoutes::LetAnonymousIn);
    let trust = Trust::Networks(TrustedNetworks::new(["127.0.0.0/8"]).unwrap());
    let policy =
        AnalyticsPolicy::new(analytics).clock(clock.clock()).exclusions(Exclusions::none());
    let stack = Stack::new(registry, auth)
        .clock(clock.clock())
        .client_ip(ClientIpPolicy::new().trust(trust))
        .analytics(policy);
    let site = tower::service_fn(|request: Request<_>| {
        let status = request.headers()["x-status"].to_str().unwrap().parse().unwrap();
        let mut answer = Response::new(Body::default());
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        drop(request);
        async { Ok::<_, Infallible>(answer) }
    });
    let mut service = palisade::stack(stack).layer(site);
    let mut refused = 0;
    for line in lines {
        clock.step_wall(line.time);
        let (address, method, _, _, status) = &line.key;
        let answer: Response<_> =
            Ask::method(Method::from_bytes(method.as_bytes()).unwrap(), &line.target)
                .from("127.0.0.1")
                .header("host", "log.example")
                .header("x-forwarded-for", address)
                .header("x-status", status.to_string())
                .send(&mut service);
        if answer.status().as_u16() != *status {
            assert_eq!(answer.status(), 400, "{}", line.target);
            refused += 1;
        }
    }
    refused
}

#[test]
fn totals_of_a_replayed_log_are_those_of_the_file() {
    let all: Vec<Line> =
        include_str!("../data/apache-combined-4000.log").lines().map(line).collect();
    assert_eq!(all.len(), 4000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("analytics.db");
    let options = || SqliteOptions::default().keep_at_any_age();
    let store = Arc::new(SqliteStore::open(&path, options()).unwrap());
    let analytics = Analytics::start(Config::new().store(store)).unwrap();
    let refused = replay(&all, &analytics);
    analytics.shutdown();
    assert_eq!((analytics.dropped(), analytics.lost()), (0, 0));
    drop(analytics);

    // Two parsers could read these differently: they never reach the analytics.
    let is_ambiguous = |line: &&Line| line.key.2.contains("//") || line.key.2.contains(';');
    let expected: Vec<&Line> = all.iter().filter(|line| !is_ambiguous(line)).collect();
    assert_eq!((refused, expected.len()), (3, 3997));

    // After a restart.
    let store = SqliteStore::open(&path, options()).unwrap();
    let page = store.page(&Filter::new(), None, 10_000).unwrap();
    let recorded = counted(page.records.iter().map(|record| key(record)));
    assert_eq!(recorded, counted(expected.iter().map(|line| line.key.clone())));

    // What the store sums up itself.
    let of = |part: fn(&Key) -> String| counted(expected.iter().map(|line| part(&line.key)));
    assert_eq!(counts(&store, Dimension::Address), of(|key| key.0.clone()));
    assert_eq!(counts(&store, Dimension::Method), of(|key| key.1.clone()));
    assert_eq!(counts(&store, Dimension::Path), of(|key| key.2.clone()));
    assert_eq!(counts(&store, Dimension::Status), of(|key| key.4.to_string()));
    let days = store.over_time(&Filter::new(), Duration::from_hours(24), 100).unwrap();
    let days: Vec<_> = days
        .iter()
        .map(|step| {
            (step.from.duration_since(UNIX_EPOCH).unwrap().as_secs() / 86_400, step.requests)
        })
        .collect();

    // The same by a few lines of Python over the file, with a regular expression for a line.
    assert_eq!(days, [(FIRST_OF_MAY + 16, 1631), (FIRST_OF_MAY + 17, 2366)]);
    let status = counts(&store, Dimension::Status);
    let by_python =
        [("200", 3539), ("206", 21), ("301", 102), ("304", 250), ("404", 83), ("500", 2)];
    assert_eq!(status, by_python.map(|(status, count)| (status.to_owned(), count)).into());
    let (address, path) = (counts(&store, Dimension::Address), counts(&store, Dimension::Path));
    assert_eq!((address.len(), address["66.249.73.135"], address["75.97.9.59"]), (806, 230, 206));
    assert_eq!((path.len(), path["/favicon.ico"], path["/"]), (824, 294, 265));
    assert_eq!(
        counts(&store, Dimension::Method),
        [("GET".into(), 3980), ("HEAD".into(), 17)].into()
    );
}
