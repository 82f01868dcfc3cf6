//! Values of any type, one of each, that layers and handlers share.

use std::any::{Any, TypeId};

use smallvec::SmallVec;

/// So many values need no list of their own: more than a stack attaches.
const USUAL: usize = 6;

/// The type stands beside its value: to ask a value for it is a call through its table of functions.
type Slot = (TypeId, Box<dyn Any + Send + Sync>);

/// Values of any type, one of each. A handful per request, so looking at all of them is faster than a map.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    slots: SmallVec<[Slot; USUAL]>,
}

impl Attached {
    /// Puts `value` in; returns the one of the same type that was there.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: Box<T>) -> Option<Box<T>> {
        let kind = TypeId::of::<T>();
        let new: Slot = (kind, value);
        if let Some(known) = self.slots.iter_mut().find(|slot| slot.0 == kind) {
            return unboxed(std::mem::replace(known, new));
        }
        self.slots.push(new);
        None
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        let kind = TypeId::of::<T>();
        let (_, value) = self.slots.iter().find(|slot| slot.0 == kind)?;
        value.downcast_ref()
    }

    /// Takes the value of this type out.
    pub(crate) fn take<T: Send + Sync + 'static>(&mut self) -> Option<Box<T>> {
        let kind = TypeId::of::<T>();
        let place = self.slots.iter().position(|slot| slot.0 == kind)?;
        unboxed(self.slots.swap_remove(place))
    }
}

fn unboxed<T: 'static>((_, value): Slot) -> Option<Box<T>> {
    value.downcast().ok()
}
