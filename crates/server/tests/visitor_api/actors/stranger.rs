//! Somebody without a session, on a web page or none.

use axum::Router;

use crate::server::{TestRequest, TestResponse};

#[derive(Debug, Clone)]
pub(crate) struct Stranger {
    router: Router,
    origin: Option<String>,
}

impl Stranger {
    pub(crate) fn new(router: Router) -> Self {
        Self {
            router,
            origin: None,
        }
    }

    /// On a page of `origin`.
    pub(crate) fn on(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }

    pub(crate) async fn request(&self, request: TestRequest) -> TestResponse {
        let request = match &self.origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        };
        request.send_to(&self.router).await
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        self.request(TestRequest::get(path)).await
    }

    /// The preflight request of a browser for a call with our headers.
    pub(crate) async fn preflight(&self, path: &str, method: &str) -> TestResponse {
        let request = TestRequest::new("OPTIONS", path)
            .header("access-control-request-method", method)
            .header(
                "access-control-request-headers",
                "x-liveagent-affinity,x-liveagent-api-version,x-liveagent-session-key",
            );
        self.request(request).await
    }
}
