//! One event, one line.

use palisade_core::{OneLine, SECURITY_TARGET};
use proptest::prelude::*;
use serde_json::{Value, json};
use tracing_subscriber::{Registry, layer::SubscriberExt};

use crate::heard::{Heard, Page};

/// Line breaks, colours, what turns the text around, quotes, and a line that somebody would like to have written.
const FORGED: &str =
    "a\r\nb\u{1b}[2J\u{9b}31m\u{85}\u{2028}\u{202e}\u{2066}\u{7f}\u{0}\"},{\"level\":\"INFO\"}\\";

#[test]
fn an_event_is_one_flat_object_that_begins_with_time_level_target_event_and_message() {
    let heard = Heard::start();
    heard.while_it(|| {
        tracing::warn!(
            target: SECURITY_TARGET,
            event = "ban.lifted",
            count = 3_u64,
            below = -1_i64,
            half = 0.5,
            yes = true,
            path = "/a\"b",
            who = %"alice",
            shown = ?Some(1),
            nothing = None::<&str>,
            "lifted by {}", "alice"
        );
    });
    assert_eq!(
        heard.text(),
        concat!(
            r#"{"time":"2026-01-01T00:00:00.000Z","level":"WARN","target":"palisade::security","event":"ban.lifted","#,
            r#""message":"lifted by alice","count":3,"below":-1,"half":0.5,"yes":true,"path":"/a\"b","who":"alice","#,
            r#""shown":"Some(1)"}"#,
            "\n"
        )
    );
    let tapped = heard.tapped();
    assert_eq!(tapped.len(), 1);
    assert_eq!(format!("{}\n", tapped[0].json()), heard.text());
    assert_eq!((tapped[0].event(), tapped[0].is_security()), (Some("ban.lifted"), true));
}

#[test]
fn an_event_that_is_not_of_the_security_log_is_written_where_the_filter_lets_it_pass() {
    let heard = Heard::start();
    heard.while_it(|| {
        tracing::info!(port = 3000_u16, "listens");
        tracing::debug!("is not asked for");
    });
    let lines = heard.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["message"], "listens");
    assert_eq!((&lines[0]["port"], lines[0].get("event")), (&json!(3000), None::<&Value>));
    assert!(!heard.tapped()[0].is_security());
}

#[test]
fn e5_no_text_ends_a_line_or_hides_in_it_however_it_is_passed() {
    let heard = Heard::start();
    heard.while_it(|| {
        tracing::warn!(target: SECURITY_TARGET, event = "ban.x", plain = FORGED, shown = %FORGED, debug = ?FORGED, "{FORGED}");
        tracing::warn!(target: SECURITY_TARGET, event = FORGED, error = &std::io::Error::other(FORGED) as &dyn std::error::Error);
    });
    let text = heard.text();
    let bad = |c: char| c != '\n' && OneLine::deceives(c);
    assert!(!text.contains(bad) && text.matches('\n').count() == 2, "{text}");
    let lines = heard.lines();
    for name in ["plain", "shown", "message"] {
        assert_eq!(lines[0][name], FORGED, "nothing is lost of it");
    }
    assert_eq!((&lines[0]["level"], &lines[1]["error"]), (&json!("WARN"), &json!(FORGED)));
    assert_eq!(lines[1]["event"], FORGED);
}

#[test]
fn e5_no_text_ends_a_line_or_hides_in_it_where_people_read() {
    let page = Page::default();
    let writer = page.clone();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .fmt_fields(palisade_security_log::OneLineFields::new());
    tracing::subscriber::with_default(Registry::default().with(lines), || {
        tracing::warn!(target: SECURITY_TARGET, event = "x", plain = FORGED, shown = %FORGED, debug = ?FORGED, "{FORGED}");
    });
    let text = page.text();
    assert!(!text.contains(|c| c != '\n' && OneLine::deceives(c)), "{text}");
    assert_eq!(text.matches('\n').count(), 1, "{text}");
    assert!(text.contains("event=\"x\"") && text.contains("\\u{1b}[2J"), "{text}");
}

#[test]
fn a_field_never_takes_the_place_of_what_the_line_says_itself() {
    let heard = Heard::start();
    heard.while_it(|| {
        tracing::warn!(
            target: SECURITY_TARGET,
            event = "ban.x",
            time = "never", level = "TRACE", target = "me", cut = "x", left_off = 9,
            "said"
        );
    });
    let line = &heard.lines()[0];
    assert_eq!((&line["level"], &line["target"]), (&json!("WARN"), &json!("palisade::security")));
    assert_eq!((&line["field_level"], &line["field_target"]), (&json!("TRACE"), &json!("me")));
    assert_eq!((line.get("cut"), line.get("left_off")), (None, None));
    assert_eq!((&line["field_left_off"], &line["message"]), (&json!(9), &json!("said")));
}

#[test]
fn a_value_is_cut_at_4_kib_and_a_line_at_32_and_both_say_so() {
    let heard = Heard::start();
    let long = "ä\n".repeat(5000);
    heard.while_it(|| {
        let l = &*long;
        tracing::warn!(target: SECURITY_TARGET, event = "ban.x", a = l, b = "whole");
        tracing::warn!(target: SECURITY_TARGET, event = "ban.x", a = l, b = l, c = l, d = %l, e = ?l, f = l, g = l, h = l, i = l, j = 1, "{l}");
        tracing::warn!(target: SECURITY_TARGET, event = "ban.x", a = "fits");
    });
    let (text, lines) = (heard.text(), heard.lines());
    assert!(text.lines().all(|line| line.len() <= 32 << 10));
    let kept = lines[0]["a"].as_str().unwrap();
    assert!(long.starts_with(kept) && kept.len() > 2000, "{}", kept.len());
    assert_eq!((&lines[0]["b"], &lines[0]["cut"]), (&json!("whole"), &json!(true)));
    assert!(lines[1]["left_off"].as_u64().unwrap() >= 2, "{}", lines[1]["left_off"]);
    assert_eq!(
        (lines[2].get("cut"), lines[2].get("left_off")),
        (None, None),
        "as if nothing had been"
    );
}

#[test]
fn a_line_is_never_longer_than_32_kib_whatever_the_lengths_in_it() {
    let heard = Heard::start();
    let long = "x".repeat(10_000);
    heard.while_it(|| {
        for length in (2500..4200).step_by(20) {
            let (l, m) = (&*long, &long[..length]);
            tracing::error!(target: SECURITY_TARGET, event = l, a = m, b = m, c = m, d = m, e = m, f = m, g = m, h = l, i = l, "{l}");
        }
    });
    let text = heard.text();
    let longest = text.lines().map(str::len).max().unwrap();
    assert!((30 << 10..32 << 10).contains(&longest), "{longest}");
}

#[test]
fn a_value_that_fails_to_be_shown_leaves_a_whole_line() {
    struct Broken;
    impl std::fmt::Display for Broken {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("so far")?;
            Err(std::fmt::Error)
        }
    }
    let heard = Heard::start();
    heard.while_it(
        || tracing::warn!(target: SECURITY_TARGET, event = "ban.x", broken = %Broken, more = 1),
    );
    let line = &heard.lines()[0];
    assert_eq!((&line["broken"], &line["cut"]), (&json!("so far"), &json!(true)));
    assert_eq!(line["more"], 1);
}

#[test]
fn numbers_that_are_none_and_those_beyond_what_readers_have_are_texts() {
    let heard = Heard::start();
    heard.while_it(|| {
        tracing::info!(
            nan = f64::NAN,
            endless = f64::INFINITY,
            large = u128::MAX,
            small = i128::MIN,
            most = u64::MAX
        );
    });
    let line = &heard.lines()[0];
    assert_eq!((&line["nan"], &line["endless"]), (&json!("NaN"), &json!("inf")));
    assert_eq!(line["large"], u128::MAX.to_string());
    assert_eq!((&line["small"], &line["most"]), (&json!(i128::MIN.to_string()), &json!(u64::MAX)));
}

#[test]
fn what_is_logged_while_a_line_is_handed_on_is_counted_and_does_not_go_round() {
    let heard = Heard::with(|builder| builder.tap(|_| tracing::info!("again")));
    heard.while_it(|| tracing::info!("once"));
    assert_eq!(heard.lines().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is logged is one line, valid JSON, and what was passed can be read back.
    #[test]
    fn any_texts_are_one_line_that_says_them(
        event in any::<String>(), message in any::<String>(), plain in any::<String>(), shown in any::<String>(), quoted in any::<String>(),
        number in any::<i64>(), float in any::<f64>(),
    ) {
        let heard = Heard::start();
        heard.while_it(|| {
            tracing::error!(target: SECURITY_TARGET, event = &*event, plain = &*plain, shown = %shown, quoted = ?quoted, number, float, "{message}");
        });
        let text = heard.text();
        prop_assert_eq!(text.matches('\n').count(), 1);
        prop_assert!(!text.trim_end_matches('\n').contains(OneLine::deceives));
        let line = &heard.lines()[0];
        prop_assert_eq!(&line["plain"], &plain);
        prop_assert_eq!(&line["shown"], &shown);
        prop_assert_eq!(&line["quoted"], &format!("{quoted:?}"));
        prop_assert_eq!(&line["message"], &message);
        prop_assert_eq!(&line["number"], number);
        if float.is_finite() {
            let member = format!("\"float\":{float:?}");
            prop_assert!(text.contains(&member));
        }
        if event.len() < 10 {
            prop_assert_eq!(&line["event"], &event);
        }
    }
}
