//! The target `api_key`, guided by coverage.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| palisade_fuzz::api_key(data));
