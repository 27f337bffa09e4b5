//! What a person wants.

use serde::{Deserialize, Serialize};

use crate::{
    line::{Attachment, LineId},
    prechat::Answer,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Intent {
    /// "Start a conversation" was pressed on the hello stage.
    StartConversation,
    /// The pre-chat form was submitted, with what stands in each field.
    SubmitPrechat(Vec<Answer>),
    /// Back to hello: from the pre-chat form, or from what was read of earlier
    /// conversations.
    BackToHello,
    /// The text in the composer is now this.
    Draft(String),
    /// "Send" was pressed: the draft goes.
    Send(String),
    /// A button of a rich message was pressed.
    Press {
        line: LineId,
        element: usize,
        button: usize,
    },
    /// The form of this line was submitted; `None` is the one after the
    /// conversation.
    SubmitForm {
        line: Option<LineId>,
        answers: Vec<Answer>,
    },
    /// A file was chosen, dropped or pasted.
    Attach(Attachment),
    /// The conversation was rated; the newest rating counts.
    Rate { good: bool, comment: Option<String> },
    /// Somebody reads at the very top: the conversation before is wanted. Or
    /// all of them are, up to the one that is named.
    LoadEarlier(Option<String>),
    /// The page sends an event of its own, as JSON.
    SendCustom(String),
    /// The page says something of the visitor: keys, and values as JSON.
    SetAttributes(Vec<(String, String)>),
    /// The page vouches for the visitor, by a signed token.
    Identify(String),
    /// "Try again" on a failed line.
    Retry(LineId),
    /// "Delete" on a failed line, or "Cancel" on a file that is on its way.
    Delete(LineId),
    /// "End chat" was pressed.
    EndChat,
    /// "Start again" on the ended stage.
    StartAgain,
    /// The window is shown, or no longer: decides what counts as unread.
    WindowShown(bool),
}
