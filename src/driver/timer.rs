//! A timer for one moment. Setting it again replaces the earlier moment.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use parlor_session::Millis;

use super::clock::now;

/// The longest delay that browsers accept: 31 bits of milliseconds, 24 days. The session checks
/// the time itself, so waking it too early does no harm.
const LONGEST: Millis = i32::MAX as Millis;

pub(super) struct Timer {
    on_time: Rc<dyn Fn()>,
    pending: RefCell<Option<Timeout>>,
}

impl Timer {
    pub(super) fn new(on_time: impl Fn() + 'static) -> Self {
        Self {
            on_time: Rc::new(on_time),
            pending: RefCell::default(),
        }
    }

    pub(super) fn set(&self, at: Millis) {
        let on_time = self.on_time.clone();
        let delay = at.saturating_sub(now()).min(LONGEST) as u32;
        let timeout = Timeout::new(delay, move || on_time());
        // Dropping the earlier timeout cancels it.
        *self.pending.borrow_mut() = Some(timeout);
    }
}
