//! The site that all visitors and agents of a scenario use: where it is, its ids, and what happened
//! there.

use std::{
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use crate::{
    measure::{Latencies, Tally},
    program::Installation,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) installation: Installation,
    pub(crate) tally: Tally,
    /// From an agent's wish to write to the message at the visitor, in microseconds.
    wakes: Mutex<Latencies>,
    /// How many visitors know that they wait.
    pub(crate) queued: AtomicUsize,
    /// How many visitors know that an agent has accepted.
    pub(crate) established: AtomicUsize,
    /// How many sessions were handed over to another process.
    pub(crate) hand_overs: AtomicUsize,
    /// The endpoint is being restarted: connections may break, and 503 is an answer.
    restarts: AtomicBool,
}

impl Site {
    pub(crate) fn new(address: SocketAddr, installation: Installation) -> Self {
        Self {
            address,
            installation,
            tally: Tally::default(),
            wakes: Mutex::default(),
            queued: AtomicUsize::default(),
            established: AtomicUsize::default(),
            hand_overs: AtomicUsize::default(),
            restarts: AtomicBool::default(),
        }
    }

    pub(crate) fn woken_after(&self, micros: u64) {
        self.wakes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(micros);
    }

    /// The times since this was last called.
    pub(crate) fn take_wakes(&self) -> Latencies {
        std::mem::take(&mut *self.wakes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn expect_restarts(&self) {
        self.restarts.store(true, Ordering::Relaxed);
    }

    pub(crate) fn restarts(&self) -> bool {
        self.restarts.load(Ordering::Relaxed)
    }
}
