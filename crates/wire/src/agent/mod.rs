//! The agents' face: the Agent Chat API's actions and pushes (versions 3.4 to 3.6), as
//! requests, replies and frames. The console and the server share these types; neither
//! paths nor status lines are known here, nor who may do what. Fields are those of the
//! API; ours are marked as such, and an old client may ignore them.

mod archive;
mod chats;
mod customers;
mod error;
mod events;
mod listing;
mod offline_messages;
mod people;
mod properties;
mod push;
mod records;
mod rtm;
mod tags;
mod templates;

pub use archive::{
    ArchiveReport, ExcerptPart, FoundArchive, FoundThread, GetArchiveReport, ReportInterval,
    ReportRow, SearchArchive, ThreadRating, UpdateArchivedThread,
};
pub use chats::{
    ChatResumed, ChatStarted, DeactivateChat, FollowChat, InitialChat, InitialThread, ResumeChat,
    StartChat, TargetKind, TransferChat, TransferTarget, UnfollowChat,
};
pub use customers::{EraseCustomer, Erased, ExportCustomer};
pub use error::{ErrorBody, ErrorReply, ErrorType};
pub use events::{
    EventSent, MarkEventsAsSeen, SendEvent, SendRichMessagePostback, SendTypingIndicator,
};
pub use listing::{
    ArchiveFilters, ArchiveList, ChatFilters, ChatList, GetChat, ListArchives, ListChats,
    ListThreads, Match, SortOrder, ThreadFilters, ThreadList,
};
pub use offline_messages::{
    CallbackOutcome, ListOfflineMessages, OfflineMessage, OfflineMessageUpdated, OfflineMessages,
    UpdateOfflineMessage,
};
pub use people::{
    AddUserToChat, AgentForTransfer, AgentStatus, DeclineChat, GetCustomer, Group,
    ListAgentsForTransfer, ListGroups, ListRoutingStatuses, RemoveUserFromChat,
    RoutingStatusFilters, SetRoutingStatus,
};
pub use properties::{
    DeleteChatProperties, DeleteEventProperties, DeleteThreadProperties, UpdateChatProperties,
    UpdateEventProperties, UpdateThreadProperties,
};
pub use push::{
    ActiveChat, AgentGroupsUpdated, ChatAccessUpdated, ChatDeactivated, ChatOffered,
    ChatTransferred, CustomerPresenceSet, CustomerSessionFieldsUpdated, EventsMarkedAsSeen,
    IncomingChat, IncomingEvent, IncomingRichMessagePostback, IncomingSneakPeek,
    IncomingTypingIndicator, Parties, PropertiesDeleted, PropertiesUpdated, PushBody,
    QueuePosition, RoutingStatusSet, SneakPeek, ThreadDeleted, ThreadTag, TypingIndicator,
    UserAddedToChat, UserRemovedFromChat,
};
pub use records::GetRecord;
pub use rtm::{Application, Frame, License, LoggedIn, Login, Ping, Push, Request, Response};
pub use tags::{TagThread, UntagThread};
pub use templates::{CannedResponse, ListTemplates, RequestFile, Template, Templates};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The versions that are served, all by the same handlers.
pub const VERSIONS: [&str; 3] = ["v3.4", "v3.5", "v3.6"];

/// A request by its action's name, and what is replied to it.
pub trait Action: Serialize + DeserializeOwned {
    /// The last part of the path, and `action` in a frame.
    const NAME: &'static str;
    /// What is replied when it was done.
    type Reply: Serialize + DeserializeOwned;
}

/// The reply to an action that has nothing to tell: `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Done {}
