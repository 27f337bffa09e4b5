//! Everything that leaves the desk: what is to be done, and what is to be shown anew.

use parlor_wire::ChatId;
use parlor_wire::agent::{
    AddUserToChat, DeactivateChat, GetChat, ListAgentsForTransfer, ListTemplates, ListThreads,
    MarkEventsAsSeen, Request, RequestFile, SendEvent, SendTypingIndicator, SetRoutingStatus,
    TagThread, TransferChat, UntagThread,
};

use super::{Fault, FileId, Millis, Secret};

/// The desk wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Ask the endpoint, and answer under this number.
    Call(CallId, Call),
    /// Send that file up, and tell how it goes on.
    Upload(FileId),
    /// Stop sending it; nothing of it is heard any more.
    AbortUpload(FileId),
    /// It is not needed any more.
    ForgetFile(FileId),
    /// Open the socket of that number.
    OpenSocket(u32),
    /// Say this on the open socket.
    Transmit(Request),
    /// Close the socket; nothing of it is heard any more.
    CloseSocket,
    /// Wake the desk then, and not at the time that was asked for before.
    WakeAt(Option<Millis>),
    /// Show this part of the picture anew.
    ViewChanged(ViewPart),
    /// Make a short sound.
    Chime(Chime),
    /// Say it to who does not see it.
    Announce(Announcement),
    /// The person will write next.
    FocusReply,
    /// What the person had in hand is gone: the conversation is what is left.
    FocusConversation,
    /// The person is going through the lists.
    FocusRow(ChatId),
}

/// Numbers a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// What is asked of the endpoint.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// Who is signed in here?
    WhoAmI,
    /// Let this person in.
    SignIn {
        /// As it was typed.
        email: String,
        /// As it was typed.
        password: Secret,
    },
    /// Let in who holds this link.
    SignInByLink(Secret),
    /// Forget who is signed in here.
    SignOut,
    /// One chat, whole.
    GetChat(GetChat),
    /// Take a chat.
    AddUserToChat(AddUserToChat),
    /// Say something.
    SendEvent(Box<SendEvent>),
    /// Be seen typing, or no longer.
    SendTypingIndicator(SendTypingIndicator),
    /// Have seen.
    MarkEventsAsSeen(MarkEventsAsSeen),
    /// Who could take it over?
    ListAgentsForTransfer(ListAgentsForTransfer),
    /// Hand it on.
    TransferChat(TransferChat),
    /// Close it.
    DeactivateChat(DeactivateChat),
    /// Take new chats, or not.
    SetRoutingStatus(SetRoutingStatus),
    /// What is ready to be sent?
    ListTemplates(ListTemplates),
    /// Earlier conversations.
    ListThreads(ListThreads),
    /// Give a conversation a tag.
    TagThread(TagThread),
    /// Take one away.
    UntagThread(UntagThread),
    /// Ask the visitor for a file, or no longer.
    RequestFile(RequestFile),
}

/// A part of the picture that is shown anew as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViewPart {
    /// Whether somebody is signed in.
    SignInStage,
    /// Who, and whether they take chats.
    Me,
    /// Whether the endpoint is heard.
    Connection,
    /// The three lists.
    Lists,
    /// Which chat is open, and what can be done with it.
    OpenChat,
    /// What was said in it.
    Entries,
    /// What is being typed in it.
    TypingPreview,
    /// The reply in the making, when it is another one than was typed.
    Draft,
    /// Canned replies that fit what is being typed.
    Picker,
    /// What is ready to be sent.
    TemplateMenu,
    /// Files on their way.
    Uploads,
    /// Who the visitor is.
    Person,
    /// Earlier conversations.
    History,
    /// Whom it could go to.
    Transfer,
    /// What went wrong.
    Notice,
}

/// For whom a sound is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chime {
    /// Somebody new waits.
    Waiting,
    /// Somebody wrote in a chat that nobody looks at.
    Message,
}

/// What is said aloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announcement {
    /// Somebody new waits, by name.
    Waiting(Option<String>),
    /// A reply is held, because somebody wrote meanwhile: who, by name.
    ReplyHeld(Option<String>),
    /// In the open chat somebody said something.
    Message {
        /// Who, by name.
        name: Option<String>,
        /// What.
        text: String,
    },
}

/// What did not go as it was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A colleague was faster, or the visitor left.
    NotAccepted(Fault),
    /// The chat stays where it is.
    NotTransferred(Fault),
    /// The chat is still open.
    NotEnded(Fault),
    /// The status stays what it was.
    StatusNotSet(Fault),
    /// Still signed in.
    NotSignedOut,
    /// A reply is longer than what one message may hold.
    TooLong,
    /// More files than may wait in one chat.
    TooManyFiles,
    /// The visitor was not asked for a file, or still is.
    NotAskedForFile(Fault),
    /// The tags stay what they were.
    TagsNotChanged(Fault),
    /// A tag is longer than what one may be.
    TagTooLong,
}

/// Why nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    /// E-mail or password is wrong.
    WrongPassword,
    /// The link was used before, or is too old.
    LinkInvalid,
    /// Tried too often.
    TooMany,
    /// The endpoint does not answer.
    Unreachable,
    /// The endpoint answers, and cannot.
    ServerError,
    /// Signed in no longer.
    SessionEnded,
}
