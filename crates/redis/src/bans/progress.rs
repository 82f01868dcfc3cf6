//! How far an instance has come: what it has read of the others, and what it still has to say to them.

use palisade_autoban::{AutoBan, BanChange};
use palisade_ratelimit::Outage;

use super::{Inner, book::PAGE, pending::Overflowed};

/// So many pages are said before it is read again what the others did.
const PAGES: usize = 32;

/// How far an instance has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Empty before the first time.
    epoch: String,
    version: u64,
    /// All that this instance knows, less what is said; none when all is.
    to_say: Option<Vec<BanChange>>,
    /// Redis was away, and may be another one that knows less.
    doubted: bool,
}

// === impl Progress ===

impl Progress {
    /// Redis was away. What comes back may have lost what was read and said, and have counted on since: only who reads it from
    /// its beginning and says all knows that nothing is missing.
    pub(super) fn doubt(&mut self) {
        self.doubted = true;
    }

    pub(super) fn is_in_doubt(&self) -> bool {
        self.doubted
    }

    pub(super) fn has_more_to_say(&self) -> bool {
        self.to_say.is_some()
    }
}

// === impl Inner ===

impl Inner {
    /// Reads what changed elsewhere. Where the book is new to this instance, or may have lost something, it also says all that it
    /// knows, a part of it each time. What is done is done: where a call fails, the next time goes on from there.
    pub(super) async fn catch_up(
        &self,
        auto_ban: &AutoBan,
        progress: &mut Progress,
    ) -> Result<(), Outage> {
        if progress.doubted {
            // By what was known of it the book finds out whether it lost something. Then all others say what they know, too.
            self.book.news(progress.version).await?;
            *progress = Progress::default();
        }
        if self.pending.overflowed() == Overflowed::Yes {
            progress.to_say = Some(self.all(auto_ban));
        }
        self.read(auto_ban, progress).await?;
        self.say(progress).await
    }

    async fn read(&self, auto_ban: &AutoBan, progress: &mut Progress) -> Result<(), Outage> {
        loop {
            let news = self.book.news(progress.version).await?;
            if news.epoch != progress.epoch {
                let first = progress.version == 0;
                let to_say = Some(self.all(auto_ban));
                *progress = Progress { epoch: news.epoch, to_say, ..Progress::default() };
                if !first {
                    continue;
                }
            }
            let (entries, before) = (news.entries.len(), progress.version);
            for entry in news.entries {
                progress.version = entry.version.unwrap_or(progress.version);
                self.heard(auto_ban, entry.change);
            }
            if entries < PAGE || progress.version == before {
                return Ok(());
            }
            // What happens now does not wait for all that was.
            let _again = self.write_some().await;
        }
    }

    async fn say(&self, progress: &mut Progress) -> Result<(), Outage> {
        for _ in 0..PAGES {
            let Some(rest) = &mut progress.to_say else { return Ok(()) };
            let Some(page) = rest.rchunks(PAGE).next() else { break };
            self.store(page).await?;
            let left = rest.len().saturating_sub(page.len());
            rest.truncate(left);
            let _again = self.write_some().await;
        }
        progress.to_say.take_if(|rest| rest.is_empty());
        Ok(())
    }

    /// All that this instance knows, what is said first at the end.
    fn all(&self, auto_ban: &AutoBan) -> Vec<BanChange> {
        let mut all = auto_ban.in_force();
        all.extend(self.pending.lifts());
        all
    }
}
