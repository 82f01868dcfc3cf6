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

/// So many words of nothing. The operating system gives pages of zeros when they are first written, so room for ten million
/// keys costs what the keys that came cost.
#[cfg(not(test))]
pub(crate) fn zeroed(words: usize) -> Box<[AtomicU64]> {
    bytemuck::zeroed_slice_box(words)
}

/// The same of loom's, which are more than their bits.
#[cfg(test)]
pub(crate) fn zeroed(words: usize) -> Box<[AtomicU64]> {
    std::iter::repeat_with(|| AtomicU64::new(0)).take(words).collect()
}
