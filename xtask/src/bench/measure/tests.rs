//! What programs and the kernel write is read right.

use std::collections::BTreeMap;

use super::{
    machine::{model_in, versions_in},
    process::{peak_in, resident_in, ticks_in},
    socket::{best, expected},
    times::renewed,
    wrk::{Answers, answers_in},
};
use crate::bench::results::Load;

const REPORT: &str = "\
Running 3s test @ http://127.0.0.1:34567/api/feed
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   485.32us   81.56us   2.52ms   91.27%
    Req/Sec   131.52k     3.19k  136.28k    76.67%
  392514 requests in 3.00s, 41.17MB read
Requests/sec: 130826.91
Transfer/sec:     13.72MB
";

#[test]
fn a_report_of_wrk_is_read() {
    let answers = Answers { requests_per_second: 130_826.91, requests: 392_514.0, refused: 0.0 };
    assert_eq!(answers_in(REPORT), Some(answers));
    let refused =
        REPORT.replace("Requests/sec", "  Non-2xx or 3xx responses: 392513\nRequests/sec");
    assert_eq!(answers_in(&refused), Some(Answers { refused: 392_513.0, ..answers }));
    assert_eq!(answers_in("unable to connect to 127.0.0.1:1"), None);
}

#[test]
fn a_server_must_refuse_what_it_is_named_for_and_nothing_else() {
    let answers = |refused| Answers { requests_per_second: 1.0, requests: 1_000.0, refused };
    assert_eq!(expected("hyper + stack", answers(0.0)), Ok(()));
    assert!(expected("hyper + stack", answers(1.0)).is_err());
    assert_eq!(expected("hyper + stack, 429", answers(999.0)), Ok(()));
    assert!(expected("hyper + stack, 403", answers(0.0)).is_err());
}

#[test]
fn the_best_round_of_each_figure_counts() {
    let load = |n: f64| Load { requests_per_second: n, cpu_us_per_request: -n, rss_mib: 7.0 };
    let found = best(&[load(1.0), load(5.0), load(3.0)]).map(|load| {
        let Load { requests_per_second, cpu_us_per_request, rss_mib } = load;
        [requests_per_second, cpu_us_per_request, rss_mib]
    });
    assert_eq!(found, Some([5.0, -5.0, 7.0]));
    assert!(best(&[]).is_none());
}

#[test]
fn a_bench_that_is_measured_alone_replaces_its_group_and_no_other() {
    let figures = |names: &[(&str, f64)]| -> BTreeMap<String, f64> {
        names.iter().map(|(name, time)| ((*name).to_owned(), *time)).collect()
    };
    let kept = figures(&[("a/gone", 1.0), ("a/slow", 2.0), ("ab/other", 3.0)]);
    let found = figures(&[("a/slow", 1.5), ("a/new", 4.0)]);
    let all = figures(&[("a/slow", 1.5), ("a/new", 4.0), ("ab/other", 3.0)]);
    assert_eq!(renewed(kept, found), all);
}

#[test]
fn time_and_memory_of_a_process_are_read() {
    let stat =
        "4711 (a (strange) name) S 1 4711 4711 0 -1 4194304 1 2 3 4 120 30 0 0 20 0 1 0 99 5 6";
    assert_eq!(ticks_in(stat), Some(150.0));
    assert_eq!(ticks_in(""), None);
    assert_eq!(resident_in("VmHWM:\t 9999 kB\nVmRSS:\t    2560 kB\n"), Some(2.5));
    assert_eq!(peak_in("VmHWM:\t 1024 kB\nVmRSS:\t    2560 kB\n"), Some(1.0));
    assert_eq!(resident_in("Name:\tzombie\n"), None);
}

#[test]
fn the_machine_is_named() {
    assert_eq!(model_in("processor\t: 0\nmodel name\t: A CPU: fast\n"), "A CPU: fast");
    assert_eq!(model_in("processor\t: 0\n"), "a processor without a name");
}

#[test]
fn the_newer_of_two_versions_counts() {
    let lock = "version = 4\n\
        [[package]]\nname = \"tower-http\"\nversion = \"0.6.11\"\n\
        [[package]]\nname = \"tower-http\"\nversion = \"0.7.1\"\n\
        [[package]]\nname = \"zlib\"\nversion = \"1.0.0\"\n";
    let versions = versions_in(lock).expect("a lock file");
    assert_eq!(versions.len(), 1);
    assert_eq!(versions.get("tower-http").map(String::as_str), Some("0.7.1"));
}
