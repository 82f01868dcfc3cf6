//! What is known about one request, shared by every layer that sees it.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use http::{Extensions, request};
use smallvec::SmallVec;

use crate::{
    AtEnd, ClientIp, Clock, Country, Decision, End, Identity, LimitReport, Moment, Outcome,
    Presented, RequestId, Route, Trail, Transport,
    attached::{Attached, Ending},
    trail_record::{Passes, Record},
};

/// What is known about one request: each fact is learnt once, by the layer whose business it is, and read by all.
///
/// A handle: cloning it shares the facts. The outermost gate puts it into the request's extensions; an outer layer keeps
/// its handle and reads on the way out what inner layers learnt. No layer derives a fact a second time, because most
/// breaches of this field are two layers that disagree about the address, the path or the user.
#[derive(Clone)]
pub struct SecurityContext {
    facts: Arc<Facts>,
}

struct Facts {
    arrived: Moment,
    request_id: OnceLock<RequestId>,
    client_ip: OnceLock<ClientIp>,
    /// Of the socket.
    socket: Option<Transport>,
    /// Of the client, by a proxy's word.
    transport: OnceLock<Transport>,
    route: OnceLock<Route>,
    credential: OnceLock<Presented>,
    /// Whether a layer saw one before anyone looked for it.
    credential_seen: AtomicBool,
    /// As its credential says.
    identity: OnceLock<Identity>,
    /// The same one, with the roles that the service itself keeps.
    confirmed: OnceLock<Identity>,
    country: OnceLock<Country>,
    limit: Mutex<Option<LimitReport>>,
    trail: Mutex<Record>,
    attached: Mutex<Attached>,
    /// Whether a layer further out follows the answer to its end.
    followed: AtomicBool,
}

// With the two counts of its references these are 1032 bytes, the most that glibc hands out at once to the thread that gave them
// back. One more costs each request some 400 instructions, and a lock that threads share.
#[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
const _: () = assert!(size_of::<Facts>() <= 1016);

// === impl SecurityContext ===

impl SecurityContext {
    /// Makes the context of a request that arrived at `arrived`.
    #[must_use]
    pub fn new(arrived: Moment) -> Self {
        Self::over(None, arrived)
    }

    fn over(socket: Option<Transport>, arrived: Moment) -> Self {
        let facts = Facts {
            arrived,
            socket,
            request_id: OnceLock::new(),
            client_ip: OnceLock::new(),
            transport: OnceLock::new(),
            route: OnceLock::new(),
            credential: OnceLock::new(),
            credential_seen: AtomicBool::new(false),
            identity: OnceLock::new(),
            confirmed: OnceLock::new(),
            country: OnceLock::new(),
            limit: Mutex::default(),
            trail: Mutex::default(),
            attached: Mutex::default(),
            followed: AtomicBool::new(false),
        };
        Self { facts: Arc::new(facts) }
    }

    /// The context of the request with this `head`; makes one and leaves it there if there is none yet. A new one takes
    /// the socket's [`Transport`] from the request's extensions.
    pub fn ensure(head: &mut request::Parts, clock: &Clock) -> Self {
        Self::ensure_in(&mut head.extensions, clock)
    }

    /// The same for who does not need the rest of the head, and spares taking the request apart.
    pub fn ensure_in(extensions: &mut Extensions, clock: &Clock) -> Self {
        if let Some(context) = extensions.get::<Self>() {
            return context.clone();
        }
        let context = Self::over(extensions.get::<Transport>().copied(), clock.now());
        extensions.insert(context.clone());
        context
    }

    /// When the request arrived. Policies decide by this time, so that all of them decide by the same.
    #[must_use]
    pub fn arrived(&self) -> Moment {
        self.facts.arrived
    }

    /// The request's name, drawn on the first call.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        *self.facts.request_id.get_or_init(RequestId::random)
    }

    /// The client's address.
    #[must_use]
    pub fn client_ip(&self) -> Option<&ClientIp> {
        self.facts.client_ip.get()
    }

    /// Learns the client's address. The first to learn wins; returns what holds.
    pub fn learn_client_ip(&self, client_ip: ClientIp) -> &ClientIp {
        self.facts.client_ip.get_or_init(|| client_ip)
    }

    /// Whether the client's connection is encrypted, if anyone could tell: by the word of a trusted proxy, or by the
    /// [`Transport`] in the request's extensions.
    #[must_use]
    pub fn transport(&self) -> Option<Transport> {
        self.facts.transport.get().copied().or(self.facts.socket)
    }

    /// Learns from a proxy whether the client's connection is encrypted. The first to learn wins; returns what holds.
    pub fn learn_transport(&self, transport: Transport) -> Transport {
        *self.facts.transport.get_or_init(|| transport)
    }

    /// The route.
    #[must_use]
    pub fn route(&self) -> Option<&Route> {
        self.facts.route.get()
    }

    /// Learns the route. The first to learn wins; returns what holds.
    pub fn learn_route(&self, route: Route) -> &Route {
        self.facts.route.get_or_init(|| route)
    }

    /// What the request presents to say who it is from, found in `head` on the first call.
    ///
    /// Ask behind the layer that learns the route: where it is not known, `?token=` does not count.
    pub fn credential(&self, head: &request::Parts) -> &Presented {
        self.facts.credential.get_or_init(|| Presented::find(head, self.route()))
    }

    /// What [`credential`](Self::credential) found, if anyone asked on the way in.
    #[must_use]
    pub fn presented(&self) -> Option<&Presented> {
        self.facts.credential.get()
    }

    /// Learns that the request carries a credential, from a layer outside of the one that learns the route: what it is
    /// cannot be said there, but that its answer is for one person alone.
    pub fn see_credential(&self) {
        self.facts.credential_seen.store(true, Ordering::Relaxed);
    }

    /// Whether any layer saw or found a credential.
    #[must_use]
    pub fn has_credential(&self) -> bool {
        let found = |presented: &Presented| !matches!(presented, Presented::Nothing);
        self.facts.credential_seen.load(Ordering::Relaxed) || self.presented().is_some_and(found)
    }

    /// Who is asking, if that was proven.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.facts.confirmed.get().or_else(|| self.facts.identity.get())
    }

    /// Learns who is asking. The first to learn wins; returns what holds.
    pub fn learn_identity(&self, identity: Identity) -> &Identity {
        let proven = self.facts.identity.get_or_init(|| identity);
        self.facts.confirmed.get().unwrap_or(proven)
    }

    /// Gives the one who is asking the roles that the service itself keeps, in place of those that the credential names:
    /// a token may be older than the last change. The first to confirm wins; returns what holds. Where nobody was proven,
    /// there is nobody to confirm.
    pub fn confirm_roles<R: Into<Box<str>>>(
        &self,
        roles: impl IntoIterator<Item = R>,
    ) -> Option<&Identity> {
        let proven = self.facts.identity.get()?;
        Some(self.facts.confirmed.get_or_init(|| proven.clone().with_roles(roles)))
    }

    /// The country the client's address is in.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        self.facts.country.get().copied()
    }

    /// Learns the country. The first to learn wins; returns what holds.
    pub fn learn_country(&self, country: Country) -> Country {
        *self.facts.country.get_or_init(|| country)
    }

    /// What the tightest limiter said.
    #[must_use]
    pub fn limit(&self) -> Option<LimitReport> {
        lock(&self.facts.limit).clone()
    }

    /// Takes note of what a limiter said, if it is tighter than what others said before.
    pub fn report_limit(&self, report: LimitReport) {
        let mut limit = lock(&self.facts.limit);
        if limit.as_ref().is_none_or(|known| report.remaining < known.remaining) {
            *limit = Some(report);
        }
    }

    /// Which policy decided what so far. What passed in a gate is there once that gate has asked all its policies.
    #[must_use]
    pub fn trail(&self) -> Trail {
        lock(&self.facts.trail).trail()
    }

    /// Tells each refusal of the trail, carried out or only reported, in the order in which they were made. For who counts them:
    /// where there is none, as nearly always, it costs a look, and what [`trail`](Self::trail) puts together is not.
    pub fn each_refusal(&self, tell: impl FnMut(Decision)) {
        let refusals: SmallVec<[Decision; 2]> = lock(&self.facts.trail).refusals().collect();
        // Outside of the lock: who is told may ask the context for anything.
        refusals.into_iter().for_each(tell);
    }

    /// Writes into the trail that `rule` of `policy` decided, where passing alone would not tell. It appears where the first
    /// policy of this name in the gate does; behind the others if there is none.
    pub fn note(&self, policy: &'static str, rule: &'static str) {
        lock(&self.facts.trail).note(Decision { policy, outcome: Outcome::Rule(rule) });
    }

    /// Attaches a value of a type that a layer and its handlers share, such as a nonce. Replaces one of the same type.
    pub fn attach<T: Send + Sync + 'static>(&self, value: T) {
        self.attach_boxed(Box::new(value));
    }

    /// The same of a value that is in a box already, such as one that was taken away to be changed.
    pub fn attach_boxed<T: Send + Sync + 'static>(&self, value: Box<T>) {
        let replaced = lock(&self.facts.attached).insert(value);
        // Outside of the lock: what is dropped may be anything.
        drop(replaced);
    }

    /// The attached value of this type.
    #[must_use]
    pub fn attached<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        lock(&self.facts.attached).get::<T>().cloned()
    }

    /// Changes the attached value of this type where it is, if there is one. Meanwhile others wait for what is attached: `change` takes no
    /// time, and asks the context nothing.
    pub fn change_attached<T: Send + Sync + 'static>(&self, change: impl FnOnce(&mut T)) {
        if let Some(value) = lock(&self.facts.attached).change() {
            change(value);
        }
    }

    /// Takes the attached value of this type away.
    pub fn detach<T: Send + Sync + 'static>(&self) -> Option<Box<T>> {
        lock(&self.facts.attached).take()
    }

    /// Attaches a value that wants to know how the request ends. It can be taken away and attached again meanwhile. Replaces
    /// one of the same type.
    ///
    /// It is told by the outermost layer that follows answers to their end: the problem layer, a
    /// [`FollowLayer`](crate::FollowLayer), and those that say so. Where there is none ([`is_followed`](Self::is_followed)), it
    /// is dropped with the context.
    pub fn at_end<T: AtEnd>(&self, value: T) {
        self.at_end_boxed(Box::new(value));
    }

    /// The same of a value that is in a box already, such as one that is too large to be moved about.
    pub fn at_end_boxed<T: AtEnd>(&self, value: Box<T>) {
        let replaced = lock(&self.facts.attached).insert_ending(value);
        drop(replaced);
    }

    /// Tells what was attached by [`at_end`](Self::at_end) how the request ended. Whoever tells first is believed.
    pub fn end(&self, end: End) {
        let endings = lock(&self.facts.attached).take_endings();
        // Outside of the lock: they may ask the context for anything.
        let mut panicked = None;
        for Ending { tell, value } in endings {
            // One that panics must not keep the end from the others.
            let told = catch_unwind(AssertUnwindSafe(|| tell(value, self, end)));
            panicked = panicked.or(told.err());
        }
        // While another panic unwinds, a second one would end the process.
        if let Some(cause) = panicked.filter(|_| !thread::panicking()) {
            resume_unwind(cause);
        }
    }

    /// Whether a layer further out follows the answer to its end, and tells what is attached by [`at_end`](Self::at_end).
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.facts.followed.load(Ordering::Relaxed)
    }

    /// Whether the caller is the first who follows.
    pub(crate) fn begin_to_follow(&self) -> bool {
        !self.facts.followed.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn cease_to_follow(&self) {
        self.facts.followed.store(false, Ordering::Relaxed);
    }

    pub(crate) fn record(&self, step: usize, policy: &'static str, outcome: Outcome) {
        lock(&self.facts.trail).push(step, Decision { policy, outcome });
    }

    pub(crate) fn record_passes(&self, passes: Passes) {
        lock(&self.facts.trail).push_passes(passes);
    }
}

/// Nothing here can leave a half-written fact behind, so a poisoned lock is as good as another.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for SecurityContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityContext")
            .field("request_id", &self.facts.request_id.get())
            .field("client_ip", &self.client_ip())
            .field("route", &self.route())
            .field("identity", &self.identity())
            .field("trail", &self.trail())
            .finish_non_exhaustive()
    }
}
