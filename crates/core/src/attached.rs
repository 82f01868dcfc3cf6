//! Values of any type, one of each, that layers and handlers share.

use std::any::Any;

/// How many values there is room for at once: more than a stack attaches.
const USUAL: usize = 8;

/// Values of any type, one of each. A handful per request, so looking at all of them is faster than a map, and the map's
/// table need not be made.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    values: Vec<Box<dyn Any + Send + Sync>>,
}

impl Attached {
    /// Puts `value` in, in place of one of the same type.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        if let Some(known) = self.values.iter_mut().find_map(|known| known.downcast_mut::<T>()) {
            *known = value;
            return;
        }
        if self.values.capacity() == 0 {
            self.values.reserve_exact(USUAL);
        }
        self.values.push(Box::new(value));
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.values.iter().find_map(|value| value.downcast_ref::<T>())
    }

    /// Takes the value of this type out.
    pub(crate) fn take<T: Send + Sync + 'static>(&mut self) -> Option<T> {
        let index = self.values.iter().position(|value| value.is::<T>())?;
        self.values.swap_remove(index).downcast::<T>().ok().map(|value| *value)
    }
}
