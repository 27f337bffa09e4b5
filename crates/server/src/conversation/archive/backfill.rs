//! Puts into the archive what ended before there was one. It begins with the process, and
//! ends when nothing is left.

use std::time::Duration;

use tokio::time::sleep;

use super::put;
use crate::{app::App, store::StoreError};

/// How many conversations are put in one transaction, which takes some 30 ms.
const TOGETHER: i64 = 20;

/// The pause after each, so that others write in between.
const PAUSE: Duration = Duration::from_millis(5);

impl App {
    /// Puts all conversations into the archive that are over and not in it. Returns how
    /// many there were. Ends early when the process is to stop.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn archive_what_has_ended(&self) -> Result<u64, StoreError> {
        let (mut after, mut count) = (None, 0);
        while !self.shutdown.is_cancelled() {
            let mut tx = self.store.read().await?;
            let threads = tx.unarchived_threads(after.as_ref(), TOGETHER).await?;
            drop(tx);
            let Some(last) = threads.last().cloned() else {
                break;
            };
            let mut tx = self.store.begin().await?;
            for thread in &threads {
                match put(tx.as_mut(), thread, self.clock.now()).await {
                    Ok(()) => count += 1,
                    Err(crate::conversation::Refusal::Store(error)) => return Err(error),
                    // Nothing else is refused: a damaged one is reported and left out.
                    Err(_) => {}
                }
            }
            tx.commit().await?;
            after = Some(last);
            sleep(PAUSE).await;
        }
        Ok(count)
    }
}
