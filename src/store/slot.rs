//! One value of the picture, and who looks at it. Leptos' own signals compile
//! their machinery anew for every type they hold; here the machinery is one
//! trigger for all, and a value costs its own bytes.
//!
//! Must stay true: nothing is written while it is read, so a closure that is
//! given to `with` only looks.

use std::cell::RefCell;

use leptos::{
    prelude::*,
    reactive::{effect::ImmediateEffect, signal::ArcTrigger},
};
use send_wrapper::SendWrapper;

#[derive(Debug, Default)]
pub(crate) struct Slot<T> {
    value: RefCell<T>,
    changed: ArcTrigger,
}

impl<T> Slot<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            value: RefCell::new(value),
            changed: ArcTrigger::new(),
        }
    }

    /// Looks, and is told of the next change.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        self.changed.track();
        self.with_untracked(look)
    }

    pub(crate) fn with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.value.borrow())
    }

    pub(crate) fn set(&self, value: T) {
        self.value.replace(value);
        self.changed.notify();
    }

    pub(crate) fn update<R>(&self, edit: impl FnOnce(&mut T) -> R) -> R {
        let result = self.edit(edit);
        self.tell();
        result
    }

    /// Nobody is told until `tell`: what belongs together is seen together.
    pub(crate) fn edit<R>(&self, edit: impl FnOnce(&mut T) -> R) -> R {
        edit(&mut self.value.borrow_mut())
    }

    pub(crate) fn tell(&self) {
        self.changed.notify();
    }
}

impl<T: Clone> Slot<T> {
    pub(crate) fn get(&self) -> T {
        self.with(T::clone)
    }

    pub(crate) fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }
}

/// Does something now, and again at once when what it read has changed, for
/// as long as the owner lives under which it was begun.
pub(crate) fn follow(act: impl Fn() + 'static) {
    fn erased(act: Box<dyn Fn()>) {
        let act = SendWrapper::new(act);
        #[expect(
            clippy::redundant_closure,
            reason = "only the wrapper may be sent, as Leptos asks"
        )]
        ImmediateEffect::new_scoped(move || act());
    }
    erased(Box::new(act));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn who_looked_is_told_once_a_change() {
        Owner::new().with(|| {
            let slot = Rc::new(Slot::new(1));
            let seen = Rc::new(RefCell::new(Vec::new()));
            let (looked, told) = (slot.clone(), seen.clone());
            follow(move || told.borrow_mut().push(looked.get()));
            slot.set(2);
            slot.update(|value| *value += 1);
            assert_eq!(*seen.borrow(), [1, 2, 3]);
        });
    }

    #[test]
    fn who_has_gone_is_told_nothing() {
        let slot = Rc::new(Slot::new(1));
        let seen = Rc::new(RefCell::new(0));
        let owner = Owner::new();
        let (looked, told) = (slot.clone(), seen.clone());
        owner.with(|| {
            follow(move || {
                looked.get();
                *told.borrow_mut() += 1;
            });
        });
        owner.cleanup();
        slot.set(2);
        assert_eq!(*seen.borrow(), 1);
    }
}
