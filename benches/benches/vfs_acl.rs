//! A decision among 1 000 grants with patterns.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{
    core::{Clock, Identity, IdentityKind},
    vfs_acl::{Acl, Action, Mount, Principal, Rule, VfsPath},
};

fn vfs_acl(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("vfs-acl");
    let grant = |n| {
        Rule::grant("docs", Principal::user(format!("user-{n}")), Action::Read)
            .matching(format!("team-{n}/**/*.md"))
    };
    let acl = Acl::builder().mount(Mount::at("docs")).rules((0..1000).map(grant)).build().unwrap();
    let identity = Identity::new("user-500", IdentityKind::Jwt);
    let path = VfsPath::parse("docs/team-500/plans/2026/wall.md").unwrap();
    let now = Clock::system().now().wall();
    assert!(acl.decide(&identity, &path, Action::Read, now).is_allowed());
    group.bench_function("decision among 1 000 grants", |bench| {
        bench.iter(|| {
            let (identity, path) = (black_box(&identity), black_box(&path));
            acl.decide(identity, path, Action::Read, now).is_allowed()
        });
    });
    group.finish();
}

criterion_group!(benches, vfs_acl);
criterion_main!(benches);
