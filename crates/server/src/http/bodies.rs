//! A layer that counts the bytes of requests' bodies that are in memory, from
//! their arrival until the request is answered. Beyond the limit for all
//! clients, or for one address, a request is refused and the rest of its body is
//! not read.
//!
//! What must stay true: a request without a body, as a poll, keeps nothing of
//! the layer while it is answered.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
    extract::Request,
    response::Response,
};
use futures_util::future::{BoxFuture, Either};
use hyper::body::{Frame, SizeHint};
use parlor_wire::visitor::header;
use tower::{Layer, Service};

use super::limits::{ClientAddress, ErrorForm, body_refused};
use crate::{
    app::App,
    files::UPLOAD_MEMORY_BYTES,
    limits::{Share, TooManyBytes},
};

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct BodiesLayer {
    app: Arc<App>,
}

impl BodiesLayer {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }
}

impl<S> Layer<S> for BodiesLayer {
    type Service = CountBodies<S>;

    fn layer(&self, inner: S) -> CountBodies<S> {
        CountBodies {
            inner,
            app: self.app.clone(),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct CountBodies<S> {
    inner: S,
    app: Arc<App>,
}

impl<S> Service<Request> for CountBodies<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.body().is_end_stream() {
            return Either::Left(self.inner.call(request));
        }
        let address = request.extensions().get::<ClientAddress>();
        let address = address.and_then(|ClientAddress(address)| *address);
        let held = Arc::new(HeldBody {
            state: Mutex::new(State {
                held: self.app.limiter.held_bytes.share(address),
                refused: None,
            }),
        });
        let form = ErrorForm::of(&request);
        let in_session = request.headers().contains_key(header::SESSION_KEY);
        let request = request.map(|body| {
            Body::new(CountedBody {
                body,
                held: held.clone(),
            })
        });
        let answered = self.inner.call(request);
        Either::Right(Box::pin(async move {
            let response = answered.await?;
            let refused = held.lock().refused;
            Ok(match refused {
                // The handler says that the body is broken.
                Some(reached) if response.status().is_client_error() => {
                    body_refused(response, reached, form, in_session)
                }
                Some(_) | None => response,
            })
        }))
    }
}

/// What is known of one request's body, until the request is answered.
#[derive(Debug)]
struct HeldBody {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    held: Share,
    /// Why no more of the body was taken.
    refused: Option<TooManyBytes>,
}

impl HeldBody {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many bytes have arrived. A body of more than [`UPLOAD_MEMORY_BYTES`] is
    /// an upload, of which no more is in memory.
    fn arrived(&self, bytes: usize) -> Result<(), Refused> {
        let mut state = self.lock();
        let room = UPLOAD_MEMORY_BYTES.saturating_sub(state.held.amount());
        state.held.add(bytes.min(room)).map_err(|full| {
            state.refused = Some(full.into());
            Refused
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("too many bytes of bodies are in memory")]
struct Refused;

/// A body whose bytes are counted.
struct CountedBody {
    body: Body,
    held: Arc<HeldBody>,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            if let Err(refused) = self.held.arrived(bytes) {
                return Poll::Ready(Some(Err(refused.into())));
            }
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
