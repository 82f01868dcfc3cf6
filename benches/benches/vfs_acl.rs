//! Decisions among a thousand grants with patterns and among a million, a change among a million, a page of a listing.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{cell::LazyCell, hint::black_box, time::SystemTime};

use criterion::{
    BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use palisade::{
    core::{Clock, Identity, IdentityKind},
    vfs_acl::{Acl, AclHandle, Action, Listing, Mount, Pattern, Principal, Rule, VfsPath},
};
use palisade_benches::{draws, most};

const ONE_MILLION: u32 = most(1_000_000);
/// Callers and paths that are asked about among a million.
const ASKED: u32 = most(100_000);

fn user(number: u32) -> Principal {
    Principal::user(format!("user-{number}"))
}

fn identity(number: u32) -> Identity {
    Identity::new(format!("user-{number}"), IdentityKind::Jwt)
}

fn path(text: &str) -> VfsPath {
    VfsPath::parse(text).unwrap()
}

fn docs(rules: impl Iterator<Item = Rule>) -> Acl {
    Acl::builder().mount(Mount::at("docs")).rules(rules).build().unwrap()
}

/// A grant for each user, to what a pattern matches.
fn own_team(number: u32) -> Rule {
    Rule::grant("docs", user(number), Action::Read).matching(format!("team-{number}/**/*.md"))
}

fn plan(team: u32) -> VfsPath {
    path(&format!("docs/team-{team}/plans/2026/wall.md"))
}

fn decided(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, acl: &Acl, at: &VfsPath) {
    let (identity, now) = (identity(500), now());
    assert!(acl.decide(&identity, at, Action::Read, now).is_allowed());
    group.bench_function(name, |bench| {
        bench.iter(|| {
            let (identity, path) = (black_box(&identity), black_box(at));
            acl.decide(identity, path, Action::Read, now).is_allowed()
        });
    });
}

fn now() -> SystemTime {
    Clock::system().now().wall()
}

fn thousand(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("vfs-acl");
    decided(&mut group, "decision among 1 000 grants", &docs((0..1_000).map(own_team)), &plan(500));
    let all_of_one = |pattern: &dyn Fn(u32) -> String| {
        docs((0..1_000).map(|n| Rule::grant("docs", user(500), Action::Read).matching(pattern(n))))
    };
    let ends = all_of_one(&|n| format!("**/*.ext{n}"));
    decided(&mut group, "1 000 grants of the caller, by endings", &ends, &path("docs/a/b/c.ext7"));
    let holds = all_of_one(&|n| format!("**/*part-{n}-*"));
    decided(
        &mut group,
        "1 000 grants of the caller, by parts",
        &holds,
        &path("docs/a/b/a part-7-x"),
    );
    group.finish();
}

fn million(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("vfs-acl");
    let acl = LazyCell::new(|| docs((0..ONE_MILLION).map(own_team)));
    group.bench_function("decision among 1 M grants, anybody's", |bench| {
        let mut draw = draws();
        let asked: Vec<_> =
            (0..ASKED).map(|_| draw(ONE_MILLION)).map(|n| (identity(n), plan(n))).collect();
        let (mut callers, now) = (asked.iter().cycle(), now());
        bench.iter(|| {
            let (identity, path) = callers.next().unwrap();
            acl.decide(identity, path, Action::Read, now).is_allowed()
        });
    });
    group.bench_function("a grant more, among 1 M", |bench| {
        let mut number = ONE_MILLION;
        bench.iter(|| {
            number = number.wrapping_add(1);
            acl.change().rule(own_team(number)).build().unwrap()
        });
    });
    group.finish();
}

fn while_it_lasts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("vfs-acl");
    let handle = AclHandle::new(docs((0..1_000).map(own_team)));
    let (identity, now) = (identity(500), now());
    let mut standing = handle.standing(&identity, &plan(500), Action::Read);
    group.bench_function("an open download asks", |bench| {
        bench.iter(|| standing.holds(black_box(now)));
    });
    let owned = Acl::builder().mount(Mount::at("docs").owner(user(500))).build().unwrap();
    let handle = AclHandle::new(owned);
    let paths: Vec<VfsPath> =
        (0..1_000).map(|n| path(&format!("docs/{:03}/file-{n}.md", n / 10))).collect();
    let pattern = Pattern::new("docs/**/*7.md").unwrap();
    group.bench_function("a listing of 1 000 names", |bench| {
        bench.iter(|| {
            let listing = Listing::new(&handle, &identity, pattern.clone());
            listing.page(paths.iter().cloned(), || now).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, thousand, million, while_it_lasts);
criterion_main!(benches);
