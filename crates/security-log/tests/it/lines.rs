//! One event, one line.

use palisade_core::SECURITY_TARGET;
use serde_json::{Value, json};

use crate::heard::Heard;

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
