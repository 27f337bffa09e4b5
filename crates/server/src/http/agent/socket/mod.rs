//! `/v3.6/agent/rtm/ws`: the same actions over a socket, and pushes. The feed
//! in the store is what is pushed: a wake-up only says that it is time to read
//! on from the last position, so nothing is lost and nothing comes twice.

mod line;
mod login;
mod talk;

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{
        Path, State,
        ws::{WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use parlor_wire::limits::AGENT_BODY_MAX_BYTES;
use tokio::time::Instant;

use super::{
    Door,
    caller::{cookie_token, require_own_page},
    check_version,
    error::Result,
    presence,
};
use crate::{app::App, private::Private};
use line::{End, Line};

/// From the handshake to `login`: a slow phone's round trip many times over.
const LOGIN_WITHIN: Duration = Duration::from_secs(30);

/// What the handshake brought along.
struct Arrival {
    cookie: Option<Private<String>>,
    login_until: Instant,
}

pub(super) async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(door): Extension<Arc<Door>>,
    Path(version): Path<String>,
    headers: HeaderMap,
    socket: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    check_version(&version)?;
    let cookie = cookie_token(&headers);
    if cookie.is_some() {
        require_own_page(&app, &headers)?;
    }
    let socket = match socket {
        Ok(socket) => socket,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let arrival = Arrival {
        cookie,
        login_until: Instant::now() + LOGIN_WITHIN,
    };
    Ok(socket
        .max_message_size(AGENT_BODY_MAX_BYTES)
        .max_frame_size(AGENT_BODY_MAX_BYTES)
        .on_upgrade(move |socket| {
            let tracked = app.tasks.clone();
            tracked.track_future(serve(app, door, socket, arrival))
        }))
}

async fn serve(app: Arc<App>, door: Arc<Door>, mut socket: WebSocket, arrival: Arrival) {
    let mut line = Line::new(&mut socket);
    let end = tokio::select! {
        biased;
        () = app.shutdown.cancelled() => End::Stopping,
        end = visit(&app, &door, &mut line, arrival) => end,
    };
    line.close(end).await;
}

/// From `login` to the end. It is known that a person left before the socket
/// is closed, and not at all when the process stops.
async fn visit(app: &Arc<App>, door: &Arc<Door>, line: &mut Line<'_>, arrival: Arrival) -> End {
    let member = match login::login(app, line, arrival).await {
        Ok(member) => member,
        Err(end) => return end,
    };
    let console = member.at_console.then(|| member.agent.id.clone());
    if let Some(agent) = &console {
        door.presence.came(agent);
    }
    let end = talk::talk(app, line, member).await;
    if let Some(agent) = console {
        presence::went(app, door, agent);
    }
    end
}
