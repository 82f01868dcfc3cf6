//! Writes the security log: one event, one line, floods folded, files rotated.

mod config;
mod fields;
mod file;
mod folds;
mod json;
mod keeper;
mod key;
mod layer;
mod line;
mod log;
mod own_line;
mod queue;
mod writer;

pub use self::{
    config::SecurityLogBuilder,
    file::LogFile,
    line::Line,
    log::{LogGuard, LogStatus, SecurityLog},
};
