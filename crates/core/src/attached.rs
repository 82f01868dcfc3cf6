//! Values of any type, one of each, that layers and handlers share.

use std::any::{Any, TypeId};

use smallvec::SmallVec;

use crate::{AtEnd, End, SecurityContext};

/// So many values need no list of their own: more than a stack attaches.
const USUAL: usize = 6;

/// The same of values that want to know how the request ends: a record, figures, a trace.
const USUAL_ENDINGS: usize = 3;

/// The type stands beside its value: to ask a value for it is a call through its table of functions.
type Slot = (TypeId, Value);

/// Values of any type, one of each. A handful per request, so looking at all of them is faster than a map.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    slots: SmallVec<[Slot; USUAL]>,
    /// How those are told that want to know how the request ends.
    endings: SmallVec<[(TypeId, Tell); USUAL_ENDINGS]>,
}

type Value = Box<dyn Any + Send + Sync>;
type Tell = fn(Value, &SecurityContext, End);

/// A value that wants to know how the request ends, and how it is told.
pub(crate) struct Ending {
    pub(crate) tell: Tell,
    pub(crate) value: Value,
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

    /// The same of a value that wants to know how the request ends.
    pub(crate) fn insert_ending<T: AtEnd>(&mut self, value: Box<T>) -> Option<Box<T>> {
        let kind = TypeId::of::<T>();
        if !self.endings.iter().any(|(known, _)| *known == kind) {
            self.endings.push((kind, tell::<T>));
        }
        self.insert(value)
    }

    /// Takes out what wants to know how the request ends; none a second time.
    pub(crate) fn take_endings(&mut self) -> SmallVec<[Ending; USUAL_ENDINGS]> {
        let mut taken = SmallVec::new();
        for &(kind, tell) in &self.endings {
            if let Some(place) = self.slots.iter().position(|slot| slot.0 == kind) {
                taken.push(Ending { tell, value: self.slots.swap_remove(place).1 });
            }
        }
        self.endings.clear();
        taken
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        let kind = TypeId::of::<T>();
        let (_, value) = self.slots.iter().find(|slot| slot.0 == kind)?;
        value.downcast_ref()
    }

    pub(crate) fn change<T: Send + Sync + 'static>(&mut self) -> Option<&mut T> {
        let kind = TypeId::of::<T>();
        let (_, value) = self.slots.iter_mut().find(|slot| slot.0 == kind)?;
        value.downcast_mut()
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

fn tell<T: AtEnd>(value: Value, context: &SecurityContext, end: End) {
    if let Ok(value) = value.downcast::<T>() {
        value.ended(context, end);
    }
}
