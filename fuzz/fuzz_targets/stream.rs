//! The target `stream`, guided by coverage.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::stream(data));
