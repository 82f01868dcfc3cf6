//! How it is going with files.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const DAMAGED: Family<0> = Family::counter(
    "palisade_files_damaged_total",
    "Reads of files that were refused, or broke off, because what is kept in VFS_STORAGE is not what was written there.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    page.family(&DAMAGED).add([], shared.sources.damaged_files());
}
