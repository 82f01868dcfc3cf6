//! Pages, byte by byte, as the documents of the formats have them.

use palisade_metrics::{Exposition, Family, FamilyKind, Format, HistogramFamily, Spread};

const JOBS: Family<1> =
    Family::counter("jobs_total", "Jobs that\nwere \"done\" \\ over.", ["queue"]);
const WAITED: Family<0> = Family::counter("jobs_waited_seconds_total", "How long.", []);
const BUILD: Family<2> = Family::info("app_build_info", "What runs.", ["version", "os"]);
const HEAT: Family<0> = Family::gauge("heat", "How hot.", []);
const SIZE: HistogramFamily<0> = HistogramFamily::new("job_size_bytes", "How large.", []);

fn page(format: Format) -> String {
    let mut page = Exposition::new(format);
    page.family(&JOBS).add(["a\\b\"c\nd"], 3_u64).add(["é\r"], -4.0);
    page.family(&WAITED).add([], std::time::Duration::from_millis(1500));
    page.family(&BUILD).add(["1.0", "linux"], 7_u64);
    page.family(&HEAT).add([], f64::NEG_INFINITY);
    page.histogram(&SIZE).add([], Spread { bounds: &[1.0, 2.5], counts: &[1, 0, 4], sum: 50.5 });
    page.finish()
}

#[test]
fn the_text_format_is_as_prometheus_documents_it() {
    let expected = r#"# HELP jobs_total Jobs that\nwere "done" \\ over.
# TYPE jobs_total counter
jobs_total{queue="a\\b\"c\nd"} 3
jobs_total{queue="é "} 0.0
# HELP jobs_waited_seconds_total How long.
# TYPE jobs_waited_seconds_total counter
jobs_waited_seconds_total 1.5
# HELP app_build_info What runs.
# TYPE app_build_info gauge
app_build_info{version="1.0",os="linux"} 1
# HELP heat How hot.
# TYPE heat gauge
heat -Inf
# HELP job_size_bytes How large.
# TYPE job_size_bytes histogram
job_size_bytes_bucket{le="1.0"} 1
job_size_bytes_bucket{le="2.5"} 1
job_size_bytes_bucket{le="+Inf"} 5
job_size_bytes_sum 50.5
job_size_bytes_count 5
"#;
    assert_eq!(page(Format::Text), expected);
}

#[test]
fn openmetrics_names_families_without_their_endings_and_says_where_it_ends() {
    let expected = r#"# HELP jobs Jobs that\nwere \"done\" \\ over.
# TYPE jobs counter
jobs_total{queue="a\\b\"c\nd"} 3
jobs_total{queue="é "} 0.0
# HELP jobs_waited_seconds How long.
# TYPE jobs_waited_seconds counter
# UNIT jobs_waited_seconds seconds
jobs_waited_seconds_total 1.5
# HELP app_build What runs.
# TYPE app_build info
app_build_info{version="1.0",os="linux"} 1
# HELP heat How hot.
# TYPE heat gauge
heat -Inf
# HELP job_size_bytes How large.
# TYPE job_size_bytes histogram
# UNIT job_size_bytes bytes
job_size_bytes_bucket{le="1.0"} 1
job_size_bytes_bucket{le="2.5"} 1
job_size_bytes_bucket{le="+Inf"} 5
job_size_bytes_sum 50.5
job_size_bytes_count 5
# EOF
"#;
    assert_eq!(page(Format::OpenMetrics), expected);
}

#[test]
fn a_family_that_was_there_before_is_left_out_with_its_figures() {
    const TWIN: Family<0> = Family::gauge("jobs", "The same to OpenMetrics.", []);
    let mut page = Exposition::new(Format::Text);
    page.family(&JOBS).add(["a"], 1_u64).add(["a"], 2_u64);
    page.family(&JOBS).add(["b"], 1_u64);
    page.family(&TWIN).add([], 1_u64);
    let names: Vec<_> = page.families().iter().map(|family| (family.name, family.kind)).collect();
    assert_eq!(names, [("jobs_total", FamilyKind::Counter)]);
    assert_eq!(page.finish().lines().skip(2).collect::<Vec<_>>(), ["jobs_total{queue=\"a\"} 1"]);
}

#[test]
fn names_that_readers_refuse_are_refused_where_they_are_made() {
    fn made<T>(_: T) {}
    let refused = |make: fn()| std::panic::catch_unwind(make).is_err();
    let families: [fn(); 12] = [
        || made(Family::counter("jobs", "No `_total`.", [])),
        || made(Family::counter("_total", "Nothing before.", [])),
        || made(Family::counter("1_total", "A digit.", [])),
        || made(Family::counter("jobs-x_total", "A dash.", [])),
        || made(Family::counter("jöbs_total", "A letter of others.", [])),
        || made(Family::gauge("jobs_total", "A counter's.", [])),
        || made(Family::gauge("jobs_count", "A histogram's.", [])),
        || made(Family::gauge("", "None.", [])),
        || made(Family::info("build", "No `_info`.", ["a"])),
        || made(Family::gauge("jobs", "A label twice.", ["a", "a"])),
        || made(Family::gauge("jobs", "The reader's own.", ["__a"])),
        || made(HistogramFamily::new("jobs", "Its own.", ["le"])),
    ];
    for (number, family) in families.into_iter().enumerate() {
        assert!(refused(family), "{number}");
    }
    let _fine = Family::gauge("a:b_c9", "Fine.", ["a_", "_b"]);
}
