//! Laws that hold for every history.

use palisade_core::{Identity, SecurityContext};
use palisade_test_support::Ask;
use palisade_users::Proof;
use proptest::{collection::vec, prelude::*};

use crate::fixture::{Bench, SECOND, id};

/// One step of a history, about one of four users.
#[derive(Clone, Debug)]
enum Step {
    Wait,
    Issue(usize),
    RevokeUser(usize),
    RevokeAll,
    /// The newest token of a user.
    RevokeToken(usize),
    Change(usize),
}

/// A token, and whether it was taken back as a plain list of all that happened says.
struct Issued {
    who: Identity,
    text: String,
    taken_back: bool,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Wait),
        4 => (0_usize..4).prop_map(Step::Issue),
        1 => (0_usize..4).prop_map(Step::RevokeUser),
        1 => Just(Step::RevokeAll),
        2 => (0_usize..4).prop_map(Step::RevokeToken),
        2 => (0_usize..4).prop_map(Step::Change),
    ]
}

fn name(user: usize) -> String {
    format!("user-{user}")
}

/// Lets all of it happen; returns the bench and all tokens.
fn live(bench: &Bench, steps: &[Step]) -> Vec<Issued> {
    let mut tokens: Vec<Issued> = Vec::new();
    for step in steps {
        match step {
            Step::Wait => bench.clock.advance(SECOND),
            Step::Issue(user) => tokens.push(Issued {
                who: bench.token_of(&name(*user)),
                text: format!("token-{}", tokens.len()),
                taken_back: false,
            }),
            Step::RevokeUser(user) => {
                bench.revocations.revoke(&id(&name(*user)), bench.now());
                let own = tokens.iter_mut().filter(|token| token.who.subject() == name(*user));
                own.for_each(|token| token.taken_back = true);
            }
            Step::RevokeAll => {
                bench.revocations.revoke_all(bench.now());
                tokens.iter_mut().for_each(|token| token.taken_back = true);
            }
            Step::RevokeToken(user) => {
                let mut own = tokens.iter_mut().rev();
                if let Some(token) = own.find(|token| token.who.subject() == name(*user)) {
                    bench.revocations.revoke_token(&proof(bench, token));
                    token.taken_back = true;
                }
            }
            Step::Change(user) => bench.revocations.user_changed(&id(&name(*user))),
        }
    }
    tokens
}

fn proof(bench: &Bench, token: &Issued) -> Proof {
    let context = SecurityContext::new(bench.clock.now());
    let head = palisade_test_support::head_of(Ask::get("/").bearer(&token.text));
    assert!(context.credential(&head).one().is_some());
    context.learn_identity(token.who.clone());
    Proof::of(&context).unwrap()
}

fn is_refused(bench: &Bench, token: &Issued) -> bool {
    let ask = Ask::get("/events").bearer(&token.text);
    bench.send(ask, &token.who).1 == "invalid-token.revoked"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// With room enough, what is refused is what was taken back, token by token, except for tokens of the same second.
    #[test]
    fn what_is_refused_is_what_was_taken_back(steps in vec(step(), 0..40)) {
        let bench = Bench::new();
        // A token that is issued in the second of a revocation is refused too: a second between any two steps.
        let steps: Vec<Step> = steps.into_iter().flat_map(|step| [Step::Wait, step]).collect();
        let tokens = live(&bench, &steps);
        // Beyond eight single tokens of a user all of his are taken back.
        let many = |token: &Issued| {
            let own = tokens.iter().filter(|other| other.who.subject() == token.who.subject());
            own.filter(|other| other.taken_back).count() > 8
        };
        for token in &tokens {
            let refused = is_refused(&bench, token);
            prop_assert!(refused == token.taken_back || (refused && many(token)), "{}", token.text);
        }
    }

    /// However little room there is, nothing that was taken back is good again.
    #[test]
    fn nothing_that_was_taken_back_is_good_again(
        steps in vec(step(), 0..40),
        room in 1_usize..4,
    ) {
        let bench = Bench::with(|builder| builder.most_users(room));
        for token in live(&bench, &steps).iter().filter(|token| token.taken_back) {
            prop_assert!(is_refused(&bench, token), "{}", token.text);
        }
    }

    /// A ticket opens the stream of its user at most once, and nothing else opens any.
    #[test]
    fn a_ticket_opens_one_stream(
        steps in vec((0_usize..2, 0_usize..4, 0_u32..12), 1..40),
        text in "\\PC{0,50}",
    ) {
        let bench = Bench::new();
        let mut issued: Vec<(String, &str, std::time::SystemTime)> = Vec::new();
        for (user, back, wait) in steps {
            let subject = ["alice", "bob"][user];
            let context = bench.context(&bench.token_of(subject), "a.b.c");
            let ticket = bench.tickets.issue(&context, "/events").unwrap();
            issued.push((ticket.expose().to_owned(), subject, bench.now()));
            bench.clock.advance(wait * SECOND);
            let place = issued.len().saturating_sub(back + 1);
            let (text, subject, since) = issued.remove(place);
            let redeem = || bench.tickets.redeem(&text, "/events", bench.clock.now());
            let first = redeem();
            let young = bench.now().duration_since(since).unwrap() < 30 * SECOND;
            prop_assert!(young || first.is_none());
            if let Some(proof) = first {
                prop_assert_eq!(proof.identity().subject(), subject);
            }
            prop_assert!(redeem().is_none());
        }
        prop_assert!(bench.tickets.redeem(&text, "/events", bench.clock.now()).is_none());
    }
}
