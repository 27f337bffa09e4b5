//! The store in memory, for simulations and tests. It keeps every promise of a
//! store except that nothing outlives the process.
//!
//! What must stay true: it uses no thread and no real time, so that it runs
//! under a paused clock; a transaction works on a copy, which is cheap because
//! the persistent maps share what did not change; it refuses what SQLite's keys
//! and foreign keys refuse.

mod agent_event_stream;
mod annotations;
mod archive;
mod chat;
mod conversion;
mod deletion;
mod erasure;
mod event;
mod file;
mod offline_message;
mod outgoing_mail;
mod people;
mod record;
mod session;
mod site;
mod state;
mod tx;
mod webhook;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{Result, Store, Tx};
use state::State;
use tx::MemoryTx;

/// See the module. Clones share one database.
#[derive(Clone, Default)]
pub struct MemoryStore {
    /// Held by the current write transaction.
    turn: Arc<tokio::sync::Mutex<()>>,
    committed: Arc<Committed>,
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        let turn = self.turn.clone().lock_owned().await;
        Ok(Box::new(MemoryTx {
            state: self.committed.lock().clone(),
            write: Some(tx::Write {
                committed: self.committed.clone(),
                _turn: turn,
            }),
        }))
    }

    async fn read(&self) -> Result<Box<dyn Tx>> {
        Ok(Box::new(MemoryTx {
            state: self.committed.lock().clone(),
            write: None,
        }))
    }

    async fn read_latest(&self) -> Result<Box<dyn Tx>> {
        self.read().await
    }

    async fn probe(&self) -> Result<()> {
        self.begin().await?.commit().await
    }

    async fn scrub(&self) -> Result<bool> {
        Ok(true)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

/// The newest committed state. Its lock is only held to copy or replace it, so
/// that readers never wait for a writer.
#[derive(Default)]
struct Committed(Mutex<State>);

impl Committed {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
