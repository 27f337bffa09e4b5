//! The socket over which the endpoint tells what happens. A lost one is opened again after a
//! growing pause, and a silent one counts as lost. What was missed meanwhile is not known here.

use parlor_wire::Loose;
use parlor_wire::agent::{Action, Frame, Login, Ping, Request};
use serde_json::Value;

use super::input::pause;
use super::{Call, Connection, Desk, Errand, Millis, Output, Part, limits};

#[derive(Debug, Default)]
pub(super) struct Line {
    /// Numbers the sockets, so that an old one is not heard any more.
    socket: u32,
    state: State,
    /// Tries since it was last up.
    attempt: u32,
    /// Whether it was up at all since the sign-in.
    was_up: bool,
}

#[derive(Debug, Default)]
enum State {
    /// Nobody is signed in.
    #[default]
    Off,
    /// On its way, until then.
    Opening { until: Millis },
    /// Open; the endpoint has not said yet what we missed.
    LoggingIn {
        until: Millis,
        /// The position that we said.
        since: Option<i64>,
    },
    /// All is heard.
    Up { heard: Millis, ping_at: Millis },
    /// Lost; opened again then.
    Down { at: Millis },
}

impl Line {
    pub(super) fn deadline(&self) -> Option<Millis> {
        match self.state {
            State::Off => None,
            State::Opening { until } | State::LoggingIn { until, .. } => Some(until),
            State::Up { heard, ping_at } => Some(ping_at.min(heard + limits::SILENCE_IS_DEATH)),
            State::Down { at } => Some(at),
        }
    }

    pub(super) fn connection(&self) -> Connection {
        match self.state {
            State::Up { .. } => Connection::Live,
            _ if self.was_up || self.attempt > 1 => Connection::Reconnecting,
            _ => Connection::Connecting,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    /// Whether it was up before, since the sign-in.
    pub(super) fn was_up(&self) -> bool {
        self.was_up
    }

    /// Whether there was a socket to close.
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

impl Desk {
    pub(super) fn connect(&mut self) {
        self.line.socket += 1;
        self.line.attempt += 1;
        self.line.state = State::Opening {
            until: self.now + limits::OPENING_TAKES,
        };
        self.out.push(Output::OpenSocket(self.line.socket));
        self.moved(Part::Connection);
    }

    pub(super) fn opened(&mut self, socket: u32) {
        if socket != self.line.socket || !matches!(self.line.state, State::Opening { .. }) {
            return;
        }
        let since = self.catching.position();
        self.line.state = State::LoggingIn {
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

    pub(super) fn closed(&mut self, socket: u32) {
        if socket != self.line.socket {
            return;
        }
        match self.line.state {
            State::Off | State::Down { .. } => {}
            // Perhaps it is not let in: that is told by an answer, and not by a socket.
            State::Opening { .. } | State::LoggingIn { .. } => {
                self.call(Errand::WhoAmI, Call::WhoAmI);
                self.lost();
            }
            State::Up { .. } => self.lost(),
        }
    }

    pub(super) fn heard(&mut self, socket: u32, frame: Frame) {
        if socket != self.line.socket {
            return;
        }
        self.sound();
        match frame {
            Frame::Push(push) => self.pushed(push),
            Frame::Response(response) if response.action == Login::NAME => {
                let State::LoggingIn { since, .. } = self.line.state else {
                    return;
                };
                if response.success {
                    self.welcome(since, response.payload);
                } else {
                    self.out.push(Output::CloseSocket);
                    self.closed(socket);
                }
            }
            Frame::Response(_) => {}
        }
    }

    pub(super) fn garbled(&mut self, socket: u32) {
        if socket == self.line.socket {
            self.begin_anew();
        }
    }

    pub(super) fn line_up(&mut self) {
        self.line.attempt = 0;
        self.line.was_up = true;
        self.line.state = State::Up {
            heard: self.now,
            ping_at: self.now + limits::PING_EVERY,
        };
        self.moved(Part::Connection);
    }

    pub(super) fn line_due(&mut self) {
        let now = self.now;
        match &mut self.line.state {
            State::Off => {}
            State::Opening { until } | State::LoggingIn { until, .. } if *until <= now => {
                self.out.push(Output::CloseSocket);
                self.closed(self.line.socket);
            }
            State::Up { heard, .. } if *heard + limits::SILENCE_IS_DEATH <= now => self.drop_line(),
            State::Up { ping_at, .. } if *ping_at <= now => {
                *ping_at = now + limits::PING_EVERY;
                self.transmit(&Ping {});
            }
            State::Down { at } if *at <= now => self.connect(),
            _ => {}
        }
    }

    pub(super) fn line_hurry(&mut self) {
        match &mut self.line.state {
            State::Down { at } => *at = self.now,
            State::Up { ping_at, .. } => *ping_at = self.now,
            _ => {}
        }
    }

    fn sound(&mut self) {
        if let State::Up { heard, .. } = &mut self.line.state {
            *heard = self.now;
        }
    }

    /// Whatever comes over this socket is no use any more.
    pub(super) fn drop_line(&mut self) {
        self.out.push(Output::CloseSocket);
        self.lost();
    }

    fn lost(&mut self) {
        let pause = pause(
            limits::BACKOFF_FIRST,
            limits::BACKOFF_CEILING,
            self.line.attempt.max(1),
            self.seed,
        );
        self.line.state = State::Down {
            at: self.now + pause,
        };
        self.nobody_types();
        self.moved(Part::Connection);
    }

    fn transmit<A: Action>(&mut self, action: &A) {
        let payload = serde_json::to_value(action).unwrap_or(Value::Null);
        self.out.push(Output::Transmit(Request {
            request_id: Some(Loose::from(A::NAME)),
            action: A::NAME.to_owned(),
            payload,
        }));
    }
}
