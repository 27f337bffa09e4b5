//! Refuses requests for another host than `--public-url` names, or this machine
//! itself. A page whose own name was made to point to this endpoint (DNS
//! rebinding) is refused, and so is a `Host` that a stranger makes up.

use std::ops::ControlFlow;

use axum::{
    extract::Request,
    http::{StatusCode, header::HOST},
    response::{IntoResponse as _, Response},
};

use crate::{app::App, origin};

pub(crate) fn check(app: &App, request: &Request) -> ControlFlow<Response> {
    if let Some(public_url) = &app.config.public_url {
        // A request line may name the host too, and then it counts.
        let authority = request.uri().authority().map(|it| it.as_str());
        let host = || request.headers().get(HOST)?.to_str().ok();
        let host = authority.or_else(host).unwrap_or_default();
        if !origin::is_own_host(host, public_url) {
            let text = "this endpoint has another host name";
            return ControlFlow::Break((StatusCode::MISDIRECTED_REQUEST, text).into_response());
        }
    }
    ControlFlow::Continue(())
}
