//! The words on the wire: what visitors, agents and the endpoint say to each other, as
//! bytes and limits. It does not know what a message means, the time, or HTTP. Every
//! type here reads what it writes, keeps what it does not know, and never panics on
//! what it reads.

pub mod error;
pub mod id;
pub mod lenient;
pub mod limits;

pub use error::{DecodeError, DecodeErrorKind, decode, decode_value};
pub use id::{
    AgentId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, EventId, OrganizationId,
    SessionId, ThreadId, UserId,
};
