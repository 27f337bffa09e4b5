//! Everything that leaves the workspace: what the driver has to do, and which parts of the view
//! have changed.

use parlor_wire::ChatId;
use parlor_wire::agent::{
    AddUserToChat, DeactivateChat, DeclineChat, GetChat, ListAgentsForTransfer, ListChats,
    ListGroups, ListOfflineMessages, ListTemplates, ListThreads, MarkEventsAsSeen, Request,
    RequestFile, SendEvent, SendTypingIndicator, SetRoutingStatus, TagThread, TransferChat,
    UntagThread, UpdateOfflineMessage,
};

use super::{Fault, FileId, Millis, Secret};

/// What the driver has to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Make this call to the server and return its reply as `Input::CallReply` with this id.
    Call(CallId, Call),
    /// Upload this file and report its progress.
    Upload(FileId),
    /// Abort the upload of this file and report nothing about it any more.
    AbortUpload(FileId),
    /// Drop the content of this file: it is not needed any more.
    ForgetFile(FileId),
    /// Open a WebSocket and report about it under this number.
    OpenSocket(u32),
    /// Send this request over the open socket.
    Transmit(Request),
    /// Close the socket and report nothing about it any more.
    CloseSocket,
    /// Send `Input::Wake` at this time. Replaces the time requested before; `None` cancels it.
    WakeAt(Option<Millis>),
    /// This part of the view has changed: read it again and show it.
    ViewChanged(ViewPart),
    /// Play a short sound.
    Chime(Chime),
    /// Announce it to screen readers.
    Announce(Announcement),
    /// Move the focus to the reply field.
    FocusReply,
    /// Move the focus to the conversation, because the focused element is gone.
    FocusConversation,
    /// Move the focus to the row of this chat.
    FocusRow(ChatId),
}

/// Identifies a call; unique within the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// A call to the server: a request of the console's session, or an action of the Agent Chat API.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// Ask who is signed in.
    WhoAmI,
    /// Sign in with a password.
    SignIn {
        /// As it was typed.
        email: String,
        /// As it was typed.
        password: Secret,
    },
    /// Sign in with the token of a sign-in link.
    SignInByLink(Secret),
    /// Sign in with the token of a link, and set a new password.
    ChoosePassword {
        /// The token.
        link: Secret,
        /// As it was typed.
        password: Secret,
    },
    /// Sign out.
    SignOut,
    /// Sign out here and on all other devices.
    SignOutEverywhere,
    /// List the agent's sign-ins.
    ListSignIns,
    /// End this sign-in.
    EndSignIn(String),
    /// Fetch one chat with its newest thread.
    GetChat(GetChat),
    /// Accept a chat.
    AddUserToChat(AddUserToChat),
    /// Send an event.
    SendEvent(Box<SendEvent>),
    /// Show or hide the typing indicator.
    SendTypingIndicator(SendTypingIndicator),
    /// Mark events as seen.
    MarkEventsAsSeen(MarkEventsAsSeen),
    /// List the agents to whom a chat can be transferred.
    ListAgentsForTransfer(ListAgentsForTransfer),
    /// Decline a chat that is offered to this agent.
    DeclineChat(DeclineChat),
    /// List the groups of agents.
    ListGroups(ListGroups),
    /// Transfer a chat.
    TransferChat(TransferChat),
    /// End a chat.
    DeactivateChat(DeactivateChat),
    /// Change the routing status.
    SetRoutingStatus(SetRoutingStatus),
    /// List the templates of the site.
    ListTemplates(ListTemplates),
    /// List chats.
    ListChats(Box<ListChats>),
    /// List the threads of a chat.
    ListThreads(ListThreads),
    /// Add a tag to a thread.
    TagThread(TagThread),
    /// Remove a tag from a thread.
    UntagThread(UntagThread),
    /// Ask the visitor for a file, or withdraw the request.
    RequestFile(RequestFile),
    /// List the messages that were left.
    ListOfflineMessages(ListOfflineMessages),
    /// Mark a message as done.
    UpdateOfflineMessage(UpdateOfflineMessage),
}

/// A part of the view model that is replaced as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViewPart {
    /// `Workspace::sign_in_stage`.
    SignInStage,
    /// `Workspace::profile`.
    Me,
    /// `Workspace::connection_status`.
    Connection,
    /// `Workspace::lists`.
    Lists,
    /// `Workspace::messages`, `Workspace::callbacks` and `Workspace::ended`.
    Messages,
    /// `Workspace::open_chat`.
    OpenChat,
    /// `Workspace::entries`.
    Entries,
    /// `Workspace::typing_preview`.
    TypingPreview,
    /// `Workspace::draft`, when it differs from what the agent typed.
    Draft,
    /// `Workspace::picker`.
    Picker,
    /// `Workspace::template_menu`.
    TemplateMenu,
    /// `Workspace::uploads`.
    Uploads,
    /// `Workspace::person`.
    Person,
    /// `Workspace::history`.
    History,
    /// `Workspace::transfer`.
    Transfer,
    /// `Workspace::sign_ins`.
    SignIns,
    /// `Workspace::notice`.
    Notice,
}

/// Which sound is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chime {
    /// A visitor waits for an agent.
    Waiting,
    /// A visitor wrote in a chat that the agent is not looking at.
    Message,
}

/// What is announced to screen readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announcement {
    /// A visitor waits; their name, if known.
    Waiting(Option<String>),
    /// A waiting visitor is offered to this agent; their name, if known.
    Offered(Option<String>),
    /// A reply is held because somebody wrote meanwhile; their name, if known.
    ReplyHeld(Option<String>),
    /// A visitor left a message; their name, if known.
    MessageLeft(Option<String>),
    /// A visitor, by name, wants to be called back.
    CallbackWanted(Option<String>),
    /// Another sign-in of the agent has ended.
    SignInEnded,
    /// A message arrived in the open chat.
    Message {
        /// The author's name, if known.
        name: Option<String>,
        /// The text.
        text: String,
    },
}

/// An action that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The chat could not be accepted.
    NotAccepted(Fault),
    /// The chat could not be taken over from a colleague.
    NotTakenOver(Fault),
    /// The chat could not be joined.
    NotJoined(Fault),
    /// The chat could not be declined.
    NotDeclined(Fault),
    /// The chat could not be transferred.
    NotTransferred(Fault),
    /// The chat could not be ended.
    NotEnded(Fault),
    /// The routing status could not be changed.
    StatusNotSet(Fault),
    /// Signing out failed; the agent is still signed in.
    NotSignedOut,
    /// The sign-ins could not be listed.
    SignInsNotListed(Fault),
    /// A sign-in could not be ended.
    SignInNotEnded(Fault),
    /// A reply is longer than one message may be.
    TooLong,
    /// More files were chosen than may wait in one chat.
    TooManyFiles,
    /// The request for a file could not be made or withdrawn.
    NotAskedForFile(Fault),
    /// It could not be stored what became of a message or a callback.
    MessageNotUpdated(Fault),
    /// The tags could not be changed.
    TagsNotChanged(Fault),
    /// A tag is longer than allowed.
    TagTooLong,
}

/// Why the agent is not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    /// The e-mail address or the password is wrong.
    WrongPassword,
    /// The sign-in link was used before, or has expired.
    LinkInvalid,
    /// The server does not accept the new password.
    PasswordWeak,
    /// Too many attempts.
    TooMany,
    /// The server cannot be reached.
    Unreachable,
    /// The server failed.
    ServerError,
    /// The session has ended.
    SessionEnded,
}
