//! The target `vfs_patterns`, guided by coverage.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::vfs_patterns(data));
