//! A table in Markdown.

/// Where nothing was measured.
pub(super) const NOTHING: &str = "—";

/// A table of texts.
pub(super) fn of_texts(head: &[&str], rows: &[Vec<String>]) -> String {
    let rule = vec!["---"; head.len()];
    lines(head, &rule, rows)
}

/// A table of figures: behind the first column all are to the right.
pub(super) fn of_figures(head: &[&str], rows: &[Vec<String>]) -> String {
    let left = std::iter::once("---");
    let rule: Vec<&str> = left.chain(head.iter().skip(1).map(|_| "---:")).collect();
    lines(head, &rule, rows)
}

fn lines(head: &[&str], rule: &[&str], rows: &[Vec<String>]) -> String {
    let head = format!("| {} |", head.join(" | "));
    let rule = format!("|{}|", rule.join("|"));
    let rows = rows.iter().map(|cells| format!("| {} |", cells.join(" | ")));
    let lines: Vec<String> = [head, rule].into_iter().chain(rows).collect();
    lines.join("\n")
}
