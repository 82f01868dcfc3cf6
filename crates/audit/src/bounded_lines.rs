//! Lines of a file that nobody vouches for: none takes more memory than was said.

use std::io::{self, BufRead, Read as _};

/// The lines of a file, without their ends. One that is longer than allowed is `None`, and is skipped.
#[derive(Debug)]
pub(crate) struct BoundedLines<R> {
    file: R,
    limit: usize,
}

// === impl BoundedLines ===

impl<R: BufRead> BoundedLines<R> {
    pub(crate) const fn new(file: R, limit: usize) -> Self {
        Self { file, limit }
    }
}

impl<R: BufRead> Iterator for BoundedLines<R> {
    type Item = io::Result<Option<Vec<u8>>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        let most = u64::try_from(self.limit).unwrap_or(u64::MAX).saturating_add(1);
        if let Err(error) = self.file.by_ref().take(most).read_until(b'\n', &mut line) {
            return Some(Err(error));
        }
        if line.last() == Some(&b'\n') {
            line.pop();
            return Some(Ok(Some(line)));
        }
        if line.len() > self.limit {
            return Some(self.file.skip_until(b'\n').map(|_| None));
        }
        (!line.is_empty()).then_some(Ok(Some(line)))
    }
}
