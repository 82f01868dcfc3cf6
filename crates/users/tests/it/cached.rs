//! Answers of a directory that are remembered, and asked for once by all.

use std::{
    future::{poll_fn, ready},
    panic::resume_unwind,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
};

use palisade_core::{BoxFuture, GateLayer, Identity, Moment, SecurityContext};
use palisade_test_support::Ask;
use palisade_users::{
    Answer, CachedDirectory, DirectoryError, KnownUsersPolicy, Lookup, User, UserDirectory,
};

use crate::fixture::{Bench, SECOND, code, id};

/// Answers what stood in its record when it was asked, as soon as it is opened; counts how often it was asked.
#[derive(Clone)]
struct Slow {
    record: Arc<Mutex<Answer>>,
    open: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    waiting: Arc<Mutex<Option<Waker>>>,
}

/// A cache in front of a slow directory.
struct Cached {
    bench: Bench,
    slow: Slow,
    directory: CachedDirectory<Slow>,
}

/// Says whether its task was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

// === impl Slow ===

impl UserDirectory for Slow {
    fn find(&self, _: &Identity, _: Moment) -> Lookup {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (slow, answer) = (self.clone(), self.record.lock().unwrap().clone());
        Lookup::Wait(Box::pin(poll_fn(move |cx| {
            if slow.open.load(Ordering::SeqCst) {
                return Poll::Ready(answer.clone());
            }
            *slow.waiting.lock().unwrap() = Some(cx.waker().clone());
            Poll::Pending
        })))
    }
}

// === impl Cached ===

impl Cached {
    /// In front of a directory that says `answer` at once.
    fn new(answer: Answer) -> Self {
        let slow = Slow {
            record: Arc::new(Mutex::new(answer)),
            open: Arc::new(AtomicBool::new(true)),
            asked: Arc::default(),
            waiting: Arc::default(),
        };
        let bench = Bench::new();
        let directory = CachedDirectory::new(slow.clone(), bench.revocations.clone());
        Self { bench, slow, directory }
    }

    /// The same, that says it later.
    fn closed(answer: Answer) -> Self {
        let cached = Self::new(answer);
        cached.slow.open.store(false, Ordering::SeqCst);
        cached
    }

    fn find(&self, subject: &str) -> BoxFuture<Answer> {
        match self.directory.find(&self.bench.token_of(subject), self.bench.clock.now()) {
            Lookup::Known(answer) => Box::pin(ready(answer)),
            Lookup::Wait(answer) => answer,
        }
    }

    /// Asks about alice, who is answered at once.
    fn ask(&self) -> Answer {
        look(&mut self.find("alice")).unwrap()
    }

    fn open(&self) {
        self.slow.open.store(true, Ordering::SeqCst);
    }

    fn record(&self, answer: Answer) {
        *self.slow.record.lock().unwrap() = answer;
    }

    /// How often it is asked again, once something has happened.
    fn asked_after(&self, happen: impl FnOnce(&Bench)) -> usize {
        assert_eq!(self.ask(), alice());
        let before = self.asked();
        happen(&self.bench);
        assert_eq!(self.ask(), alice());
        self.asked() - before
    }

    fn asked(&self) -> usize {
        self.slow.asked.load(Ordering::SeqCst)
    }
}

/// The answer, if it is there.
fn look(answer: &mut BoxFuture<Answer>) -> Option<Answer> {
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

fn alice() -> Answer {
    Ok(Some(User::new().role("admin")))
}

#[test]
fn a_user_is_remembered_for_30_seconds() {
    let cached = Cached::new(alice());
    for (wait, asked) in [(0_u32, 1), (29, 1), (1, 2), (29, 2)] {
        cached.bench.clock.advance(wait * SECOND);
        assert_eq!(cached.ask(), alice());
        assert_eq!(cached.asked(), asked);
    }
    assert_eq!(cached.directory.remembered(), 1);
}

#[test]
fn that_there_is_no_such_user_is_remembered_for_5_seconds() {
    let cached = Cached::new(Ok(None));
    for (wait, asked) in [(0_u32, 1), (4, 1), (1, 2)] {
        cached.bench.clock.advance(wait * SECOND);
        assert_eq!(cached.ask(), Ok(None));
        assert_eq!(cached.asked(), asked);
    }
}

#[test]
fn a_failure_is_not_remembered() {
    let cached = Cached::new(Err(DirectoryError::new("down")));
    assert!(cached.ask().is_err());
    cached.record(alice());
    assert_eq!((cached.ask(), cached.asked()), (alice(), 2));
}

#[test]
fn all_who_ask_at_a_time_wait_for_one_question() {
    let cached = Cached::closed(alice());
    let mut waiting: Vec<_> = (0..10).map(|_| cached.find("alice")).collect();
    let mut bob = cached.find("bob");
    assert!(waiting.iter_mut().all(|answer| look(answer).is_none()));
    assert!(look(&mut bob).is_none());
    assert_eq!(cached.asked(), 2, "one for each user");
    cached.open();
    assert!(waiting.iter_mut().all(|answer| look(answer) == Some(alice())));
    assert_eq!((look(&mut bob), cached.asked()), (Some(alice()), 2));
}

#[test]
fn who_waits_is_answered_though_the_one_who_asked_first_went_away() {
    let cached = Cached::closed(alice());
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let (mut first, mut second) = (cached.find("alice"), cached.find("alice"));
    assert!(look(&mut first).is_none());
    assert!(second.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(look(&mut first).is_none());
    drop(first);
    cached.open();
    let question = cached.slow.waiting.lock().unwrap().take().unwrap();
    question.wake();
    assert!(woken.0.load(Ordering::SeqCst), "the question wakes all who wait");
    assert_eq!((look(&mut second), cached.asked()), (Some(alice()), 1));
}

#[test]
fn a_question_that_hangs_is_asked_again_after_5_seconds() {
    let cached = Cached::closed(alice());
    let mut first = cached.find("alice");
    assert!(look(&mut first).is_none());
    cached.bench.clock.advance(5 * SECOND);
    let mut second = cached.find("alice");
    assert!(look(&mut second).is_none());
    assert_eq!(cached.asked(), 2);
}

#[test]
fn j14_a_remembered_answer_ends_with_a_change_of_its_user_and_no_other() {
    let cached = Cached::new(alice());
    assert_eq!(cached.asked_after(|bench| bench.revocations.user_changed(&id("bob"))), 0);
    assert_eq!(cached.asked_after(|bench| bench.revocations.user_changed(&id("alice"))), 1);
    assert_eq!(cached.asked_after(|bench| bench.revocations.revoke(&id("alice"), bench.now())), 1);
    assert_eq!(cached.asked_after(|bench| bench.revocations.everyone_changed()), 1);
    assert_eq!(cached.asked_after(|bench| bench.revocations.revoke_all(bench.now())), 1);
}

#[test]
fn j14_an_answer_that_was_on_its_way_when_the_user_changed_is_asked_for_anew() {
    let cached = Cached::closed(alice());
    let mut waiting = cached.find("alice");
    assert!(look(&mut waiting).is_none());
    cached.record(Ok(None));
    cached.bench.revocations.user_changed(&id("alice"));
    cached.open();
    assert_eq!(look(&mut waiting), Some(Ok(None)));
    assert_eq!((cached.ask(), cached.asked()), (Ok(None), 2));
}

#[test]
fn j14_a_remembered_user_who_is_disabled_demoted_or_removed_is_judged_anew_at_the_next_request() {
    let bench = Bench::new();
    let directory = CachedDirectory::new(bench.users.clone(), bench.revocations.clone());
    let layer = GateLayer::new(KnownUsersPolicy::new(directory));
    let asks = || {
        let context = SecurityContext::new(bench.clock.now());
        context.learn_identity(bench.token_of("alice"));
        let answer = Ask::get("/").context(&context).through(&layer);
        (code(&answer), context.identity().unwrap().is_admin())
    };
    let unknown = ("invalid-token.unknown-user", true);
    assert_eq!((asks(), asks()), (("", true), ("", true)));
    bench.users.replace_roles(&id("alice"), ["editor"]);
    assert_eq!((asks(), asks()), (("", false), ("", false)));
    bench.users.disable(&id("alice"));
    assert_eq!((asks(), asks()), (unknown, unknown));
    bench.users.enable(&id("alice"));
    assert_eq!(asks(), ("", false));
    bench.users.remove(&id("alice"), bench.now());
    assert_eq!(asks(), unknown);
}

#[test]
fn a_user_that_changes_all_the_time_is_not_known() {
    /// Changes the user whenever it is asked.
    struct Restless(Bench);
    impl UserDirectory for Restless {
        fn find(&self, _: &Identity, _: Moment) -> Lookup {
            self.0.revocations.user_changed(&id("alice"));
            Lookup::Known(alice())
        }
    }
    let bench = Bench::new();
    let (revocations, who, now) =
        (bench.revocations.clone(), bench.token_of("alice"), bench.clock.now());
    let directory = CachedDirectory::new(Restless(bench), revocations);
    let Lookup::Wait(mut answer) = directory.find(&who, now) else { panic!("not remembered") };
    assert!(look(&mut answer).unwrap().is_err());
}

#[test]
fn a_directory_that_panics_does_not_answer() {
    #[derive(Clone)]
    struct Panics;
    impl UserDirectory for Panics {
        fn find(&self, _: &Identity, _: Moment) -> Lookup {
            // Without the message of a panic.
            let panics = |_: &mut Context<'_>| -> Poll<Answer> { resume_unwind(Box::new(())) };
            Lookup::Wait(Box::pin(poll_fn(panics)))
        }
    }
    let bench = Bench::new();
    let directory = CachedDirectory::new(Panics, bench.revocations.clone());
    for _ in 0..2 {
        let found = directory.find(&bench.token_of("alice"), bench.clock.now());
        let Lookup::Wait(mut answer) = found else { panic!("a failure was remembered") };
        assert!(look(&mut answer).unwrap().is_err());
    }
}

#[test]
fn threads_that_ask_at_once_get_the_same_answer() {
    let cached = Cached::new(alice());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..200).for_each(|_| assert_eq!(cached.ask(), alice())));
        }
    });
    assert_eq!(cached.asked(), 1);
}

#[test]
fn the_memory_is_bounded() {
    let bench = Bench::new();
    let directory =
        CachedDirectory::with_capacity(bench.users.clone(), bench.revocations.clone(), 10);
    for number in 0..1_000 {
        let who = bench.token_of(&format!("user-{number}"));
        if let Lookup::Wait(mut answer) = directory.find(&who, bench.clock.now()) {
            assert_eq!(look(&mut answer), Some(Ok(None)));
        }
    }
    assert!(directory.remembered() <= 10);
}
