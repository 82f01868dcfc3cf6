//! A decision among 1 000 grants with patterns.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{
    core::{Clock, Identity, IdentityKind},
    vfs_acl::{Acl, Action, Mount, Principal, Rule, VfsPath},
};

fn vfs_acl(criterion: &mut Criterion) {
    let grant = |n| {
        Rule::grant("docs", Principal::user(format!("user-{n}")), Action::Read)
            .matching(format!("team-{n}/**/*.md"))
    };
    let acl = Acl::builder().mount(Mount::at("docs")).rules((0..1000).map(grant)).build().unwrap();
    let identity = Identity::new("user-500", IdentityKind::Jwt);
    let path = VfsPath::parse("docs/team-500/plans/2026/wall.md").unwrap();
    let now = Clock::system().now().wall();
    criterion.bench_function("vfs-acl/decision among 1 000 grants", |bench| {
        bench.iter(|| acl.decide(&identity, black_box(&path), Action::Read, now).is_allowed());
    });
}

criterion_group!(benches, vfs_acl);
criterion_main!(benches);
