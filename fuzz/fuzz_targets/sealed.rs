//! The target `sealed`, guided by coverage.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::sealed(data));
