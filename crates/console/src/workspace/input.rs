//! Everything that reaches the desk: what the world says, and what the person wants.

use std::fmt;

use parlor_wire::agent::{AgentForTransfer, EventSent, Frame, Templates, ThreadList};
use parlor_wire::event::File;
use parlor_wire::{AgentId, Chat, ChatId, CustomId, MyProfile, RoutingStatus};

use super::{CallId, ChosenFile, FileId, Millis, TemplateId};

/// The world says.
#[derive(Debug)]
pub enum Input {
    /// The page was opened; `link` is the token of a sign-in link, if it was opened by one.
    Start {
        /// The one-time token.
        link: Option<Secret>,
    },
    /// The person wants something.
    Intent(Intent),
    /// A call was answered, or failed.
    CallReply(CallId, Result<Reply, Fault>),
    /// So many bytes of a file are there.
    UploadProgress(FileId, u64),
    /// A file is there, and this is what the endpoint found in it; or it is not.
    UploadDone(FileId, Result<Box<File>, Fault>),
    /// The socket of that number is open.
    SocketOpened(u32),
    /// The socket of that number is closed, or never opened.
    SocketClosed(u32),
    /// The socket of that number brought a frame.
    FrameReceived(u32, Box<Frame>),
    /// The socket of that number brought something that cannot be read.
    UnreadableFrame(u32),
    /// The page is in front, and somebody may be looking; or no longer.
    FocusChanged(bool),
    /// The browser says that there is a network again.
    Online,
    /// The time that was asked for has come.
    Wake,
}

/// A person wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// To be let in.
    SignIn {
        /// As it was typed.
        email: String,
        /// As it was typed.
        password: Secret,
    },
    /// To leave.
    SignOut,
    /// To take new chats, or not.
    SetStatus(RoutingStatus),
    /// To see this chat.
    Select(ChatId),
    /// To see the lists only.
    Deselect,
    /// To see the next chat in the lists.
    SelectNext,
    /// To see the one before.
    SelectPrevious,
    /// To get on with the selected chat: take it when it waits, else write.
    Enter,
    /// To take the selected chat.
    Accept,
    /// The reply in the making is this now.
    Write(String),
    /// To write for agents only, or for everybody.
    NoteMode(bool),
    /// To send what is written, or what is held when nothing is.
    Send,
    /// To write the canned reply that is marked, or else to send what is written.
    PressEnter,
    /// To mark the next canned reply.
    PickNext,
    /// To mark the one before.
    PickPrevious,
    /// To write the canned reply at that place.
    Pick(usize),
    /// To see no canned replies for what is being typed.
    DismissPicker,
    /// To send the reply that is held.
    SendAnyway,
    /// To write on at the reply that is held.
    EditHeld,
    /// To see what is ready to be sent.
    LoadTemplates,
    /// To send something ready as it is.
    SendTemplate(TemplateId),
    /// To send files.
    Attach(Vec<ChosenFile>),
    /// Not to send this file after all.
    CancelUpload(FileId),
    /// To try this file again.
    RetryUpload(FileId),
    /// To ask the visitor for a file, or to take that back.
    AskForFile(bool),
    /// To give the conversation a tag.
    AddTag(String),
    /// To take one away.
    RemoveTag(String),
    /// To see earlier conversations, or more of them.
    LoadHistory,
    /// To try a refused reply again.
    Resend(CustomId),
    /// To forget a refused or held reply.
    Discard(CustomId),
    /// To see whom the selected chat can go to.
    OpenTransfer,
    /// To keep it after all.
    CloseTransfer,
    /// To hand the selected chat on.
    TransferTo(AgentId),
    /// To close the selected chat.
    End,
    /// The notice was read.
    DismissNotice,
}

/// What was replied to a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It was done, and there is nothing to tell.
    Done,
    /// Who is signed in.
    Profile(Box<MyProfile>),
    /// A chat with its newest thread.
    Chat(Box<Chat>),
    /// The event is kept.
    Sent(EventSent),
    /// To whom a chat can go.
    Agents(Vec<AgentForTransfer>),
    /// What is ready to be sent.
    Templates(Box<Templates>),
    /// Threads of a chat.
    Threads(ThreadList),
}

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No answer: it may be done, or not.
    Offline,
    /// The endpoint does not know who asks.
    SignedOut,
    /// The endpoint is there, and cannot at the moment: it may be done, or not.
    ServerError,
    /// Too often in a short time.
    TooMany,
    /// The chat is closed, or gone, or somebody else's.
    Gone,
    /// Somebody else wrote what the agent had not seen.
    NewerEvents,
    /// It has more bytes than the endpoint takes.
    TooLarge,
    /// It is of a kind that the endpoint does not take.
    WrongKind,
    /// The endpoint will not do it, now or later.
    Refused,
}

impl Fault {
    /// Whether the same call may succeed later.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Offline | Self::ServerError | Self::TooMany)
    }
}

/// A password or a token: shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The pause before try number `attempt` (from 1): doubled each time, and a little different from
/// page to page, so that not everybody comes back in the same moment.
pub(super) fn pause(first: Millis, ceiling: Millis, attempt: u32, seed: u64) -> Millis {
    let doubled = first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    let mixed = seed
        .wrapping_add(u64::from(attempt))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        >> 48;
    let pause = doubled.min(ceiling);
    pause - pause / 4 * (mixed % 100) / 100
}
