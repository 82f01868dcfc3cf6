//! Writes the security log: one event, one line, floods folded, files rotated.
