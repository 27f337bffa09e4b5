//! Sends at a rate, whether or not what was sent before is answered: a slow server is not spared.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};

/// Starts `send` so many times a second, with numbers from 0, and waits until all are done.
pub(crate) async fn at_rate<F>(rate: u32, time: Duration, mut send: impl FnMut(u64) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut ticks = interval(Duration::from_secs(1) / rate.max(1));
    // After a delay it sends what it owes.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let end = Instant::now() + time;
    let mut sent = JoinSet::new();
    for number in 0.. {
        ticks.tick().await;
        if Instant::now() >= end {
            break;
        }
        sent.spawn(send(number));
        while sent.try_join_next().is_some() {}
    }
    while sent.join_next().await.is_some() {}
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn numbers_are_sent_at_their_times() {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let begun = Instant::now();
        at_rate(4, Duration::from_secs(1), |number| {
            let sent = sent.clone();
            let at = begun.elapsed().as_millis();
            async move {
                // Each takes longer than the pause to the next.
                tokio::time::sleep(Duration::from_secs(2)).await;
                sent.lock().unwrap().push((number, at));
            }
        })
        .await;
        let expected = [(0, 0), (1, 250), (2, 500), (3, 750)];
        assert_eq!(*sent.lock().unwrap(), expected);
    }
}
