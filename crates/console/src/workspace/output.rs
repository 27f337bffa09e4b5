//! Everything that leaves the workspace: what the driver has to do, and which parts of the view
//! have changed.

use parlor_wire::agent::{
    AddUserToChat, DeactivateChat, DeclineChat, GetArchiveReport, GetChat, ListAgentsForTransfer,
    ListChats, ListGroups, ListOfflineMessages, ListTemplates, ListThreads, MarkEventsAsSeen,
    Request, RequestFile, ResumeChat, SearchArchive, SendEvent, SendTypingIndicator,
    SetRoutingStatus, TagThread, TransferChat, UntagThread, UpdateArchivedThread,
    UpdateOfflineMessage,
};
use parlor_wire::{ChatId, ThreadId};

use super::{Fault, FileId, Millis, Saved, Secret};

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
    /// Store this for the next time that the page is opened, in place of what was stored before.
    Save(Box<Saved>),
    /// Remove what is stored.
    ForgetSaved,
    /// Tell the other tabs of this browser that the agent has signed out.
    TellSignedOut,
    /// Play a short sound.
    Chime(Chime),
    /// Show this desktop notification, if the agent wants them and the browser allows them, in place
    /// of the one before about the same chat. When it is clicked, send `Intent::OpenNotified`.
    Notify(Notification),
    /// Close the notification about this chat, if it is still shown.
    CloseNotification(ChatId),
    /// Announce it to screen readers.
    Announce(Announcement),
    /// Move the focus to the reply field.
    FocusReply,
    /// Move the focus to the conversation, because the focused element is gone.
    FocusConversation,
    /// Move the focus to the row of this chat.
    FocusRow(ChatId),
    /// Move the focus to the search box of the archive.
    FocusSearch,
    /// Move the focus to the result for this conversation.
    FocusResult(ThreadId),
    /// Scroll to the first result: there are others.
    ScrollResults,
    /// Let the browser save this as a file.
    Download {
        /// The name of the file.
        name: String,
        /// Its media type.
        kind: &'static str,
        /// What is in it.
        content: String,
    },
    /// Print the conversation that is open in the archive.
    Print,
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
    /// Begin a new thread in a chat that has ended.
    ResumeChat(Box<ResumeChat>),
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
    /// Search the archive.
    SearchArchive(SearchArchive),
    /// Mark a conversation of the archive as read or unread.
    UpdateArchivedThread(UpdateArchivedThread),
    /// Sum up conversations.
    GetArchiveReport(Box<GetArchiveReport>),
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
    /// `Workspace::section`.
    Section,
    /// `Workspace::archive_query`.
    ArchiveQuery,
    /// `Workspace::archive_results`.
    ArchiveResults,
    /// `Workspace::archived_chat`.
    ArchivedChat,
    /// `Workspace::report`.
    Report,
}

/// Which sound is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chime {
    /// A visitor waits for an agent.
    Waiting,
    /// A visitor wrote in a chat that the agent is not looking at.
    Message,
}

/// A desktop notification. Nothing in it was written by a visitor, but for the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// What has happened.
    pub kind: NotificationKind,
    /// The chat that a click opens.
    pub chat: ChatId,
    /// Its thread, if it is known.
    pub thread: Option<ThreadId>,
    /// The visitor's name, if they gave one. An e-mail address is not shown instead of it.
    pub name: Option<String>,
    /// The name of the team, where there are several.
    pub team: Option<String>,
}

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationKind {
    /// A visitor waits for an agent.
    Waiting,
    /// So many visitors wait: the list was loaded again.
    SeveralWaiting(usize),
    /// A waiting visitor is offered to this agent.
    Offered,
    /// A new chat was given to this agent.
    Assigned,
    /// A colleague's chat was transferred to this agent.
    Transferred,
    /// A visitor wrote in a chat of this agent's.
    Message,
    /// A callback is due.
    CallbackDue,
    /// So many callbacks are due.
    SeveralCallbacksDue(usize),
}

/// What is announced to screen readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announcement {
    /// A visitor waits; their name, if known.
    Waiting(Option<String>),
    /// A waiting visitor is offered to this agent; their name, if known.
    Offered(Option<String>),
    /// The chat of this visitor was opened because it needs an answer; their name, if known.
    Opened(Option<String>),
    /// A reply is held because somebody wrote meanwhile; their name, if known.
    ReplyHeld(Option<String>),
    /// A visitor left a message; their name, if known.
    MessageLeft(Option<String>),
    /// A visitor, by name, wants to be called back.
    CallbackWanted(Option<String>),
    /// The callback of a visitor, by name, is due.
    CallbackDue(Option<String>),
    /// So many callbacks are due.
    CallbacksDue(usize),
    /// Another sign-in of the agent has ended.
    SignInEnded,
    /// A conversation of the archive is marked as read.
    MarkedRead,
    /// A conversation of the archive is marked as unread.
    MarkedUnread,
    /// A message arrived in the open chat.
    Message {
        /// The author's name, if known.
        name: Option<String>,
        /// The text.
        text: String,
    },
}

/// An action that failed, or had nothing to do.
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
    /// The chat could not be opened again.
    NotReopened(Fault),
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
    /// A conversation could not be marked as read or unread.
    NotMarked(Fault),
    /// A tag is longer than allowed.
    TagTooLong,
    /// No chat needs an answer.
    NobodyWaits,
    /// Desktop notifications could not be turned on.
    NoNotifications(NotificationRefusal),
}

/// Why the browser shows no notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationRefusal {
    /// They are blocked for this page.
    Blocked,
    /// The browser's question was not answered.
    Unanswered,
    /// The browser has none, or not for this page.
    Unsupported,
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
