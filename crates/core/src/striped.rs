//! One value for each of a few threads.

use std::{
    cell::Cell,
    fmt,
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// The most stripes: beyond, threads share.
const MOST: usize = 64;

/// Several values of one kind, of which every thread uses its own: what one core writes for a request, no other core
/// writes at the same time.
///
/// A count of references or a lock that all threads write is what keeps two threads from being twice as fast as one: the
/// line of memory it is in goes to and fro between the cores, some 50 to 100 ns each time. There are as many values as the
/// machine has cores, rounded up to a power of two, and 64 at most; with more threads than that, some share.
pub struct Striped<T> {
    first: Line<T>,
    others: Box<[Line<T>]>,
}

/// Two lines of memory, because processors fetch them in pairs.
#[repr(align(128))]
struct Line<T>(T);

thread_local! {
    /// The number of this thread; the first one that asks is number 0.
    static NUMBER: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// The number of the next thread that asks.
static NEXT: AtomicUsize = AtomicUsize::new(0);

// === impl Striped ===

impl<T> Striped<T> {
    /// Makes every value by `make`.
    pub fn new(mut make: impl FnMut() -> T) -> Self {
        let others = Self::count().saturating_sub(1);
        let first = Line(make());
        let others = std::iter::repeat_with(|| Line(make())).take(others).collect();
        Self { first, others }
    }

    /// How many values there are.
    #[must_use]
    pub fn count() -> usize {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        cores.next_power_of_two().min(MOST)
    }

    /// This thread's value.
    #[must_use]
    pub fn mine(&self) -> &T {
        // The number of values is a power of two, so the number of others is a mask.
        let place = number() & self.others.len();
        let other = place.checked_sub(1).and_then(|place| self.others.get(place));
        &other.unwrap_or(&self.first).0
    }

    /// All values, to add up what the threads counted.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.others).map(|line| &line.0)
    }
}

/// Shows one: they are of one kind.
impl<T: fmt::Debug> fmt::Debug for Striped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mine().fmt(f)
    }
}

fn number() -> usize {
    NUMBER.with(|number| {
        if number.get() == usize::MAX {
            number.set(NEXT.fetch_add(1, Ordering::Relaxed));
        }
        number.get()
    })
}
