//! Everything that reaches the workspace: what happens outside, and what the agent does.

use std::fmt;

use parlor_wire::agent::{
    AgentForTransfer, ArchiveReport, ChatList, EventSent, FoundArchive, Frame, Group,
    OfflineMessages, Templates, ThreadList,
};
use parlor_wire::event::File;
use parlor_wire::{AgentId, Chat, ChatId, CustomId, MyProfile, RoutingStatus, ThreadId};

use super::{
    ArchiveIntent, CallId, ChosenFile, Day, FileId, Millis, Notification, NotificationRefusal,
    ReportIntent, Saved, Section, SignIn, TemplateId,
};

/// What happened outside of the workspace.
#[derive(Debug)]
pub enum Input {
    /// The page was opened.
    Start {
        /// The link by which it was opened, if it was one of these.
        link: Option<Link>,
        /// What was stored by `Output::Save` before.
        saved: Option<Box<Saved>>,
    },
    /// The agent did something on the page.
    Intent(Intent),
    /// The server answered a call, or the call failed.
    CallReply(CallId, Result<Reply, Fault>),
    /// This many bytes of a file have been uploaded so far.
    UploadProgress(FileId, u64),
    /// The upload of a file succeeded, with the server's description of the file; or it failed.
    UploadDone(FileId, Result<Box<File>, Fault>),
    /// The socket of that number was opened.
    SocketOpened(u32),
    /// The socket of that number was closed, or could not be opened.
    SocketClosed(u32),
    /// The socket of that number received a frame.
    FrameReceived(u32, Box<Frame>),
    /// The socket of that number received something that is not a valid frame.
    UnreadableFrame(u32),
    /// The page gained (true) or lost (false) visibility and focus.
    FocusChanged(bool),
    /// The server's clock is ahead of the browser's by so many milliseconds.
    ClockMeasured(i64),
    /// The agent wanted desktop notifications, and the browser shows none.
    NotificationsRefused(NotificationRefusal),
    /// The agent has signed out in another tab of this browser.
    SignedOutElsewhere,
    /// The browser reports that the network is available again.
    Online,
    /// The time requested by `Output::WakeAt` has come.
    Wake,
}

/// A link that the server printed, with its one-time token.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// Signs in.
    SignIn(Secret),
    /// Signs in once a new password was chosen.
    NewPassword(Secret),
}

/// What became of a message or a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageChange {
    /// It is answered.
    Done,
    /// The visitor was called, and not reached.
    Missed,
    /// It is to be made again.
    Again,
}

/// What the agent does.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Sign in with a password.
    SignIn {
        /// As it was typed.
        email: String,
        /// As it was typed.
        password: Secret,
    },
    /// Choose this new password; the page was opened by a link for it.
    ChoosePassword(Secret),
    /// Sign out.
    SignOut,
    /// Sign out here and on all other devices.
    SignOutEverywhere,
    /// Open the list of the agent's sign-ins.
    OpenSignIns,
    /// Close that list.
    CloseSignIns,
    /// End this sign-in.
    EndSignIn(String),
    /// Change the agent's routing status: whether they are given new chats.
    SetStatus(RoutingStatus),
    /// Open this chat.
    Select(ChatId),
    /// Open the chat of this notification, which was clicked.
    OpenNotified(Notification),
    /// Close the open chat and show the lists only.
    Deselect,
    /// Open the next chat of the lists.
    SelectNext,
    /// Open the previous chat of the lists.
    SelectPrevious,
    /// Open the next chat that needs an answer.
    SelectNextUnanswered,
    /// Enter, outside of a field: accept the open chat if it waits, otherwise focus the reply
    /// field.
    Enter,
    /// Accept the open chat.
    Accept,
    /// Answer the open chat in place of the colleague who answers it.
    TakeOver,
    /// Take part in the open chat without answering the visitor in place of somebody.
    Join,
    /// Decline the open chat, which is offered to this agent: somebody else is asked then.
    Decline,
    /// The text of the reply field changed to this.
    Write(String),
    /// Switch the reply field between a private note (true) and a reply to the visitor.
    NoteMode(bool),
    /// Send the text of the reply field; if it is empty, send the held reply.
    Send,
    /// Enter in the reply field: insert the highlighted canned reply if the list is open, otherwise
    /// send.
    PressEnter,
    /// Highlight the next canned reply.
    PickNext,
    /// Highlight the previous canned reply.
    PickPrevious,
    /// Insert the canned reply at this index of the list.
    Pick(usize),
    /// Hide the list of canned replies until the next shortcut.
    DismissPicker,
    /// Send the held reply although somebody wrote meanwhile.
    SendAnyway,
    /// Put the held reply back into the reply field.
    EditHeld,
    /// Load the templates: canned replies, rich messages and forms.
    LoadTemplates,
    /// Send this template unchanged.
    SendTemplate(TemplateId),
    /// Upload and send these files.
    Attach(Vec<ChosenFile>),
    /// Cancel the upload of this file.
    CancelUpload(FileId),
    /// Upload this file again after a failure.
    RetryUpload(FileId),
    /// Ask the visitor for a file (true), or withdraw the request (false).
    AskForFile(bool),
    /// Add a tag to the conversation.
    AddTag(String),
    /// Remove a tag from the conversation.
    RemoveTag(String),
    /// Load the earlier conversations of the visitor, or the next page of them.
    LoadHistory,
    /// Open this message that was left: its chat and its thread.
    OpenMessage(ChatId, ThreadId),
    /// Open this chat that has ended, and its thread.
    OpenEnded(ChatId, ThreadId),
    /// Say what became of the open message or callback.
    UpdateMessage(MessageChange),
    /// Write to the visitor of the open chat, which has ended.
    AnswerEnded,
    /// Open the open chat again, which has ended: a new conversation begins in it.
    Reopen,
    /// The open chat, which was this agent's and has ended, leaves the list.
    Dismiss,
    /// Send a refused reply again.
    Resend(CustomId),
    /// Delete a refused or held reply.
    Discard(CustomId),
    /// Open the list of agents to whom the open chat can be transferred.
    OpenTransfer,
    /// Close that list without a transfer.
    CloseTransfer,
    /// Transfer the open chat to this agent.
    TransferTo(AgentId),
    /// Transfer the open chat to the queue of this team.
    TransferToTeam(i64),
    /// The note for whoever gets the chat changed to this.
    WriteTransferNote(String),
    /// End the open chat.
    End,
    /// Show this part of the page. Which day it is, and the time zone's name, as the browser says it.
    ShowSection(Section, Day, Option<String>),
    /// Something in the archive.
    Archive(ArchiveIntent),
    /// Something in the reports.
    Report(ReportIntent),
    /// Close the notice.
    DismissNotice,
}

/// The successful reply to a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Done; the reply has no content.
    Done,
    /// Who is signed in.
    Profile(Box<MyProfile>),
    /// The agent's sign-ins.
    SignIns(Vec<SignIn>),
    /// A chat with its newest thread.
    Chat(Box<Chat>),
    /// The event was stored, under this id.
    Sent(EventSent),
    /// The agents to whom a chat can be transferred.
    Agents(Vec<AgentForTransfer>),
    /// The groups of agents.
    Groups(Vec<Group>),
    /// The templates of the site.
    Templates(Box<Templates>),
    /// One page of chats.
    Chats(Box<ChatList>),
    /// One page of the threads of a chat.
    Threads(ThreadList),
    /// The messages that were left.
    OfflineMessages(OfflineMessages),
    /// One page of the archive.
    FoundArchive(FoundArchive),
    /// The server cannot read the query, and says why: a success, because the message is needed.
    QueryRefused(String),
    /// Sums of conversations.
    Report(Box<ArchiveReport>),
}

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No response. The call may have been carried out or not.
    Offline,
    /// The agent is not signed in (401).
    SignedOut,
    /// The server failed (408, 5xx, or an unreadable response). The call may have been carried out
    /// or not.
    ServerError,
    /// Too many requests (429).
    TooMany,
    /// The chat has ended, does not exist, or is not accessible to this agent (404, 422).
    Gone,
    /// Somebody else wrote an event that the agent had not seen when sending (409).
    NewerEvents,
    /// The file is larger than the deployment allows (413).
    TooLarge,
    /// The deployment does not allow files of this type (415).
    WrongKind,
    /// Any other refusal (4xx). Trying again would not help.
    Refused,
}

impl Fault {
    /// Whether the same call may succeed later, without any change to it.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Offline | Self::ServerError | Self::TooMany)
    }
}

/// A password or a token. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The back-off pause before try number `attempt` (from 1): doubled each time up to `ceiling`, then
/// shortened by up to a quarter, differently from page to page, so that not all pages reconnect at
/// the same moment.
pub(super) fn pause(first: Millis, ceiling: Millis, attempt: u32, seed: u64) -> Millis {
    let doubled = first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    let mixed = seed
        .wrapping_add(u64::from(attempt))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        >> 48;
    let pause = doubled.min(ceiling);
    pause - pause / 4 * (mixed % 100) / 100
}
