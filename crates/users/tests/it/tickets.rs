//! One-time tickets for streams.

use palisade_core::{Access, Identity, IdentityKind, Rejection, Route, RouteTag, SecurityContext};
use palisade_test_support::Ask;
use palisade_users::{Proof, TicketPolicy};

use crate::fixture::{Bench, HOUR, ISSUER, SECOND, code, id};

const BAD: &str = "invalid-token.ticket";

impl Bench {
    /// A ticket of `who` for the route of the bench.
    fn ticket(&self, who: &Identity) -> String {
        let context = self.context(who, "a.b.c");
        self.tickets.issue(&context, "/events").unwrap().expose().to_owned()
    }

    /// Asks with a query, by nobody's token.
    fn follow(&self, query: &str) -> (SecurityContext, &'static str) {
        self.send(Ask::get(&format!("/events?{query}")), &self.token_of("mallory"))
    }

    fn redeem(&self, ticket: &str) -> &'static str {
        self.follow(&format!("ticket={ticket}")).1
    }
}

#[test]
fn a_ticket_opens_a_stream_as_the_one_it_was_issued_to() {
    let bench = Bench::new();
    let ticket = bench.ticket(&bench.token_of("alice"));
    let (context, code) = bench.follow(&format!("a=b&ticket={ticket}"));
    let who = context.identity().unwrap();
    assert_eq!((code, who.subject(), who.is_admin()), ("", "alice", true));
    assert!(context.has_credential(), "its answer is for one person alone");
}

#[test]
fn e3_a_ticket_is_good_once() {
    let bench = Bench::new();
    let ticket = bench.ticket(&bench.token_of("alice"));
    assert_eq!((bench.redeem(&ticket), bench.redeem(&ticket)), ("", BAD));
    assert_eq!(bench.tickets.count(), 0);
}

#[test]
fn e3_a_ticket_is_good_for_30_seconds() {
    let bench = Bench::new();
    let tickets = [(); 2].map(|()| bench.ticket(&bench.token_of("alice")));
    bench.clock.advance(29 * SECOND);
    assert_eq!(bench.redeem(&tickets[0]), "");
    bench.clock.advance(SECOND);
    assert_eq!(bench.redeem(&tickets[1]), BAD);
}

#[test]
fn j9_a_ticket_is_good_for_its_route_alone_and_used_up_elsewhere() {
    let bench = Bench::new();
    let context = bench.context(&bench.token_of("alice"), "a.b.c");
    for route in ["/admin/events", "/event", "/events/", "/EVENTS", ""] {
        let ticket = bench.tickets.issue(&context, route).unwrap();
        assert_eq!(bench.redeem(ticket.expose()), BAD, "{route}");
        assert!(bench.tickets.redeem(ticket.expose(), route, bench.clock.now()).is_none());
    }
}

#[test]
fn j9_the_roles_of_a_ticket_are_those_of_its_user_when_it_is_used() {
    let bench = Bench::new();
    let ticket = bench.ticket(&bench.token_of("alice"));
    bench.users.replace_roles(&id("alice"), ["editor"]);
    let (context, code) = bench.follow(&format!("ticket={ticket}"));
    assert_eq!((code, context.identity().unwrap().is_admin()), ("", false));
}

#[test]
fn j14_a_ticket_does_not_outlive_what_it_stands_for() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    let ticket = bench.ticket(&alice);
    bench.users.disable(&id("alice"));
    assert_eq!(bench.redeem(&ticket), "invalid-token.unknown-user");
    bench.users.enable(&id("alice"));

    let ticket = bench.ticket(&alice);
    bench.revocations.revoke_token(&Proof::of(&bench.context(&alice, "a.b.c")).unwrap());
    assert_eq!(bench.redeem(&ticket), "invalid-token.revoked");

    let ending = alice.clone().expires(bench.now() + 10 * SECOND).issued_at(bench.now() + HOUR);
    let context = SecurityContext::new(bench.clock.now());
    context.learn_identity(ending);
    let ticket = bench.tickets.issue(&context, "/events").unwrap();
    bench.clock.advance(10 * SECOND);
    assert_eq!(bench.redeem(ticket.expose()), BAD);
}

#[test]
fn e3_the_token_behind_a_ticket_ends_the_stream_it_opened() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    let ticket = bench.ticket(&alice);
    let (stream, _) = bench.follow(&format!("ticket={ticket}"));
    let watch = bench.revocations.watch(&stream).unwrap();
    assert!(!watch.is_over(bench.now()));
    bench.revocations.revoke_token(&Proof::of(&bench.context(&alice, "a.b.c")).unwrap());
    assert!(watch.is_over(bench.now()));
}

#[test]
fn j3_a_ticket_beside_another_credential_is_ambiguous() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    let ticket = bench.ticket(&alice);
    let one = format!("/events?ticket={ticket}");
    let twice = format!("{one}&ticket={ticket}");
    let beside_token = format!("{one}&token=a.b.c");
    let asks = [
        Ask::get(&one).bearer("a.b.c"),
        Ask::get(&one).header("x-api-key", "key"),
        Ask::get(&one).header("authorization", "Basic YTpi"),
        Ask::get(&twice),
        Ask::get(&beside_token),
    ];
    for ask in asks {
        assert_eq!(bench.send(ask, &alice).1, "ambiguous-credentials");
    }
    assert_eq!(bench.redeem(&ticket), "", "none of them used it up");
}

#[test]
fn a_ticket_counts_on_streams_alone() {
    let bench = Bench::new();
    let ticket = bench.ticket(&bench.token_of("alice"));
    for route in [None, Some(Route::new("/events", Access::Public))] {
        let context = SecurityContext::new(bench.clock.now());
        if let Some(route) = route {
            context.learn_route(route);
        }
        let ask = Ask::get(&format!("/events?ticket={ticket}")).context(&context);
        let answer = ask.policies(TicketPolicy::new(bench.tickets.clone()));
        assert_eq!((answer.status().as_u16(), context.identity().is_some()), (200, false));
    }
    assert_eq!(bench.redeem(&ticket), "");
}

#[test]
fn what_is_no_ticket_is_a_failed_credential() {
    let bench = Bench::new();
    let long = "a".repeat(100_000);
    for text in ["", "a", "%00", &"0".repeat(40), &"G".repeat(40), &long[..60_000]] {
        assert_eq!(bench.redeem(text), BAD, "{}", text.len());
    }
    let context = SecurityContext::new(bench.clock.now());
    context.learn_route(Route::new("/events", Access::Public).with_tags([RouteTag::STREAM]));
    let ask = Ask::get("/events?ticket=a").context(&context);
    let answer = ask.policies(TicketPolicy::new(bench.tickets.clone()));
    assert_eq!((answer.status().as_u16(), code(&answer)), (401, BAD));
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.violation_kind(), Some(palisade_core::ViolationKind::AuthFailure));
}

#[test]
fn nobody_gets_no_ticket() {
    let bench = Bench::new();
    let rejection = bench.tickets.issue(&palisade_test_support::context(), "/events").unwrap_err();
    assert_eq!(rejection.code().as_str(), "credentials-required");
    assert_eq!(rejection.headers()["www-authenticate"], "Bearer realm=\"api\"");
}

#[test]
fn j14_an_api_key_gets_no_ticket_which_would_outlive_it() {
    let bench = Bench::new();
    let key = Identity::new("alice", IdentityKind::ApiKey).issued_by(ISSUER);
    let context = bench.context(&key, "acme_live_1");
    let rejection = bench.tickets.issue(&context, "/events").unwrap_err();
    assert_eq!((rejection.status().as_u16(), rejection.code().as_str()), (403, "token-required"));
    assert_eq!(bench.tickets.count(), 0);
}

#[test]
fn e3_a_ticket_does_not_print_and_is_not_kept_in_clear() {
    let bench = Bench::new();
    let context = bench.context(&bench.token_of("alice"), "a.b.c");
    let ticket = bench.tickets.issue(&context, "/events").unwrap();
    assert_eq!(ticket.expose().len(), 40);
    let policy = TicketPolicy::new(bench.tickets.clone());
    for shown in [format!("{ticket:?}"), format!("{:?}", bench.tickets), format!("{policy:?}")] {
        assert!(!shown.contains(ticket.expose()), "{shown}");
    }
    let other = bench.tickets.issue(&context, "/events").unwrap();
    assert_ne!(ticket.expose(), other.expose());
}
