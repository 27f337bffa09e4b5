//! The bytes of requests' bodies that are in memory at a time.

use std::sync::Arc;

use super::{
    Exceeded,
    capacity::{Capacity, Full},
    exceeded,
};

/// Most bodies are there for milliseconds; slow ones leave within a minute or
/// two.
const RETRY_AFTER_S: u64 = 10;

/// Clients that send slowly from one address leave room for others.
pub(super) fn capacity(max: usize) -> Arc<Capacity> {
    Capacity::new(max, metrics::gauge!("parlor_request_body_bytes"))
}

/// Which of the limits is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooManyBytes {
    OfAll(Exceeded),
    OfAddress(Exceeded),
}

/// Records that the limit was reached.
impl From<Full> for TooManyBytes {
    fn from(full: Full) -> Self {
        match full {
            Full::ForAll => Self::OfAll(exceeded("request_body_bytes", RETRY_AFTER_S)),
            Full::ForAddress => {
                Self::OfAddress(exceeded("request_body_bytes_per_address", RETRY_AFTER_S))
            }
        }
    }
}
