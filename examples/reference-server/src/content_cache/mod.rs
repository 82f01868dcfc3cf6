//! Rendered content, kept for a while: bounded, rendered once for all who wait, and dropped with what it was made from.

mod kind;
mod listed;
mod lives;
mod piece;
mod recipe;
mod rendered;
mod selection;
mod source;

use std::{
    io,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use moka::sync::Cache;
use palisade::core::{Clock, KeyedHash};

use self::piece::{Key, Piece};
pub use self::{
    kind::{ContentKind, KindCounts, UnknownKind},
    listed::Listed,
    lives::Lives,
    recipe::Recipe,
    rendered::Rendered,
    selection::{MistakenPath, PathPattern, Selection},
    source::{MistakenSource, Source},
};

/// Keeps what was rendered for anyone: no answer with a nonce, and none to a credential. Who has one of these does not ask here.
///
/// A piece is named by its path and its kind. It is used for as long as its kind lives, and is rendered anew by the next who
/// asks; all who ask for it meanwhile wait for that one. Beyond the bound of bytes, what is asked for least goes. What a
/// selection drops is used by nobody who asks afterwards, also where it was being rendered at that moment.
#[derive(Debug)]
pub struct ContentCache {
    kept: Cache<Key, Arc<Piece>, KeyedHash>,
    /// Read by who renders, written by who drops: what was begun before a change is in the cache when it is looked through.
    turn: RwLock<()>,
    lives: Lives,
    most_bytes: u64,
    clock: Clock,
    counts: [Counts; ContentKind::ALL.len()],
    dropped: AtomicU64,
}

/// What became of questions for a kind.
#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
}

// === impl ContentCache ===

impl ContentCache {
    /// Keeps pieces as long as `lives` says, and about `most_bytes` bytes of them.
    #[must_use]
    pub fn new(lives: Lives, most_bytes: u64, clock: Clock) -> Self {
        let kept = Cache::builder()
            .max_capacity(most_bytes)
            .weigher(|key: &Key, piece: &Arc<Piece>| piece.weight(key))
            .build_with_hasher(KeyedHash::random());
        let (turn, counts, dropped) = (RwLock::default(), Default::default(), AtomicU64::new(0));
        Self { kept, turn, lives, most_bytes, clock, counts, dropped }
    }

    /// The piece by this `recipe`: the one that is kept, or what `render` makes, which must not ask the cache for another.
    ///
    /// # Errors
    ///
    /// What `render` fails with. It is not kept: who asks next tries again.
    pub fn rendered(
        &self,
        recipe: Recipe,
        render: impl FnOnce() -> io::Result<Rendered>,
    ) -> Result<Rendered, Arc<io::Error>> {
        let kind = recipe.kind();
        let Some(life) = self.lives.of(kind) else { return render().map_err(Arc::new) };
        let (key, sources) = recipe.into_parts();
        let now = self.clock.now();
        if let Some(piece) = self.kept.get(&key).filter(|piece| piece.is_alive(now)) {
            self.count(kind, |counts| &counts.hits);
            return piece.rendered();
        }
        // Nothing but its being held counts, so a poisoned one is as good.
        let _turn = self.turn.read().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(Piece::new(render(), sources, self.clock.now(), life));
        let kept = self.kept.entry(key).or_insert_with_if(make, |piece| !piece.is_alive(now));
        self.count(kind, |counts| if kept.is_fresh() { &counts.misses } else { &counts.hits });
        kept.value().rendered()
    }

    /// Drops what is selected, and says how many pieces that were.
    pub fn drop_selected(&self, selection: &Selection) -> u64 {
        self.drop_where(|key, piece| selection.selects(key.kind(), key.path(), piece.sources()))
    }

    /// Drops everything, and says how many pieces that were.
    pub fn clear(&self) -> u64 {
        self.drop_where(|_, _| true)
    }

    /// What may still be used, in the order of paths. Takes a moment: it looks at all there is.
    #[must_use]
    pub fn pieces(&self) -> Vec<Listed> {
        let now = self.clock.now();
        let alive = self.kept.iter().filter(|(_, piece)| piece.is_alive(now));
        let mut pieces: Vec<_> = alive.map(|(key, piece)| Listed::new(&key, &piece, now)).collect();
        pieces.sort_by(|one, other| one.path.cmp(&other.path).then(one.kind.cmp(&other.kind)));
        pieces
    }

    /// How many pieces are in memory, and how many bytes they take with what keeps them; those too that are out of date and not replaced yet.
    #[must_use]
    pub fn size(&self) -> (u64, u64) {
        self.kept.run_pending_tasks();
        (self.kept.entry_count(), self.kept.weighted_size())
    }

    /// The bound of bytes.
    #[must_use]
    pub fn most_bytes(&self) -> u64 {
        self.most_bytes
    }

    /// How long pieces are used.
    #[must_use]
    pub fn lives(&self) -> &Lives {
        &self.lives
    }

    /// What became of questions, by kind.
    pub fn counts(&self) -> impl Iterator<Item = (ContentKind, KindCounts)> {
        ContentKind::ALL.into_iter().zip(&self.counts).map(|(kind, counts)| {
            let (hits, misses) = (&counts.hits, &counts.misses);
            let [hits, misses] = [hits, misses].map(|count| count.load(Ordering::Relaxed));
            (kind, KindCounts { hits, misses })
        })
    }

    /// How many pieces were dropped by selections and by clearing.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn drop_where(&self, goes: impl Fn(&Key, &Piece) -> bool) -> u64 {
        let _turn = self.turn.write().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let gone: Vec<_> = self.kept.iter().filter(|(key, piece)| goes(key, piece)).collect();
        for (key, _) in &gone {
            self.kept.invalidate(&**key);
        }
        // What is out of date was used by nobody any more.
        let dropped = gone.iter().filter(|(_, piece)| piece.is_alive(now)).count();
        let dropped = u64::try_from(dropped).unwrap_or(u64::MAX);
        self.dropped.fetch_add(dropped, Ordering::Relaxed);
        dropped
    }

    fn count(&self, kind: ContentKind, which: impl FnOnce(&Counts) -> &AtomicU64) {
        let mut all = ContentKind::ALL.into_iter().zip(&self.counts);
        if let Some((_, counts)) = all.find(|(of, _)| *of == kind) {
            which(counts).fetch_add(1, Ordering::Relaxed);
        }
    }
}
