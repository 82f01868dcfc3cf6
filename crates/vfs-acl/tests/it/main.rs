//! Paths, patterns, decisions, explanations and the policy, from outside.
