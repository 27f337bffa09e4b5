//! A layer that looks at a request and lets it pass or answers it. It decides
//! at once: a request that passes keeps nothing of the layer while it is
//! answered, and polls are answered after 25 s.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    ops::ControlFlow,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response};
use futures_util::future::Either;
use tower::{Layer, Service};

use crate::app::App;

/// Lets the request pass, or answers it.
pub(crate) type Check = fn(&App, &mut Request) -> ControlFlow<Response>;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct GateLayer {
    app: Arc<App>,
    check: Check,
}

impl GateLayer {
    pub(crate) fn new(app: Arc<App>, check: Check) -> Self {
        Self { app, check }
    }
}

impl<S> Layer<S> for GateLayer {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        Gate {
            inner,
            layer: self.clone(),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Gate<S> {
    inner: S,
    layer: GateLayer,
}

impl<S> Service<Request> for Gate<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        match (self.layer.check)(&self.layer.app, &mut request) {
            ControlFlow::Continue(()) => Either::Right(self.inner.call(request)),
            ControlFlow::Break(answer) => Either::Left(ready(Ok(answer))),
        }
    }
}
