//! A report as a table for people.

use std::fmt;

use super::{Report, Row, Verdict};

/// What was found is cut here, so that a line fits a terminal.
const WIDTH: usize = 60;

impl fmt::Display for Report {
    /// A line for each row, aligned, and one below it for what to do about it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.rule_set();
        write!(f, "{} {}", rules.name(), rules.version())?;
        // Some number their rules by the date alone.
        if rules.version() != rules.date() {
            write!(f, " ({})", rules.date())?;
        }
        writeln!(f, ": {}", self.mark())?;
        let width = |text: fn(&Row) -> usize| self.rows().iter().map(text).max().unwrap_or(0);
        let ids = width(|row| row.id.chars().count());
        let levels = width(|row| row.level.map_or(0, |_| 3));
        let points = width(|row| if row.points == 0 { 0 } else { 5 });
        for row in self.rows() {
            let level = row.level.map_or("", |level| level.as_str());
            let score = if row.points == 0 { String::new() } else { format!("{:+}", row.points) };
            let verdict = row.verdict.as_str();
            write!(f, "  {verdict:<4}  {:<ids$}  {level:<levels$}{score:>points$}", row.id)?;
            writeln!(f, "  {}", cut(&row.found))?;
            if row.verdict == Verdict::Fail && !row.fix.is_empty() {
                writeln!(f, "        {:<ids$}  -> {}", "", row.fix)?;
            }
        }
        Ok(())
    }
}

fn cut(text: &str) -> String {
    if text.chars().nth(WIDTH).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(WIDTH).collect();
    short.push('…');
    short
}
