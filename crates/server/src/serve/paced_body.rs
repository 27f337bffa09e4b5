//! A request's body whose client is waited for only so long: in one go, and in
//! all, measured by what has arrived.
//!
//! What must stay true: only the time in which the client keeps us waiting
//! counts. A handler that is slow to read cuts nobody off.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{BoxError, body::Bytes};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// While a client sends nothing of a body that it has announced. A phone that
/// changes its network takes less.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// For how long a client may be waited for in all, besides the time that
/// [`LEAST_BYTES_A_SECOND`] gives it: one change of networks, or many short
/// pauses.
const GRACE: Duration = PAUSE_MAX;

/// Half of what the slowest phones send that are still in use (GPRS, 16 kbit/s
/// and more). The longest body of a visitor's request, 128 KiB, may then take
/// two and a half minutes, and not the weeks of one byte in 30 s.
const LEAST_BYTES_A_SECOND: u32 = 1024;

/// The client was waited for too long.
#[derive(Debug, thiserror::Error)]
#[error("the body comes too slowly")]
struct TooSlow;

/// See the module.
#[derive(Debug)]
pub(super) struct PacedBody<B> {
    body: B,
    /// How much longer its client may be waited for, unless more arrives.
    patience: Duration,
    /// While its client is waited for.
    wait: Option<Wait>,
}

#[derive(Debug)]
struct Wait {
    since: Instant,
    until: Pin<Box<Sleep>>,
}

impl<B> PacedBody<B> {
    pub(super) fn new(body: B) -> Self {
        Self {
            body,
            patience: GRACE,
            wait: None,
        }
    }

    /// So many bytes have arrived.
    fn arrived(&mut self, bytes: usize) {
        if let Some(wait) = self.wait.take() {
            self.patience = self.patience.saturating_sub(wait.since.elapsed());
        }
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let earned = Duration::from_secs(bytes) / LEAST_BYTES_A_SECOND;
        self.patience = self.patience.saturating_add(earned);
    }
}

impl<B> Body for PacedBody<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) else {
            let patience = this.patience;
            let wait = this.wait.get_or_insert_with(|| Wait {
                since: Instant::now(),
                until: Box::pin(sleep(patience.min(PAUSE_MAX))),
            });
            ready!(wait.until.as_mut().poll(cx));
            return Poll::Ready(Some(Err(TooSlow.into())));
        };
        if let Some(Ok(frame)) = &frame {
            this.arrived(frame.data_ref().map_or(0, Bytes::len));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use http_body_util::{BodyExt as _, StreamBody};

    use super::*;

    /// Sends `chunks` of so many bytes, each after a pause. Returns how many
    /// bytes arrived, after how many seconds, and whether it was cut off.
    async fn send(chunks: usize, bytes: usize, pause: Duration) -> (usize, u64, bool) {
        let frames = stream::iter(0..chunks).then(move |_| async move {
            sleep(pause).await;
            Ok::<_, BoxError>(Frame::data(Bytes::from(vec![b'x'; bytes])))
        });
        let began = Instant::now();
        let mut body = PacedBody::new(StreamBody::new(Box::pin(frames)));
        let mut arrived = 0;
        let cut = loop {
            match body.frame().await {
                Some(Ok(frame)) => arrived += frame.data_ref().unwrap().len(),
                Some(Err(_)) => break true,
                None => break false,
            }
        };
        (arrived, began.elapsed().as_secs(), cut)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_cut_off() {
        for (bytes, pause_s, arrived, after_s) in [
            // A byte now and then: after the grace.
            (1, 1, 30, 30),
            (1, 29, 1, 30),
            // Half of the least pace: the grace is used up in a minute.
            (512, 1, 59 * 512, 59),
        ] {
            let sent = send(1000, bytes, Duration::from_secs(pause_s)).await;
            assert_eq!(sent, (arrived, after_s, true), "{bytes} in {pause_s} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_phone_is_waited_for() {
        // Two KiB a second, for six minutes.
        let whole = (720 * 1024, 360, false);
        assert_eq!(send(720, 1024, Duration::from_millis(500)).await, whole);
        // It sends in bursts, with pauses.
        let whole = (20 * 64 * 1024, 500, false);
        assert_eq!(send(20, 64 * 1024, Duration::from_secs(25)).await, whole);
    }

    #[tokio::test(start_paused = true)]
    async fn a_single_pause_is_short_however_much_has_arrived() {
        let sent = send(2, 1024 * 1024, Duration::from_secs(31)).await;
        assert_eq!(sent, (0, 30, true));
        let (first, second) = (Duration::from_secs(1), Duration::from_secs(31));
        let frames = stream::iter([first, second]).then(|pause| async move {
            sleep(pause).await;
            Ok::<_, BoxError>(Frame::data(Bytes::from(vec![b'x'; 1024 * 1024])))
        });
        let began = Instant::now();
        let body = PacedBody::new(StreamBody::new(Box::pin(frames)));
        assert!(body.collect().await.is_err());
        assert_eq!(began.elapsed().as_secs(), 31);
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_reads_does_not_count() {
        let frames = stream::iter(0..3).map(|_| Ok::<_, BoxError>(Frame::data(Bytes::from("x"))));
        let mut body = PacedBody::new(StreamBody::new(frames));
        while let Some(frame) = body.frame().await {
            frame.unwrap();
            sleep(Duration::from_secs(100)).await;
        }
    }
}
