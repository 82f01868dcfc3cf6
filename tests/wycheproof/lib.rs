//! Holds the vault's cipher to the vectors of Project Wycheproof.
