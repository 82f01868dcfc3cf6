//! Temporary.
use palisade_audit::*;
use palisade_core::{Code, RequestId};
use std::time::{Duration, UNIX_EPOCH};
fn main() {
    let at = |s: u64| UNIX_EPOCH + Duration::from_secs(1_767_225_600 + s);
    let p = |n| Person::new(n).issued_by("https://id.example");
    let a = |n| {
        Actor::new(ActorKind::User)
            .person(p(n))
            .address([203, 0, 113, 7].into())
            .user_agent("Mozilla/5.0 \"x\" é")
    };
    let log = LogId::random();
    let mut r = vec![];
    let e1 = Event::new(Action::new("user.disabled"), a("alice"), Outcome::Done)
        .on_behalf_of(p("carol"))
        .target(Target::person(p("bob")))
        .request(RequestId::random())
        .reason("left the company\n")
        .details(
            Details::new()
                .text("ticket", "HR-7")
                .number("days", 30)
                .list("roles", ["editor", "admin"]),
        );
    r.push(Head::empty(log).next(e1, at(0)));
    let e2 = Event::new(
        Action::new("ban.lifted"),
        a("alice"),
        Outcome::Refused(Code::new("insufficient-role", "")),
    )
    .target(Target::new("address", "192.0.2.1"))
    .request(RequestId::random());
    let n = r[0].head().next(e2, at(60));
    r.push(n);
    let n = r[1]
        .head()
        .next(Event::new(Action::new("cache.flushed"), Actor::system(), Outcome::Done), at(3));
    r.push(n);
    let key = SigningKey::generate("audit.example.com").unwrap();
    let c1 = key.sign(Checkpoint::new(log, r[2].head(), at(100)));
    let n = r[2].head().next(
        Event::new(
            Action::new("user.sign-in"),
            Actor::new(ActorKind::Anonymous).address("2001:db8::7".parse().unwrap()),
            Outcome::Failed(Code::new("directory-unavailable", "")),
        ),
        at(120),
    );
    r.push(n);
    let mut parts = 0;
    for x in &mut r {
        parts += x.erase_person(&p("bob"));
        parts += x.erase_person(&p("carol"));
    }
    let n = r[3].head().next(
        Event::erasure(Actor::new(ActorKind::Operator), parts).reason("request 2026-12"),
        at(180),
    );
    r.push(n);
    let c2 = key.sign(Checkpoint::new(log, r[4].head(), at(200)));
    let mut out = std::fs::File::create("crates/audit/tests/data/log.ndjson").unwrap();
    for x in &r {
        x.write_line(&mut out).unwrap();
    }
    std::fs::write("crates/audit/tests/data/checkpoints.txt", format!("{c1}\n{c2}\n")).unwrap();
    std::fs::write("crates/audit/tests/data/keys.txt", format!("{}\n", key.verifying_key()))
        .unwrap();
}
