//! Which of the tracked offenders is to be forgotten first: two lists, in the order of the last violation.

/// No place.
pub(crate) const NONE: u32 = u32::MAX;

/// The list somebody stands in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Standing {
    /// Nobody stands there.
    #[default]
    Free,
    /// One violation, or pushed out of the others by many.
    Once,
    /// Several.
    Again,
}

/// Two lists through the same places. Each step costs the same, however many there are.
#[derive(Debug, Default)]
pub(crate) struct Recency {
    links: Vec<Link>,
    once: Ends,
    again: Ends,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    newer: u32,
    older: u32,
    standing: Standing,
}

#[derive(Clone, Copy, Debug)]
struct Ends {
    newest: u32,
    oldest: u32,
    len: usize,
}

// === impl Recency ===

impl Recency {
    pub(crate) fn oldest(&self, standing: Standing) -> u32 {
        self.ends(standing).oldest
    }

    pub(crate) fn len(&self, standing: Standing) -> usize {
        self.ends(standing).len
    }

    /// Makes `place` the newest of a list, wherever it stood.
    pub(crate) fn renew(&mut self, place: u32, standing: Standing) {
        self.remove(place);
        let older = self.ends(standing).newest;
        self.put(place, Link { newer: NONE, older, standing });
        if let Some(link) = self.link_mut(older) {
            link.newer = place;
        }
        let ends = self.ends_mut(standing);
        ends.newest = place;
        if ends.oldest == NONE {
            ends.oldest = place;
        }
        ends.len = ends.len.saturating_add(1);
    }

    /// Takes `place` out of its list.
    pub(crate) fn remove(&mut self, place: u32) {
        let Some(link) = self.link(place).filter(|link| link.standing != Standing::Free) else {
            return;
        };
        if let Some(newer) = self.link_mut(link.newer) {
            newer.older = link.older;
        }
        if let Some(older) = self.link_mut(link.older) {
            older.newer = link.newer;
        }
        let ends = self.ends_mut(link.standing);
        if ends.newest == place {
            ends.newest = link.older;
        }
        if ends.oldest == place {
            ends.oldest = link.newer;
        }
        ends.len = ends.len.saturating_sub(1);
        self.put(place, Link::default());
    }

    fn put(&mut self, place: u32, link: Link) {
        let Ok(index) = usize::try_from(place) else { return };
        if index >= self.links.len() {
            self.links.resize(index.saturating_add(1), Link::default());
        }
        if let Some(own) = self.links.get_mut(index) {
            *own = link;
        }
    }

    fn link(&self, place: u32) -> Option<Link> {
        self.links.get(usize::try_from(place).ok()?).copied()
    }

    fn link_mut(&mut self, place: u32) -> Option<&mut Link> {
        self.links.get_mut(usize::try_from(place).ok()?)
    }

    fn ends(&self, standing: Standing) -> Ends {
        match standing {
            Standing::Free => Ends::default(),
            Standing::Once => self.once,
            Standing::Again => self.again,
        }
    }

    fn ends_mut(&mut self, standing: Standing) -> &mut Ends {
        if standing == Standing::Again { &mut self.again } else { &mut self.once }
    }
}

impl Default for Link {
    fn default() -> Self {
        Self { newer: NONE, older: NONE, standing: Standing::Free }
    }
}

impl Default for Ends {
    fn default() -> Self {
        Self { newest: NONE, oldest: NONE, len: 0 }
    }
}
