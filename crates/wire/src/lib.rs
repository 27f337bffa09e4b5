//! The words on the wire: what visitors, agents and the endpoint say to each other, as
//! bytes and limits. It does not know what a message means, the time, or HTTP. Every
//! type here reads what it writes, keeps what it does not know, and never panics on
//! what it reads.

pub mod agent;
pub mod archive;
mod callback;
pub mod chat;
pub mod error;
pub mod event;
pub mod free;
pub mod id;
pub mod lenient;
pub mod limits;
pub mod loose;
pub mod record;
#[cfg(feature = "openapi")]
mod schema;
mod tagged;
pub mod user;
pub mod visitor;
pub mod window;
mod word;

pub use callback::{Callback, CallbackType, TimeWindow};
pub use chat::{Access, Chat, ChatSummary, LastEvent, Offer, Queue, Thread, ThreadSummary};
pub use error::{DecodeError, DecodeErrorKind, decode, decode_value};
pub use event::{Event, EventBody, Properties, Visibility};
pub use id::{
    AgentId, AttachedRecordId, ButtonId, ChatId, CustomId, CustomerId, DeploymentId, EventId,
    EventPlace, OrganizationId, RecordId, SessionId, ThreadId, UserId,
};
pub use loose::Loose;
pub use record::{Record, RecordField, RecordLink, RecordOrigin};
pub use tagged::{Fields, SAME_VALUE};
pub use user::{Agent, Customer, MyProfile, RoutingStatus, User, UserKind};
