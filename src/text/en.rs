//! English.

use parlor_session::{EndedBy, FailReason, FailedBecause, FieldError, Notice};

use super::Text;

/// English, which is also what other languages fall back to.
pub(crate) const EN: Text = Text {
    language: "en",

    back: "Back",
    menu: "Menu",
    end_chat: "End chat",
    minimise: "Minimise chat",
    loading: "Loading…",

    hello_fallback: "Hi there! How can we help?",
    start_conversation: "Start a conversation",
    online: |names| match names {
        [] => String::new(),
        [one] => format!("{one} is here"),
        [one, other] => format!("{one} and {other} are here"),
        [one, other, ..] => format!("{one}, {other} and others are here"),
    },
    nobody_online: "Nobody is at the desk just now. You can ask all the same: we answer as soon as one of us is back.",
    we_reply_here: "Ask us anything. The answer comes right here.",

    prechat_title: "Before we start",
    prechat_lead: "A few words, so that the right person can help you.",
    required_marks: "Fields with * are needed.",
    choose: "Choose…",
    start_chat: "Start chat",
    field_error: |error| match error {
        FieldError::Required => "Please fill this in.".into(),
        FieldError::NotAnEmail => {
            "This does not look like an email address, as name@example.com.".into()
        }
        FieldError::TooLong { max_bytes } => {
            format!("This is too long: {max_bytes} letters at most.")
        }
    },

    starting: "Connecting you…",
    resuming: "Fetching your conversation…",
    in_line: |position| match position {
        Some(1) => "You are next".into(),
        Some(n) => format!("You are number {n} in line"),
        None => "Somebody will be with you soon".into(),
    },
    about_minutes: |minutes| match minutes {
        0 | 1 => "About a minute to go".into(),
        n => format!("About {n} minutes to go"),
    },
    any_moment: "Any moment now",
    write_meanwhile: "You can already write: we see it as soon as we join.",

    conversation: "Conversation",
    you: "You",
    today: "Today",
    yesterday: "Yesterday",
    notice: |notice| match notice {
        Notice::AgentJoined { name } => format!("{} joined", somebody(name)),
        Notice::AgentLeft { name } => {
            let name = somebody(name.as_deref().unwrap_or_default());
            format!("{name} has left. Somebody else will be with you soon.")
        }
        Notice::Transferred { name } => format!("{} has taken over", somebody(name)),
        Notice::Idle => "Are you still there?".into(),
        Notice::Archived { name } => match name {
            Some(name) => format!("{name} closed the conversation"),
            None => "The conversation was closed".into(),
        },
        Notice::Rated { good: true } => "You found this conversation helpful".into(),
        Notice::Rated { good: false } => "You did not find this conversation helpful".into(),
        Notice::FileWanted => "We would like a file from you: please add it below.".into(),
        Notice::Restricted { reason } => reason.clone(),
        Notice::Said { text } => text.clone(),
    },
    unknown_event: "Something came that this window cannot show.",
    is_typing: |name| format!("{} is typing", somebody(name.unwrap_or_default())),
    new_messages: |count| match count {
        1 => "1 new message".into(),
        n => format!("{n} new messages"),
    },
    said: |name, text| format!("{name}: {text}"),

    sending: "Sending…",
    sent: "Sent",
    seen: "Seen",
    failed: |because| match because {
        FailedBecause::TooLong => "Not sent: this message is too long.",
        FailedBecause::TooLarge => "Not sent: this file is too large.",
        FailedBecause::TypeNotAllowed => "Not sent: files of this type cannot be sent here.",
        FailedBecause::UploadFailed => "Not sent: the file did not get through.",
        FailedBecause::Refused => "Not sent.",
        FailedBecause::Ended => "Not sent: the chat was over.",
        FailedBecause::OutboxFull => "Not sent: too many messages are waiting.",
        FailedBecause::Lost => "Not sent: the conversation was lost.",
        FailedBecause::TooOld => "Not sent: it waited for more than a day.",
    },
    try_again: "Try again",
    delete: "Delete",

    message: "Message",
    placeholder: "Write a message…",
    send: "Send",
    sneak_peek: "We see what you write as you type.",
    bytes_left: |left| format!("{left} letters left"),
    bytes_over: |over| format!("Too long by {over} letters. Please send it in parts."),

    reconnecting: "Reconnecting… What you write is kept.",

    ended: |by, agent| match by {
        EndedBy::Visitor => "You ended the chat".into(),
        EndedBy::Agent => format!("{} ended the chat", agent.unwrap_or("We")),
        EndedBy::VisitorTimeout => "The chat ended because you were away for a while".into(),
        EndedBy::AgentTimeout => "The chat ended because we lost touch with our side".into(),
        EndedBy::Lost => "The connection to this chat was lost".into(),
        EndedBy::Unknown => "The chat has ended".into(),
    },
    ended_at: |time| format!("at {time}"),
    start_again: "Start again",
    request_failed: |reason| match reason {
        FailReason::Unavailable => (
            "Nobody is free right now",
            "Please try again in a little while.",
        ),
        FailReason::Refused => (
            "We could not start the chat",
            "Please try again. If it stays like this, contact us another way.",
        ),
        FailReason::Internal => (
            "Something went wrong on our side",
            "Please try again in a moment.",
        ),
    },
};

fn somebody(name: &str) -> &str {
    if name.is_empty() { "Somebody" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_line_and_the_time_to_go() {
        assert_eq!((EN.in_line)(Some(1)), "You are next");
        assert_eq!((EN.in_line)(Some(3)), "You are number 3 in line");
        assert_eq!((EN.about_minutes)(0), "About a minute to go");
        assert_eq!((EN.about_minutes)(4), "About 4 minutes to go");
    }

    #[test]
    fn who_is_online() {
        let names = |n: usize| -> Vec<String> {
            ["Ada", "Bo", "Cy"][..n]
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        assert_eq!((EN.online)(&names(1)), "Ada is here");
        assert_eq!((EN.online)(&names(2)), "Ada and Bo are here");
        assert_eq!((EN.online)(&names(3)), "Ada, Bo and others are here");
    }
}
