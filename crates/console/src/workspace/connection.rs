//! The WebSocket over which the server sends pushes. A lost socket is opened again after a growing
//! pause; a silent one counts as lost. This module does not know what was missed meanwhile:
//! `catch_up` does.

use parlor_wire::Loose;
use parlor_wire::agent::{Action, Frame, Login, Ping, Request};
use serde_json::Value;

use super::input::pause;
use super::{Call, ConnectionStatus, Millis, Output, PendingCall, ViewPart, Workspace, limits};

#[derive(Debug, Default)]
pub(super) struct Connection {
    /// The number of the current socket. Reports about older ones are ignored.
    socket: u32,
    state: State,
    /// Attempts since the connection was last up.
    attempt: u32,
    /// Whether it was up at least once since sign-in.
    was_up: bool,
}

#[derive(Debug, Default)]
enum State {
    /// Nobody is signed in.
    #[default]
    Off,
    /// The socket is being opened; given up at `until`.
    Opening { until: Millis },
    /// The socket is open and `login` is not answered yet; given up at `until`.
    LoggingIn {
        until: Millis,
        /// The position that was sent with `login`.
        since: Option<i64>,
    },
    /// Logged in: every push arrives.
    Up {
        last_frame_at: Millis,
        ping_at: Millis,
    },
    /// Lost; the next attempt is at this time.
    Down { at: Millis },
}

impl Connection {
    pub(super) fn deadline(&self) -> Option<Millis> {
        match self.state {
            State::Off => None,
            State::Opening { until } | State::LoggingIn { until, .. } => Some(until),
            State::Up {
                last_frame_at,
                ping_at,
            } => Some(ping_at.min(last_frame_at + limits::SILENCE_TIMEOUT)),
            State::Down { at } => Some(at),
        }
    }

    pub(super) fn status(&self) -> ConnectionStatus {
        match self.state {
            State::Up { .. } => ConnectionStatus::Online,
            _ if self.was_up || self.attempt > 1 => ConnectionStatus::Reconnecting,
            _ => ConnectionStatus::Connecting,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    /// Whether it was up at least once since sign-in.
    pub(super) fn was_up(&self) -> bool {
        self.was_up
    }

    /// Turns the connection off and returns whether there was a socket to close.
    pub(super) fn close(&mut self) -> bool {
        let open = matches!(
            self.state,
            State::Opening { .. } | State::LoggingIn { .. } | State::Up { .. }
        );
        self.state = State::Off;
        self.attempt = 0;
        self.was_up = false;
        open
    }
}

impl Workspace {
    pub(super) fn connect(&mut self) {
        self.connection.socket += 1;
        self.connection.attempt += 1;
        self.connection.state = State::Opening {
            until: self.now + limits::OPENING_TAKES,
        };
        self.outputs
            .push(Output::OpenSocket(self.connection.socket));
        self.view_changed(ViewPart::Connection);
    }

    pub(super) fn on_socket_opened(&mut self, socket: u32) {
        if socket != self.connection.socket
            || !matches!(self.connection.state, State::Opening { .. })
        {
            return;
        }
        let since = self.catch_up.position();
        self.connection.state = State::LoggingIn {
            until: self.now + limits::OPENING_TAKES,
            since,
        };
        let login = Login {
            position: since,
            reconnect: Some(since.is_some()),
            ..Login::default()
        };
        self.transmit(&login);
    }

    pub(super) fn on_socket_closed(&mut self, socket: u32) {
        if socket != self.connection.socket {
            return;
        }
        match self.connection.state {
            State::Off | State::Down { .. } => {}
            // A refused upgrade may mean that the session has ended. A WebSocket does not report
            // the status, an HTTP call does.
            State::Opening { .. } | State::LoggingIn { .. } => {
                self.call(PendingCall::WhoAmI, Call::WhoAmI);
                self.schedule_reconnect();
            }
            State::Up { .. } => self.schedule_reconnect(),
        }
    }

    pub(super) fn on_frame(&mut self, socket: u32, frame: Frame) {
        if socket != self.connection.socket {
            return;
        }
        self.frame_received();
        match frame {
            Frame::Push(push) => self.on_push(push),
            Frame::Response(response) if response.action == Login::NAME => {
                let State::LoggingIn { since, .. } = self.connection.state else {
                    return;
                };
                if response.success {
                    self.on_login(since, response.payload);
                } else {
                    self.outputs.push(Output::CloseSocket);
                    self.on_socket_closed(socket);
                }
            }
            Frame::Response(_) => {}
        }
    }

    pub(super) fn on_unreadable_frame(&mut self, socket: u32) {
        if socket == self.connection.socket {
            self.resync();
        }
    }

    pub(super) fn connection_up(&mut self) {
        self.connection.attempt = 0;
        self.connection.was_up = true;
        self.connection.state = State::Up {
            last_frame_at: self.now,
            ping_at: self.now + limits::PING_EVERY,
        };
        self.view_changed(ViewPart::Connection);
    }

    pub(super) fn connection_due(&mut self) {
        let now = self.now;
        match &mut self.connection.state {
            State::Off => {}
            State::Opening { until } | State::LoggingIn { until, .. } if *until <= now => {
                self.outputs.push(Output::CloseSocket);
                self.on_socket_closed(self.connection.socket);
            }
            State::Up { last_frame_at, .. } if *last_frame_at + limits::SILENCE_TIMEOUT <= now => {
                self.drop_connection()
            }
            State::Up { ping_at, .. } if *ping_at <= now => {
                *ping_at = now + limits::PING_EVERY;
                self.transmit(&Ping {});
            }
            State::Down { at } if *at <= now => self.connect(),
            _ => {}
        }
    }

    pub(super) fn reconnect_now(&mut self) {
        match &mut self.connection.state {
            State::Down { at } => *at = self.now,
            State::Up { ping_at, .. } => *ping_at = self.now,
            _ => {}
        }
    }

    fn frame_received(&mut self) {
        if let State::Up { last_frame_at, .. } = &mut self.connection.state {
            *last_frame_at = self.now;
        }
    }

    /// Closes the socket and schedules a new one.
    pub(super) fn drop_connection(&mut self) {
        self.outputs.push(Output::CloseSocket);
        self.schedule_reconnect();
    }

    fn schedule_reconnect(&mut self) {
        let pause = pause(
            limits::BACKOFF_FIRST,
            limits::BACKOFF_CEILING,
            self.connection.attempt.max(1),
            self.seed,
        );
        self.connection.state = State::Down {
            at: self.now + pause,
        };
        self.clear_typing();
        self.view_changed(ViewPart::Connection);
    }

    fn transmit<A: Action>(&mut self, action: &A) {
        let payload = serde_json::to_value(action).unwrap_or(Value::Null);
        self.outputs.push(Output::Transmit(Request {
            request_id: Some(Loose::from(A::NAME)),
            action: A::NAME.to_owned(),
            payload,
        }));
    }
}
