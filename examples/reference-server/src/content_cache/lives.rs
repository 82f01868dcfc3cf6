//! How long content of each kind is kept.

use std::{str::FromStr, time::Duration};

use super::{ContentKind, UnknownKind};

/// The longest time, a day.
const LONGEST: u64 = 86_400_000;

/// How long content of each kind is used, from when it was rendered.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Lives([Duration; ContentKind::ALL.len()]);

// === impl Lives ===

impl Lives {
    /// All kinds for this long.
    #[must_use]
    pub fn all(life: Duration) -> Self {
        Self([life; ContentKind::ALL.len()])
    }

    /// How long a kind is used; none, if it is not kept.
    #[must_use]
    pub fn of(&self, kind: ContentKind) -> Option<Duration> {
        self.each().find(|(of, life)| *of == kind && !life.is_zero()).map(|(_, life)| life)
    }

    /// Each kind with its time; zero, if it is not kept.
    pub fn each(&self) -> impl Iterator<Item = (ContentKind, Duration)> {
        ContentKind::ALL.into_iter().zip(self.0)
    }

    fn replace(&mut self, kind: ContentKind, life: Duration) {
        let mut all = ContentKind::ALL.into_iter().zip(&mut self.0);
        if let Some((_, old)) = all.find(|(of, _)| *of == kind) {
            *old = life;
        }
    }
}

/// Reads `60000` or `60000,feed=10000`: milliseconds for all kinds, and for one.
impl FromStr for Lives {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let mut parts = text.split(',').map(str::trim);
        let mut lives = Self::all(milliseconds(parts.next().unwrap_or_default())?);
        let mut named = Vec::new();
        for part in parts {
            let (kind, life) = part.split_once('=').ok_or(UnknownKind)?;
            let kind = kind.trim().parse()?;
            if named.contains(&kind) {
                return Err(UnknownKind);
            }
            lives.replace(kind, milliseconds(life.trim())?);
            named.push(kind);
        }
        Ok(lives)
    }
}

fn milliseconds(text: &str) -> Result<Duration, UnknownKind> {
    let number = text.parse().ok().filter(|number| *number <= LONGEST);
    number.map(Duration::from_millis).ok_or(UnknownKind)
}
