//! What the visitor wants, and what the page around the window wants on their behalf.

use serde::{Deserialize, Serialize};

use crate::{
    line::{Attachment, LineId},
    prechat::Answer,
    visit::Page,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Intent {
    /// "Start a conversation" was pressed on the hello stage.
    StartConversation,
    /// The pre-chat form was submitted, with what stands in each field.
    SubmitPrechat(Vec<Answer>),
    /// "Send message" was pressed on the form of a message that is left, or the button below
    /// the form of a callback.
    LeaveMessage(LeftMessage),
    /// "Back" was pressed: on a form, below a message that was left, or above earlier
    /// conversations.
    BackToHello,
    /// The text in the composer changed to this.
    Draft(String),
    /// "Send" was pressed with this text.
    Send(String),
    /// A button of a rich message was pressed.
    Press {
        line: LineId,
        element: usize,
        button: usize,
    },
    /// The form of this line was submitted; without a line, the one after the
    /// conversation.
    SubmitForm {
        line: Option<LineId>,
        answers: Vec<Answer>,
    },
    /// A file was chosen, dropped or pasted.
    Attach(Attachment),
    /// The conversation was rated; the newest rating counts.
    Rate { good: bool, comment: Option<String> },
    /// The visitor wants the conversation by e-mail, at this address, when it ends; the
    /// newest address counts.
    RequestTranscript(String),
    /// The visitor scrolled to the top and wants what comes before; or everything up to
    /// this earlier conversation.
    LoadEarlier(Option<String>),
    /// The page sends an event of its own, as JSON.
    SendCustom(String),
    /// The page sets attributes of the visitor: keys, and values as JSON.
    SetAttributes(Vec<(String, String)>),
    /// The page vouches with a signed token for the visitor whose conversations are displayed.
    Identify(String),
    /// The same for a visitor whose conversation began without a token.
    Claim(String),
    /// The page says that the visitor has reached this goal of the site.
    Track(String),
    /// The page around the window has another address now. Tabs tell each other by a message of
    /// its own.
    #[serde(skip)]
    Page(Page),
    /// "Try again" was pressed on a failed line.
    Retry(LineId),
    /// "Delete" was pressed on a failed line, or "Cancel" on a file that is being sent.
    Delete(LineId),
    /// "I am still here" was pressed.
    Stay,
    /// "End chat" was pressed.
    EndChat,
    /// "Start again" was pressed on the ended stage.
    StartAgain,
    /// The window was opened or closed. Lines that come while it is closed count as
    /// unread.
    WindowShown(bool),
}

/// A message that is left to be answered later, as it stands in its form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftMessage {
    pub answers: Vec<Answer>,
    pub text: String,
    /// Names the message for ever. Empty in the form: the tab gives it.
    pub custom_id: String,
    /// The answers are to the form of a callback, and the text is the note.
    pub callback: bool,
}
