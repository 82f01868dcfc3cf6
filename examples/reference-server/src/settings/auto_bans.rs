//! How bans come about.

use std::time::Duration;

use palisade::core::ViolationKind;

use super::reader::Reader;

/// How bans come about.
#[derive(Clone, Debug)]
pub struct AutoBanSettings {
    /// Violations that are tolerated.
    pub threshold: u32,
    /// Within this time.
    pub window: Duration,
    /// How often old ones are forgotten.
    pub cleanup_interval: Duration,
    /// How long a ban lasts; none: until lifted.
    pub duration: Option<Duration>,
    /// How long a further ban may last that is longer than the one before; none: all last as long.
    pub escalation_up_to: Option<Duration>,
    /// What a violation of each kind counts.
    pub weights: Vec<(ViolationKind, u32)>,
    /// What becomes of probes.
    pub suspicious: SuspiciousRequests,
    /// Who is never banned.
    pub protected: Vec<String>,
}

/// What becomes of requests that look for holes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum SuspiciousRequests {
    /// They are violations.
    Count,
    /// They are refused as well.
    Refuse,
    /// Nobody looks.
    Ignore,
}

const ONE_YEAR: u64 = 31_536_000_000;

/// The kinds of violations, as `AUTO_BAN_WEIGHTS` names them.
const KINDS: [ViolationKind; 3] =
    [ViolationKind::RateLimit, ViolationKind::AuthFailure, ViolationKind::Suspicious];

pub(super) fn auto_ban(reader: &mut Reader<'_>) -> Option<AutoBanSettings> {
    let threshold =
        u32::try_from(reader.number("AUTO_BAN_THRESHOLD", 1..=1_000_000)).unwrap_or(u32::MAX);
    let window = reader.milliseconds("AUTO_BAN_WINDOW_MS", 1..=86_400_000);
    let cleanup_interval = reader.milliseconds("AUTO_BAN_CLEANUP_INTERVAL_MS", 100..=86_400_000);
    let duration = time(reader, "AUTO_BAN_DURATION_MS");
    let settings = AutoBanSettings {
        threshold,
        window,
        cleanup_interval,
        duration,
        escalation_up_to: escalation(reader, duration),
        weights: reader.parse("AUTO_BAN_WEIGHTS", Vec::new(), weights),
        suspicious: reader.parse("AUTO_BAN_SUSPICIOUS", SuspiciousRequests::Count, suspicious),
        protected: reader.list("AUTO_BAN_PROTECT").into_iter().map(str::to_owned).collect(),
    };
    let on = reader.either("AUTO_BAN_ENABLED", ("true", true), ("false", false));
    on.then_some(settings)
}

fn time(reader: &mut Reader<'_>, name: &str) -> Option<Duration> {
    let time = |text: &str| {
        text.parse().ok().filter(|time| (1..=ONE_YEAR).contains(time)).map(Duration::from_millis)
    };
    reader.parse(name, None, |text| time(text).map(Some))
}

/// Longer and longer bans need one to begin with.
fn escalation(reader: &mut Reader<'_>, first: Option<Duration>) -> Option<Duration> {
    let most = time(reader, "AUTO_BAN_ESCALATION_MAX_MS")?;
    if first.is_none_or(|first| most < first) {
        let fix = "a time that is not shorter than AUTO_BAN_DURATION_MS, which must be set as well: bans without an end cannot grow";
        reader.wrong("AUTO_BAN_ESCALATION_MAX_MS", fix);
        return None;
    }
    Some(most)
}

/// `rate-limit=1,suspicious=3`
fn weights(text: &str) -> Option<Vec<(ViolationKind, u32)>> {
    let weight = |part: &str| {
        let (name, weight) = part.trim().split_once('=')?;
        let kind = KINDS.into_iter().find(|kind| kind.as_str() == name)?;
        Some((kind, weight.parse().ok().filter(|weight| *weight <= 1000)?))
    };
    text.split(',').map(weight).collect()
}

fn suspicious(text: &str) -> Option<SuspiciousRequests> {
    match text {
        "count" => Some(SuspiciousRequests::Count),
        "refuse" => Some(SuspiciousRequests::Refuse),
        "off" => Some(SuspiciousRequests::Ignore),
        _ => None,
    }
}
