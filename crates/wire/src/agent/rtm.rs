//! Frames on the agents' WebSocket: requests one way, responses and pushes the other.
//! A frame does not know which action its payload belongs to beyond the name; the
//! payload is read by the type that the name stands for.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::push::PushBody;
use super::{Action, Done};
use crate::chat::ChatSummary;
use crate::error::DecodeError;
use crate::lenient;
use crate::loose::Loose;
use crate::tagged::{self, Fields, expecting};
use crate::user::MyProfile;

/// From an agent: do this.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Repeated in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Loose>,
    /// The action's name.
    pub action: String,
    /// What the action wants to know; `{}` when absent.
    #[serde(default = "nothing")]
    pub payload: Value,
}

fn nothing() -> Value {
    Value::Object(Fields::new())
}

/// Without the payload: that of `login` is a secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("request_id", &self.request_id)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

/// From the endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Frame {
    /// The answer to one request.
    Response(Response),
    /// Something happened.
    Push(Push),
}

/// The answer to one request; `type` is `response` on the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Response {
    /// That of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Loose>,
    /// That of the request.
    pub action: String,
    /// Whether it was done.
    pub success: bool,
    /// The action's reply, or an [`super::ErrorReply`].
    pub payload: Value,
}

/// Something happened; `type` is `push` on the wire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Push {
    /// Of the request that brought it about; to that connection only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Loose>,
    /// Ours: the place in what this agent is told. A client that was away says it when
    /// it signs in again. Absent for what is not kept, such as typing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// What happened.
    #[serde(flatten)]
    pub body: PushBody,
}

/// The first request on a connection: who is there.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Login {
    /// `Bearer …` or `Basic …`; absent when the connection brought a session's cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Whether the connection was lost before; the default is false.
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub reconnect: Option<bool>,
    /// Which program connects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Application>,
    /// Ours: the newest position that the client has; what came after is pushed again.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub position: Option<i64>,
}

/// Without the token.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("reconnect", &self.reconnect)
            .field("application", &self.application)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl Action for Login {
    const NAME: &'static str = "login";
    type Reply = LoggedIn;
}

/// A program by its name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Application {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The reply to [`Login`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoggedIn {
    /// Who this is.
    pub my_profile: MyProfile,
    /// The chats that the agent is in, and those that wait.
    #[serde(default)]
    pub chats_summary: Vec<ChatSummary>,
    /// Whose endpoint this is, for clients that want to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<License>,
    /// Ours: `chats_summary` holds everything up to this position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
}

/// Whose endpoint this is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct License {
    /// Names the organization.
    pub id: Loose,
}

/// Says that the connection is alive; the reply says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ping {}

impl Action for Ping {
    const NAME: &'static str = "ping";
    type Reply = Done;
}

/// What frames of both types have, or one of them.
#[derive(Deserialize)]
struct Envelope {
    action: String,
    #[serde(default = "nothing")]
    payload: Value,
    /// One of another form is none.
    #[serde(default)]
    request_id: Value,
    #[serde(default)]
    success: Value,
    #[serde(default)]
    position: Value,
}

struct FrameVisitor;

impl<'de> Visitor<'de> for FrameVisitor {
    type Value = Frame;

    expecting!("a frame");

    fn visit_seq<A: SeqAccess<'de>>(self, mut object: A) -> Result<Frame, A::Error> {
        let kind = tagged::kind(&mut object)?;
        let from: Envelope = tagged::next(&mut object)?;
        let request_id = Loose::deserialize(from.request_id).ok();
        match kind.as_str() {
            "response" => Ok(Frame::Response(Response {
                request_id,
                action: from.action,
                success: from.success == true,
                payload: from.payload,
            })),
            "push" => Ok(Frame::Push(Push {
                request_id,
                position: from.position.as_i64(),
                body: PushBody::from_payload(from.action, from.payload)
                    .map_err(de::Error::custom)?,
            })),
            _ => Err(de::Error::custom(DecodeError::expected(
                "type",
                "`response` or `push`",
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for Frame {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        tagged::read_repeatedly(from, FrameVisitor)
    }
}
