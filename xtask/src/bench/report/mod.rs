//! Writes `docs/performance.md` and its charts from the kept figures.

mod charts;
mod page;
mod svg;
mod table;
mod tables;
#[cfg(test)]
mod tests;

use std::{fs, path::Path};

use crate::{
    Failure,
    bench::{report::charts::Chart, results::Results},
    command::root,
};

/// Writes all anew. A chart without figures is taken away.
pub(crate) fn write(results: &Results) -> Result<(), Failure> {
    let docs = root().join("docs");
    let folder = docs.join("performance");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut shown: Vec<&Chart> = Vec::new();
    for chart in charts::CHARTS {
        let path = folder.join(chart.file_name());
        match chart.drawn(results) {
            Some(picture) => {
                store(&path, &picture)?;
                shown.push(chart);
            }
            // Most often there is none to take away.
            None => drop(fs::remove_file(&path)),
        }
    }
    let page = docs.join("performance.md");
    store(&page, &page::page(results, &shown))?;
    println!("wrote {} and {} charts", page.display(), shown.len());
    Ok(())
}

fn store(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
