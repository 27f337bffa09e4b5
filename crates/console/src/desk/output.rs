//! Everything that leaves the desk: what is to be done, and what is to be shown anew.

use parlor_wire::ChatId;
use parlor_wire::agent::{
    AddUserToChat, DeactivateChat, GetChat, ListAgentsForTransfer, MarkEventsAsSeen, Request,
    SendEvent, SendTypingIndicator, SetRoutingStatus, TransferChat,
};

use super::{Fault, Millis, Secret};

/// The desk wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Ask the endpoint, and answer under this number.
    Call(CallId, Call),
    /// Open the socket of that number.
    OpenSocket(u32),
    /// Say this on the open socket.
    Transmit(Request),
    /// Close the socket; nothing of it is heard any more.
    CloseSocket,
    /// Wake the desk then, and not at the time that was asked for before.
    WakeAt(Option<Millis>),
    /// Show this part of the picture anew.
    Moved(Part),
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
}

/// A part of the picture that is shown anew as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Whether somebody is signed in.
    Stage,
    /// Who, and whether they take chats.
    Me,
    /// Whether the endpoint is heard.
    Connection,
    /// The three lists.
    Lists,
    /// Which chat is open, and what can be done with it.
    Open,
    /// What was said in it.
    Entries,
    /// What is being typed in it.
    Live,
    /// The reply in the making, when it is another one than was typed.
    Draft,
    /// Who the visitor is.
    Person,
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
    /// In the open chat somebody said something.
    Said {
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
}

/// Why nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// E-mail or password is wrong.
    WrongPassword,
    /// The link was used before, or is too old.
    LinkSpent,
    /// Tried too often.
    TooMany,
    /// The endpoint does not answer.
    Unreachable,
    /// The endpoint answers, and cannot.
    Unwell,
    /// Signed in no longer.
    SessionOver,
}
