//! Takes in what browsers report: as often as an address may, and one line of the security log for each.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use palisade::{
    core::{
        ClientIp, Code, IpKey, Moment, Rejection, RejectionKind, SECURITY_TARGET, SecurityContext,
    },
    ratelimit::{Key, Limiter, Quota},
    secure_headers::{Disposition, Report, ReportKind, Reports},
};

use crate::app::StartError;

/// Bodies that one address may send in a minute. A page whose every element is refused sends its reports in few.
const PER_MINUTE: u32 = 20;
/// How long a report that is told is not told again.
const WHILE: Duration = Duration::from_mins(1);
/// The most lines of the log in that time, whoever sends: no flood of reports drives out what else it says.
const MOST_LINES: usize = 1000;
/// As many of them are for violations of policies alone.
const KEPT_FOR_VIOLATIONS: usize = 500;
/// The most lines for reports of one address in that time: a few addresses must not use up what all have.
const MOST_OF_ADDRESS: usize = 20;

/// What broke a page's policy.
const VIOLATION_EVENT: &str = "csp.violation";
/// What is reported otherwise.
const REPORT_EVENT: &str = "browser.report";

const QUOTA_EXCEEDED: Code = Code::new("quota-exceeded", "Request quota exceeded");

/// What takes reports in.
#[derive(Debug)]
pub(crate) struct ReportDesk {
    limiter: Limiter,
    told: Mutex<Told>,
    hasher: RandomState,
}

/// What was told of late.
#[derive(Debug, Default)]
struct Told {
    since: Option<Moment>,
    reports: HashSet<u64>,
    /// How many of them were no violations.
    others: usize,
    /// How many lines each address has. Nobody is in it without one, so they are never more than the lines.
    senders: HashMap<Option<IpKey>, usize>,
    /// How many were not told: because they were told before, or were too many.
    folded: u64,
    bound: Bound,
    /// The furthest of them that a line says was reached.
    bound_said: Bound,
}

/// Which bound on lines was reached.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
enum Bound {
    #[default]
    None,
    OfAddress,
    OfAll,
}

// === impl ReportDesk ===

impl ReportDesk {
    pub(crate) fn new() -> Result<Self, StartError> {
        let limiter = Limiter::new(Quota::per_minute(PER_MINUTE)?);
        Ok(Self { limiter, told: Mutex::default(), hasher: RandomState::new() })
    }

    /// Refuses an address that sends too often. It is no violation: a page with many mistakes must not get its readers banned.
    pub(crate) fn admit(&self, context: &SecurityContext) -> Result<(), Rejection> {
        let Some(client) = context.client_ip() else { return Ok(()) };
        let standing = self.limiter.check(&Key::Address(client.key()), context.arrived());
        match standing.retry_after {
            None => Ok(()),
            Some(time) => Err(Rejection::new(RejectionKind::LimitExceeded, QUOTA_EXCEEDED)
                .retry_after(time)
                .violated_policy("csp-reports")
                .reason("too many reports of one address")),
        }
    }

    /// Writes down what was reported, unless it was a short while ago.
    pub(crate) fn tell(&self, reports: &Reports, context: &SecurityContext) {
        let sender = context.client_ip().map(ClientIp::key);
        for report in reports.known() {
            let told = self.hasher.hash_one(what_was(report));
            let mut memory = self.memory();
            let before = memory.begin(context.arrived());
            let is_new = memory.is_new(told, report.kind(), sender);
            let full = memory.reached();
            drop(memory);
            write_folded(before);
            if is_new {
                write(report, context);
            }
            write_folded(full);
        }
        self.memory().leave_off(reports.left_off());
    }

    /// Says how many were not told since it was said last.
    pub(crate) fn close(&self) {
        let folded = std::mem::take(&mut self.memory().folded);
        write_folded(folded);
    }

    fn memory(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Told ===

impl Told {
    /// Forgets what was told a while ago; how many were not told in that time.
    fn begin(&mut self, now: Moment) -> u64 {
        if self.since.is_some_and(|since| now.since(since) < WHILE) {
            return 0;
        }
        let folded = std::mem::take(&mut self.folded);
        *self = Self { since: Some(now), ..Self::default() };
        folded
    }

    /// How many were not told, at the moment when a bound is reached for the first time: who floods the log and goes leaves a
    /// line behind.
    fn reached(&mut self) -> u64 {
        if self.bound <= self.bound_said {
            return 0;
        }
        self.bound_said = self.bound;
        std::mem::take(&mut self.folded)
    }

    fn leave_off(&mut self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.folded = self.folded.saturating_add(count);
    }

    fn is_new(&mut self, report: u64, kind: ReportKind, sender: Option<IpKey>) -> bool {
        let is_new = !self.reports.contains(&report) && self.has_room(kind, sender);
        if is_new {
            self.reports.insert(report);
        } else {
            self.folded = self.folded.saturating_add(1);
        }
        is_new
    }

    /// Whether there is room for one more line; takes it.
    fn has_room(&mut self, kind: ReportKind, sender: Option<IpKey>) -> bool {
        let of_sender = self.senders.get(&sender).copied().unwrap_or_default();
        let is_violation = kind == ReportKind::CspViolation;
        let room_for_others = MOST_LINES.saturating_sub(KEPT_FOR_VIOLATIONS);
        let bound = if of_sender >= MOST_OF_ADDRESS {
            Bound::OfAddress
        } else if self.reports.len() < MOST_LINES && (is_violation || self.others < room_for_others)
        {
            self.senders.insert(sender, of_sender.saturating_add(1));
            self.others = self.others.saturating_add(usize::from(!is_violation));
            Bound::None
        } else {
            Bound::OfAll
        };
        self.bound = self.bound.max(bound);
        bound == Bound::None
    }
}

fn write_folded(folded: u64) {
    if folded > 0 {
        tracing::info!(target: SECURITY_TARGET, event = "browser.reports.folded", folded, "reports that were like others, or too many");
    }
}

/// What makes two reports alike, whoever sends them and when.
fn what_was(report: &Report) -> impl std::hash::Hash + '_ {
    let place = (report.page(), report.source(), report.line(), report.column());
    (report.kind(), report.rule(), report.blocked(), report.disposition(), place)
}

/// It is hearsay: anybody can send it. So it is no warning, and names who sent it.
fn write(report: &Report, context: &SecurityContext) {
    let (event, message) = match report.kind() {
        ReportKind::CspViolation => {
            (VIOLATION_EVENT, "a page was kept from what its policy forbids")
        }
        _ => (REPORT_EVENT, "a browser reported something"),
    };
    tracing::info!(
        target: SECURITY_TARGET,
        event,
        kind = report.kind().as_str(),
        rule = report.rule(),
        blocked = report.blocked(),
        page = report.page(),
        disposition = report.disposition().map(Disposition::as_str),
        source = report.source(),
        line = report.line(),
        column = report.column(),
        said = report.message(),
        user_agent = report.user_agent(),
        client_ip = context.client_ip().map(tracing::field::display),
        request_id = %context.request_id(),
        "{message}"
    );
}
