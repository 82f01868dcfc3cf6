//! Values of any type, one of each, that layers and handlers share.

use std::any::{Any, TypeId};

/// So many values need no list: more than a stack attaches.
const USUAL: usize = 6;

/// The type stands beside its value: to ask a value for it is a call through its table of functions.
type Slot = Option<(TypeId, Box<dyn Any + Send + Sync>)>;

/// Values of any type, one of each. A handful per request, so looking at all of them is faster than a map.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    /// The first `len` are taken.
    usual: [Slot; USUAL],
    len: usize,
    others: Vec<Slot>,
}

impl Attached {
    /// Puts `value` in; returns the one of the same type that was there.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: Box<T>) -> Option<Box<T>> {
        let kind = TypeId::of::<T>();
        let new: Slot = Some((kind, value));
        if let Some(known) = self.place(kind).and_then(|place| self.usual.get_mut(place)) {
            return unboxed(std::mem::replace(known, new));
        }
        let replaced = self.take_other(kind);
        match self.usual.get_mut(self.len) {
            Some(free) => {
                *free = new;
                self.len = self.len.saturating_add(1);
            }
            None => self.others.push(new),
        }
        unboxed(replaced)
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        let kind = TypeId::of::<T>();
        let slot = match self.place(kind) {
            Some(place) => self.usual.get(place)?,
            None => self.others.iter().find(|slot| is(slot, kind))?,
        };
        slot.as_ref()?.1.downcast_ref::<T>()
    }

    /// Takes the value of this type out.
    pub(crate) fn take<T: Send + Sync + 'static>(&mut self) -> Option<Box<T>> {
        let kind = TypeId::of::<T>();
        let Some(place) = self.place(kind) else { return unboxed(self.take_other(kind)) };
        self.len = self.len.saturating_sub(1);
        self.usual.swap(place, self.len);
        unboxed(self.usual.get_mut(self.len)?.take())
    }

    fn place(&self, kind: TypeId) -> Option<usize> {
        self.usual.iter().take(self.len).position(|slot| is(slot, kind))
    }

    fn take_other(&mut self, kind: TypeId) -> Slot {
        let place = self.others.iter().position(|slot| is(slot, kind))?;
        self.others.swap_remove(place)
    }
}

fn is(slot: &Slot, kind: TypeId) -> bool {
    slot.as_ref().is_some_and(|(known, _)| *known == kind)
}

fn unboxed<T: 'static>(slot: Slot) -> Option<Box<T>> {
    slot.and_then(|(_, value)| value.downcast().ok())
}
