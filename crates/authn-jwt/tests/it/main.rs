//! Tests of tokens, keys, modes and memory.

mod cache;
mod challenges;
mod claims;
mod fixture;
mod keys;
mod mint;
mod modes;
mod properties;
mod threats;
mod times;
mod vectors;
