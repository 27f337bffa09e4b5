//! What a person wants.

use serde::{Deserialize, Serialize};

use crate::{LineId, prechat::Answer};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Intent {
    /// "Start a conversation" was pressed on the hello stage.
    StartConversation,
    /// The pre-chat form was submitted, with what stands in each field.
    SubmitPrechat(Vec<Answer>),
    /// Back from the pre-chat form to hello.
    LeavePrechat,
    /// The text in the composer is now this.
    Draft(String),
    /// "Send" was pressed: the draft goes.
    Send(String),
    /// "Try again" on a failed line.
    Retry(LineId),
    /// "Delete" on a failed line.
    Delete(LineId),
    /// "End chat" was pressed.
    EndChat,
    /// "Start again" on the ended stage.
    StartAgain,
    /// The window is shown, or no longer: decides what counts as unread.
    WindowShown(bool),
}
