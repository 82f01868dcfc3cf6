//! Where the table has its atomics and locks from: the standard library, or loom where loom plays every interleaving.

#[cfg(test)]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};
#[cfg(not(test))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

/// The bytes of a line of memory, and its words.
#[cfg(not(test))]
const LINE: (usize, usize) = (64, 8);

/// So many words of nothing, from the index that is told on: there a line of memory begins. The operating system gives pages of
/// zeros when they are first written, so room for ten million keys costs what the keys that came cost.
#[cfg(not(test))]
pub(crate) fn zeroed(words: usize) -> (Box<[AtomicU64]>, usize) {
    let (bytes, line) = LINE;
    let zeros = bytemuck::zeroed_slice_box(words.saturating_add(line));
    let address = <[AtomicU64]>::as_ptr(&zeros).addr();
    let before = address.next_multiple_of(bytes).saturating_sub(address);
    (zeros, before.checked_div(size_of::<u64>()).unwrap_or(0))
}

/// The same of loom's, which are more than their bits.
#[cfg(test)]
pub(crate) fn zeroed(words: usize) -> (Box<[AtomicU64]>, usize) {
    (std::iter::repeat_with(|| AtomicU64::new(0)).take(words).collect(), 0)
}
