//! Streams that are open when something changes.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use palisade_core::SecurityContext;
use palisade_test_support::Ask;
use palisade_users::{Proof, User, Watch};

use crate::fixture::{Bench, HOUR, SECOND, id};

/// A stream that waits for its end.
struct Stream {
    watch: Watch,
    woken: Arc<Woken>,
}

/// Counts how often its task was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

// === impl Stream ===

impl Stream {
    /// Opens one with a token of `subject`.
    fn open(bench: &Bench, subject: &str) -> Self {
        Self::begin(bench, &bench.context(&bench.token_of(subject), subject))
    }

    fn begin(bench: &Bench, context: &SecurityContext) -> Self {
        Self { watch: bench.revocations.watch(context).unwrap(), woken: Arc::default() }
    }

    /// Whether it has ended; if not, its task is woken when it does.
    fn has_ended(&mut self) -> bool {
        let waker = Waker::from(Arc::clone(&self.woken));
        let poll = Pin::new(&mut self.watch).poll(&mut Context::from_waker(&waker));
        poll == Poll::Ready(())
    }

    fn woken(&self) -> usize {
        self.woken.0.load(Ordering::SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Opens a stream of alice and one of bob, lets `happen`, and says which of them ended. Who ended was woken.
fn ended_by(happen: impl FnOnce(&Bench)) -> (bool, bool) {
    let bench = Bench::new();
    let mut streams = ["alice", "bob"].map(|subject| Stream::open(&bench, subject));
    assert!(streams.iter_mut().all(|stream| !stream.has_ended()));
    happen(&bench);
    let [alice, bob] = streams.map(|mut stream| {
        let woken = stream.woken() == 1;
        assert_eq!(stream.watch.is_over(bench.now()), woken);
        assert_eq!(stream.has_ended(), woken);
        woken
    });
    (alice, bob)
}

/// What is done to a user, by name.
type Change = (&'static str, fn(&Bench));

#[test]
fn e3_an_open_stream_ends_with_its_token_its_role_and_its_user() {
    let alice = || id("alice");
    let changes: [Change; 9] = [
        ("revoke", |bench| bench.revocations.revoke(&id("alice"), bench.now())),
        ("changed", |bench| bench.revocations.user_changed(&id("alice"))),
        ("disable", |bench| assert!(bench.users.disable(&id("alice")))),
        ("enable", |bench| assert!(bench.users.enable(&id("alice")))),
        ("roles", |bench| assert!(bench.users.replace_roles(&id("alice"), ["editor"]))),
        ("remove", |bench| assert!(bench.users.remove(&id("alice"), bench.now()))),
        ("put", |bench| bench.users.put(&id("alice"), User::new()).unwrap()),
        ("end", |bench| bench.revocations.end_streams(|who| who.subject() == "alice")),
        ("token", |bench| {
            let proof = Proof::of(&bench.context(&bench.token_of("alice"), "alice")).unwrap();
            bench.revocations.revoke_token(&proof);
        }),
    ];
    for (change, happen) in changes {
        assert_eq!(ended_by(happen), (true, false), "{change} of {:?}", alice());
    }
}

#[test]
fn e3_what_concerns_everybody_ends_all_streams() {
    assert_eq!(ended_by(|bench| bench.revocations.revoke_all(bench.now())), (true, true));
    assert_eq!(ended_by(|bench| bench.revocations.everyone_changed()), (true, true));
}

#[test]
fn what_changes_nothing_ends_nothing() {
    let same = User::new().role("admin").organisation("acme");
    assert_eq!(ended_by(|bench| bench.users.put(&id("alice"), same).unwrap()), (false, false));
    assert_eq!(
        ended_by(|bench| bench.users.put(&id("carol"), User::new()).unwrap()),
        (false, false)
    );
    assert_eq!(ended_by(|bench| bench.revocations.user_changed(&id("carol"))), (false, false));
}

#[test]
fn e3_another_token_of_the_same_user_keeps_its_stream() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    let (phone, laptop) = (bench.context(&alice, "phone"), bench.context(&alice, "laptop"));
    let [mut on_phone, mut on_laptop] =
        [&phone, &laptop].map(|context| Stream::begin(&bench, context));
    bench.revocations.revoke_token(&Proof::of(&phone).unwrap());
    assert_eq!((on_phone.has_ended(), on_laptop.has_ended()), (true, false));
}

#[test]
fn e3_what_changes_between_the_decision_and_the_stream_ends_it_at_once() {
    let changes: [fn(&Bench); 4] = [
        |bench| bench.revocations.revoke(&id("alice"), bench.now()),
        |bench| bench.revocations.revoke_all(bench.now()),
        |bench| assert!(bench.users.replace_roles(&id("alice"), ["editor"])),
        |bench| {
            let proof = Proof::of(&bench.context(&bench.token_of("alice"), "a.b.c")).unwrap();
            bench.revocations.revoke_token(&proof);
        },
    ];
    for happen in changes {
        let bench = Bench::new();
        let context = bench.context(&bench.token_of("alice"), "a.b.c");
        happen(&bench);
        assert!(Stream::begin(&bench, &context).has_ended());
    }
}

#[test]
fn what_changed_before_the_decision_ends_nothing() {
    let bench = Bench::new();
    bench.revocations.user_changed(&id("alice"));
    bench.revocations.everyone_changed();
    assert!(!Stream::open(&bench, "alice").has_ended());
}

#[test]
fn e3_a_stream_is_over_when_its_credential_ends() {
    let bench = Bench::new();
    let stream = Stream::open(&bench, "alice");
    assert_eq!(stream.watch.expiry(), Some(bench.now() + HOUR));
    assert!(!stream.watch.is_over(bench.now() + HOUR - SECOND));
    assert!(stream.watch.is_over(bench.now() + HOUR));
}

#[test]
fn a_stream_of_nobody_is_never_ended() {
    let bench = Bench::new();
    let (context, code) = bench.send(Ask::get("/events"), &bench.token_of("alice"));
    assert_eq!(code, "");
    let mut stream = Stream::begin(&bench, &context);
    bench.revocations.revoke_all(bench.now());
    assert!(!stream.has_ended());
    assert!(!stream.watch.is_over(bench.now()));
}

#[test]
fn a_task_that_looks_twice_is_woken_once() {
    let bench = Bench::new();
    let mut stream = Stream::open(&bench, "alice");
    assert!(!stream.has_ended() && !stream.has_ended());
    bench.revocations.user_changed(&id("alice"));
    bench.revocations.user_changed(&id("alice"));
    assert_eq!(stream.woken(), 1);
    assert!(stream.has_ended() && stream.has_ended());
}
