//! Takes in what browsers report: as often as an address may, and one line of the security log for each.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use palisade::{
    core::{Code, Moment, Rejection, RejectionKind, SECURITY_TARGET, SecurityContext},
    ratelimit::{Key, Limiter, Quota},
    secure_headers::{Disposition, Report, ReportKind, Reports},
};

use crate::app::StartError;

/// Bodies that one address may send in a minute. A page whose every element is refused sends its reports in few.
const PER_MINUTE: u32 = 20;
/// How long a report that is told is not told again.
const WHILE: Duration = Duration::from_secs(60);
/// The most lines of the log in that time, whoever sends: no flood of reports drives out what else it says.
const MOST_LINES: usize = 1000;

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
    /// How many were not told: because they were told before, or were too many.
    folded: u64,
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
        for report in reports.known() {
            let told = self.hasher.hash_one(what_was(report));
            let mut memory = self.memory();
            let folded = memory.begin(context.arrived());
            let is_new = memory.is_new(told);
            drop(memory);
            if folded > 0 {
                tracing::info!(target: SECURITY_TARGET, event = "browser.reports.folded", folded, "reports that were like others, or too many");
            }
            if is_new {
                write(report, context);
            }
        }
        self.memory().leave_off(reports.left_off());
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
        self.since = Some(now);
        self.reports.clear();
        std::mem::take(&mut self.folded)
    }

    fn leave_off(&mut self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.folded = self.folded.saturating_add(count);
    }

    fn is_new(&mut self, report: u64) -> bool {
        let is_new = self.reports.len() < MOST_LINES && self.reports.insert(report);
        if !is_new {
            self.folded = self.folded.saturating_add(1);
        }
        is_new
    }
}

/// What makes two reports alike, whoever sends them and when.
fn what_was(report: &Report) -> impl std::hash::Hash + '_ {
    let place = (report.page(), report.source(), report.line(), report.column());
    (report.kind(), report.rule(), report.blocked(), report.disposition(), place)
}

/// It is hearsay: anybody can send it. So it is no warning, and names who sent it.
fn write(report: &Report, context: &SecurityContext) {
    let event = match report.kind() {
        ReportKind::CspViolation => "csp.violation",
        _ => "browser.report",
    };
    tracing::info!(
        target: SECURITY_TARGET,
        event,
        kind = report.kind().as_str(),
        rule = report.rule().map(tracing::field::debug),
        blocked = report.blocked().map(tracing::field::debug),
        page = report.page().map(tracing::field::debug),
        disposition = report.disposition().map(Disposition::as_str),
        source = report.source().map(tracing::field::debug),
        line = report.line(),
        column = report.column(),
        message = report.message().map(tracing::field::debug),
        user_agent = report.user_agent().map(tracing::field::debug),
        client_ip = context.client_ip().map(tracing::field::display),
        request_id = %context.request_id(),
    );
}
