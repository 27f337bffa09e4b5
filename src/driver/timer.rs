//! One alarm. Setting it again replaces the one before, unless that rings
//! sooner: who is woken too early sets it again, and most are never waited for.

use std::{cell::RefCell, rc::Rc};

use gloo_timers::callback::Timeout;
use parlor_session::Millis;

use super::clock::now;

/// The longest that browsers wait: 31 bits of milliseconds, 24 days. The
/// session looks at the time itself, so waking early does no harm.
const LONGEST: Millis = i32::MAX as Millis;

pub(super) struct Timer {
    ring: Rc<dyn Fn()>,
    /// When it rings, and what would keep it from that.
    pending: Rc<RefCell<Option<(Millis, Timeout)>>>,
}

impl Timer {
    pub(super) fn new(ring: impl Fn() + 'static) -> Self {
        Self {
            ring: Rc::new(ring),
            pending: Rc::default(),
        }
    }

    pub(super) fn set(&self, at: Millis) {
        if matches!(&*self.pending.borrow(), Some((rings, _)) if *rings <= at) {
            return;
        }
        let (ring, pending) = (self.ring.clone(), self.pending.clone());
        let delay = at.saturating_sub(now()).min(LONGEST) as u32;
        let timeout = Timeout::new(delay, move || {
            pending.take();
            ring();
        });
        // Dropping the one before cancels it.
        *self.pending.borrow_mut() = Some((at, timeout));
    }
}
