//! Draws horizontal bars as SVG, plain, and readable on a light page and a dark one.

use crate::bench::report::charts::Whose;

/// A bar of a picture.
#[derive(Debug)]
pub(super) struct Drawn<'a> {
    pub(super) label: &'a str,
    pub(super) whose: Whose,
    /// Its length.
    pub(super) value: f64,
    /// What stands behind it.
    pub(super) shown: String,
}

/// A limit: a dashed line across the bars.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) value: f64,
    pub(super) label: String,
}

const WIDTH: f64 = 760.0;
/// Where the bars begin; left of it stand their labels.
const START: f64 = 200.0;
/// How long the longest bar is; right of it stand its figure.
const LONGEST: f64 = 400.0;
/// Where the first row begins; above it stand the title and what the lines are.
const TOP: f64 = 58.0;
const ROW: f64 = 30.0;
const THICKNESS: f64 = 18.0;
const BOTTOM: f64 = 10.0;

const STYLE: &str = "\
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 15px; font-weight: 600; }
    .ours { fill: #2563c9; }
    .others { fill: #a3acb8; }
    .limit { stroke: #c2410c; stroke-width: 1.5; stroke-dasharray: 5 4; }
    .limit-label { font-size: 12px; fill: #c2410c; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .ours { fill: #6ea0ff; }
      .others { fill: #69727e; }
      .limit { stroke: #ff9a76; }
      .limit-label { fill: #ff9a76; }
    }
  </style>";

/// The picture as the text of a file.
pub(super) fn picture(title: &str, bars: &[Drawn<'_>], lines: &[Line]) -> String {
    let values = bars.iter().map(|bar| bar.value).chain(lines.iter().map(|line| line.value));
    let greatest = values.fold(f64::MIN_POSITIVE, f64::max);
    let length = |value: f64| value.max(0.0) / greatest * LONGEST;
    let mut top = TOP;
    let mut rows = Vec::new();
    for bar in bars {
        rows.push(row(bar, top, length(bar.value)));
        top += ROW;
    }
    let height = top + BOTTOM;
    let limits = lines.iter().map(|line| limit(line, START + length(line.value), top));
    let title = escaped(title);
    let head = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg"
  viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">
  <title>{title}</title>
{STYLE}
  <text class="title" x="0" y="18">{title}</text>"#
    );
    let parts = std::iter::once(head).chain(rows).chain(limits);
    let parts: Vec<String> = parts.chain(["</svg>\n".to_owned()]).collect();
    parts.join("\n")
}

/// A label, a bar, a figure.
fn row(bar: &Drawn<'_>, top: f64, length: f64) -> String {
    let class = match bar.whose {
        Whose::Ours => "ours",
        Whose::Others => "others",
    };
    // What costs next to nothing is still seen.
    let length = length.max(1.0);
    let (label, shown) = (escaped(bar.label), escaped(&bar.shown));
    let (middle, behind) = (top + 14.0, START + length + 7.0);
    format!(
        r#"  <text x="0" y="{middle:.1}">{label}</text>
  <rect class="{class}" x="{START}" y="{top:.1}" width="{length:.1}" height="{THICKNESS}" rx="2"/>
  <text x="{behind:.1}" y="{middle:.1}">{shown}</text>"#
    )
}

/// A dashed line from above the first row to `bottom`, and its label above it.
fn limit(line: &Line, x: f64, bottom: f64) -> String {
    let label = escaped(&line.label);
    let (above, end) = (TOP - 8.0, bottom - 4.0);
    let text = above - 5.0;
    format!(
        r#"  <line class="limit" x1="{x:.1}" y1="{above:.1}" x2="{x:.1}" y2="{end:.1}"/>
  <text class="limit-label" x="{x:.1}" y="{text:.1}" text-anchor="middle">{label}</text>"#
    )
}

/// Text as it may stand in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
