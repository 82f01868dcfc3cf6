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

/// The bytes of a line of memory.
#[cfg(not(test))]
const LINE: usize = 64;

/// So many words of nothing, from the index that is told on: there a line of memory begins. The operating system gives pages of
/// zeros when they are first written, so room for ten million keys costs what the keys that came cost.
#[cfg(not(test))]
pub(crate) fn zeroed(words: usize) -> (Box<[AtomicU64]>, usize) {
    let zeros = bytemuck::zeroed_slice_box(words.saturating_add(LINE / size_of::<u64>()));
    let address = <[AtomicU64]>::as_ptr(&zeros).addr();
    let bytes_before = address.next_multiple_of(LINE).saturating_sub(address);
    (zeros, bytes_before / size_of::<u64>())
}

/// The same of loom's, which are more than their bits.
#[cfg(test)]
pub(crate) fn zeroed(words: usize) -> (Box<[AtomicU64]>, usize) {
    (std::iter::repeat_with(|| AtomicU64::new(0)).take(words).collect(), 0)
}
