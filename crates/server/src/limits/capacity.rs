//! How much of something is in use at a time: by all clients together, and by
//! each address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use metrics::Gauge;

/// How many addresses it takes to use everything: one client leaves room for
/// others, and an office of a thousand people finds room.
const ADDRESSES_MIN: usize = 4;

/// The limit, and what is in use.
#[derive(Debug)]
pub(crate) struct Capacity {
    max: usize,
    gauge: Gauge,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// There is no room: for anybody, or for this address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    ForAll,
    ForAddress,
}

impl Capacity {
    /// `gauge` shows what is in use.
    pub(crate) fn new(max: usize, gauge: Gauge) -> Arc<Self> {
        Arc::new(Self {
            max,
            gauge,
            used: Mutex::default(),
        })
    }

    /// Nothing yet, for a client of this address; `None` when that is not known.
    pub(crate) fn share(self: &Arc<Self>, address: Option<IpAddr>) -> Share {
        Share {
            capacity: self.clone(),
            address,
            amount: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one client uses, until this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    capacity: Arc<Capacity>,
    address: Option<IpAddr>,
    amount: usize,
}

impl Share {
    /// Uses so much more.
    ///
    /// # Errors
    /// When there is no room; then nothing is added.
    pub(crate) fn add(&mut self, amount: usize) -> Result<(), Full> {
        let max = self.capacity.max;
        let mut used = self.capacity.lock();
        if used.all.saturating_add(amount) > max {
            return Err(Full::ForAll);
        }
        if let Some(address) = self.address {
            let of_address = used.by_address.entry(address).or_default();
            if of_address.saturating_add(amount) > (max / ADDRESSES_MIN).max(1) {
                return Err(Full::ForAddress);
            }
            *of_address += amount;
        }
        used.all += amount;
        self.amount += amount;
        self.capacity.gauge.set(used.all as f64);
        Ok(())
    }

    pub(crate) fn amount(&self) -> usize {
        self.amount
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut used = self.capacity.lock();
        used.all -= self.amount;
        if let Some(address) = self.address
            && let Some(of_address) = used.by_address.get_mut(&address)
        {
            *of_address -= self.amount;
            if *of_address == 0 {
                used.by_address.remove(&address);
            }
        }
        self.capacity.gauge.set(used.all as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_a_quarter_and_what_is_dropped_is_free_again() {
        let capacity = Capacity::new(80, Gauge::noop());
        let share = |address: &str| capacity.share(Some(address.parse().unwrap()));
        let mut first = share("192.0.2.1");
        assert_eq!(first.add(20), Ok(()));
        assert_eq!(share("192.0.2.1").add(1), Err(Full::ForAddress));
        let mut others: Vec<_> = (2..5).map(|n| share(&format!("192.0.2.{n}"))).collect();
        for other in &mut others {
            assert_eq!(other.add(20), Ok(()));
        }
        assert_eq!(share("192.0.2.9").add(1), Err(Full::ForAll));
        assert_eq!(capacity.share(None).add(1), Err(Full::ForAll));
        drop(first);
        // Nobody's address: a proxy's.
        let mut proxied = capacity.share(None);
        assert_eq!(proxied.add(20), Ok(()));
        drop((others, proxied));
        let used = capacity.lock();
        assert_eq!((used.all, used.by_address.len()), (0, 0));
    }
}
