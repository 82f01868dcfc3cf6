//! How it is going with files.

use std::sync::atomic::Ordering;

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const DAMAGED: Family<0> = Family::counter(
    "palisade_vfs_damaged_total",
    "Readings of files that ended because what is kept is not what was written.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    page.family(&DAMAGED).add([], shared.damaged_files.load(Ordering::Relaxed));
}
