//! A decision among 1 000 grants with patterns.
#![expect(missing_docs, clippy::unwrap_used, reason = "criterion's macros; a benchmark that cannot be set up must fail")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{
    core::{Clock, Identity, IdentityKind},
    vfs_acl::{Acl, Action, Grant, Mount, Principal, VfsPath},
};

fn vfs_acl(criterion: &mut Criterion) {
    let mut acl = Acl::builder().mount(Mount::at("docs").unwrap());
    for n in 0..1000 {
        let grant = Grant::to(Principal::user(format!("user-{n}"))).on_pattern("docs", format!("team-{n}/**/*.md")).unwrap();
        acl = acl.grant(grant.allowing([Action::Read]));
    }
    let acl = acl.build().unwrap();
    let identity = Identity::new("user-500", IdentityKind::Jwt);
    let path = VfsPath::parse("docs/team-500/plans/2026/wall.md").unwrap();
    let now = Clock::system().now().wall();
    criterion.bench_function("vfs-acl/decision among 1 000 grants", |bench| {
        bench.iter(|| acl.decide(Some(&identity), black_box(&path), Action::Read, now).is_allowed());
    });
}

criterion_group!(benches, vfs_acl);
criterion_main!(benches);
