//! The audit log: what it keeps, what it finds, what it forgets.

mod scene;
