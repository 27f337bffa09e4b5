//! A socket that gives up on a client who neither sends nor reads. It knows
//! bytes and whether a request is being answered, and no HTTP.
//!
//! What must stay true: while a request is being answered (a poll is held for
//! 25 s) and after an upgrade to a WebSocket, a silent client is left alone.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures_util::task::AtomicWaker;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// From the first byte of a request to the end of its headers. They fit into a
/// few packets; 20 s is what Apache gives them.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);

/// Between two requests. Proxies keep idle connections for 60 s (nginx) or
/// 120 s (Caddy): the proxy has to be the one that closes, or it sends a request
/// into a connection that closes meanwhile.
const IDLE_TIMEOUT: Duration = Duration::from_secs(150);

/// While a client reads nothing of a response. A phone that changes its network
/// takes less.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// The requests of one connection, counted.
#[derive(Debug, Default)]
pub(super) struct Requests {
    begun: AtomicU32,
    ended: AtomicU32,
    /// The task that reads. It is woken when a request has ended, since from then
    /// on it has to watch the time.
    reader: AtomicWaker,
}

impl Requests {
    /// A request is being answered until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> RequestGuard {
        self.begun.fetch_add(1, Ordering::Relaxed);
        RequestGuard(Some(self.clone()))
    }
}

#[derive(Debug)]
pub(super) struct RequestGuard(Option<Arc<Requests>>);

impl RequestGuard {
    /// The connection is a WebSocket from now on: it has no further requests.
    pub(super) fn upgraded(mut self) {
        self.0 = None;
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        if let Some(requests) = &self.0 {
            requests.ended.fetch_add(1, Ordering::Relaxed);
            requests.reader.wake();
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct PacedStream<S> {
    inner: S,
    requests: Arc<Requests>,
    stop: CancellationToken,
    /// How many requests had begun when the last bytes were read.
    requests_begun: u32,
    /// When the first byte of the next request was read.
    head_began_at: Option<Instant>,
    /// When a byte was read or written last.
    moved_at: Instant,
    /// Exists only while it is waited for, because most connections hold a poll
    /// and need none.
    read_timer: Timer,
    write_timer: Timer,
}

#[derive(Debug, Default)]
struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Whether the deadline has passed. If not, the task is woken then.
    fn poll_elapsed(&mut self, cx: &mut Context<'_>, deadline: Instant) -> bool {
        let sleep = self
            .0
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(cx).is_ready()
    }

    fn cancel(&mut self) {
        self.0 = None;
    }
}

impl<S> PacedStream<S> {
    /// When `stop` is cancelled, half a request is waited for no longer.
    pub(super) fn new(inner: S, requests: Arc<Requests>, stop: CancellationToken) -> Self {
        Self {
            inner,
            requests,
            stop,
            requests_begun: 0,
            head_began_at: None,
            moved_at: Instant::now(),
            read_timer: Timer::default(),
            write_timer: Timer::default(),
        }
    }

    /// When a read has to bring something; `None` while a request is being
    /// answered.
    fn read_deadline(&mut self) -> Option<Instant> {
        let begun = self.requests.begun.load(Ordering::Relaxed);
        if begun != self.requests_begun {
            self.requests_begun = begun;
            self.head_began_at = None;
        }
        if begun != self.requests.ended.load(Ordering::Relaxed) {
            return None;
        }
        Some(match self.head_began_at {
            Some(began_at) => began_at + HEAD_TIMEOUT,
            None => self.moved_at + IDLE_TIMEOUT,
        })
    }

    fn poll_written<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.write_timer.cancel();
            self.moved_at = Instant::now();
            return written;
        }
        let deadline = self.moved_at + WRITE_TIMEOUT;
        if self.write_timer.poll_elapsed(cx, deadline) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let deadline = this.read_deadline();
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.inner).poll_read(cx, buffer) {
            this.read_timer.cancel();
            if buffer.filled().len() > before {
                this.moved_at = Instant::now();
                if deadline.is_some() {
                    this.head_began_at.get_or_insert(this.moved_at);
                }
            }
            return Poll::Ready(read);
        }
        match deadline {
            // The end of the input.
            Some(_) if this.head_began_at.is_some() && this.stop.is_cancelled() => {
                Poll::Ready(Ok(()))
            }
            Some(deadline) if this.read_timer.poll_elapsed(cx, deadline) => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Some(_) => Poll::Pending,
            None => {
                this.requests.reader.register(cx.waker());
                this.read_timer.cancel();
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.poll_written(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, slices);
        this.poll_written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
