//! How bans come about.

use std::time::Duration;

use palisade::core::ViolationKind;

use super::{Environment, reader::Reader};

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
    /// What becomes of bans of this machine.
    pub this_machine: ThisMachine,
}

/// What becomes of who asks from this machine, and through no proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum ThisMachine {
    /// It is never banned: a developer does not lock himself out.
    Protected,
    /// It is banned as any other.
    AsOthers,
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

const LOOPBACK: &str = "loopback";
const NONE: &str = "none";

const ONE_YEAR: u64 = 31_536_000_000;

/// The kinds of violations, as `AUTO_BAN_WEIGHTS` names them.
const KINDS: [ViolationKind; 3] =
    [ViolationKind::RateLimit, ViolationKind::AuthFailure, ViolationKind::Suspicious];

pub(super) fn auto_ban(
    reader: &mut Reader<'_>,
    environment: Environment,
) -> Option<AutoBanSettings> {
    let (protected, this_machine) = protected(reader, environment);
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
        protected,
        this_machine,
    };
    let on = reader.either("AUTO_BAN_ENABLED", ("true", true), ("false", false));
    on.then_some(settings)
}

/// The networks, and whether this machine is among them.
fn protected(reader: &Reader<'_>, environment: Environment) -> (Vec<String>, ThisMachine) {
    let mut list = reader.list("AUTO_BAN_PROTECT");
    if list.is_empty() {
        list.push(match environment {
            Environment::Development => LOOPBACK,
            Environment::Production => NONE,
        });
    }
    let this_machine =
        if list.contains(&LOOPBACK) { ThisMachine::Protected } else { ThisMachine::AsOthers };
    let networks = list.into_iter().filter(|name| ![LOOPBACK, NONE].contains(name));
    (networks.map(str::to_owned).collect(), this_machine)
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
