//! How many bytes of requests' bodies are in memory at a time: of all clients
//! together, and of each address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use metrics::Gauge;

use super::{Exceeded, exceeded};

/// The share of all bytes that one address may hold: clients that send slowly
/// from one address leave room for others.
const SHARE_OF_AN_ADDRESS: usize = 4;

/// Most bodies are there for milliseconds; slow ones leave within a minute or
/// two.
const RETRY_AFTER_S: u64 = 10;

/// The limit, and what is held against it.
#[derive(Debug)]
pub(crate) struct HeldBytes {
    max: usize,
    gauge: Gauge,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Which of the limits is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooManyBytes {
    OfAll(Exceeded),
    OfAddress(Exceeded),
}

impl HeldBytes {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            gauge: metrics::gauge!("parlor_request_body_bytes"),
            counts: Mutex::default(),
        })
    }

    /// For a request from this address; `None` when it is not known.
    pub(crate) fn of_request(self: &Arc<Self>, address: Option<IpAddr>) -> HeldByRequest {
        HeldByRequest {
            held: self.clone(),
            address,
            bytes: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one request holds, until this is dropped.
#[derive(Debug)]
pub(crate) struct HeldByRequest {
    held: Arc<HeldBytes>,
    address: Option<IpAddr>,
    bytes: usize,
}

impl HeldByRequest {
    /// Holds so many bytes more.
    ///
    /// # Errors
    /// When there is no room for them; then nothing is added.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), TooManyBytes> {
        let max = self.held.max;
        let mut counts = self.held.lock();
        if counts.all.saturating_add(bytes) > max {
            drop(counts);
            let all = exceeded("request_body_bytes", RETRY_AFTER_S);
            return Err(TooManyBytes::OfAll(all));
        }
        if let Some(address) = self.address {
            let count = counts.by_address.entry(address).or_default();
            if count.saturating_add(bytes) > max / SHARE_OF_AN_ADDRESS {
                drop(counts);
                let of_address = exceeded("request_body_bytes_per_address", RETRY_AFTER_S);
                return Err(TooManyBytes::OfAddress(of_address));
            }
            *count += bytes;
        }
        counts.all += bytes;
        self.bytes += bytes;
        self.held.gauge.set(counts.all as f64);
        Ok(())
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for HeldByRequest {
    fn drop(&mut self) {
        let mut counts = self.held.lock();
        counts.all -= self.bytes;
        if let Some(address) = self.address
            && let Some(count) = counts.by_address.get_mut(&address)
        {
            *count -= self.bytes;
            if *count == 0 {
                counts.by_address.remove(&address);
            }
        }
        self.held.gauge.set(counts.all as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_holds_a_quarter_and_what_is_dropped_is_free_again() {
        let held = HeldBytes::new(80);
        let request = |address: &str| held.of_request(Some(address.parse().unwrap()));
        let mut first = request("192.0.2.1");
        assert_eq!(first.add(20), Ok(()));
        let refused = request("192.0.2.1").add(1);
        assert!(matches!(refused, Err(TooManyBytes::OfAddress(_))));
        let mut others: Vec<_> = (2..5).map(|n| request(&format!("192.0.2.{n}"))).collect();
        for other in &mut others {
            assert_eq!(other.add(20), Ok(()));
        }
        let refused = request("192.0.2.9").add(1);
        assert!(matches!(refused, Err(TooManyBytes::OfAll(_))));
        let refused = held.of_request(None).add(1);
        assert!(matches!(refused, Err(TooManyBytes::OfAll(_))));
        drop(first);
        // Nobody's address: a proxy's.
        let mut proxied = held.of_request(None);
        assert_eq!(proxied.add(20), Ok(()));
        drop((others, proxied));
        let counts = held.lock();
        assert_eq!((counts.all, counts.by_address.len()), (0, 0));
    }
}
