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
    custom_event: "This site noted something here.",
    show_earlier: "Show earlier messages",
    earlier: "Earlier conversations",
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
    cancel: "Cancel",
    delete: "Delete",

    cards: |count| match count {
        1 => "1 card".into(),
        n => format!("{n} cards"),
    },
    previous: "Previous",
    next: "Next",
    form: "A few questions",
    send_answers: "Send answers",
    answered: "Answered",
    picture: "Picture",
    file: "File",
    size: |bytes| match bytes {
        0..1_000 => format!("{bytes} bytes"),
        // Rounded up: what is there is never said to be nothing.
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => {
            let tenths = bytes.div_ceil(100_000);
            format!("{}.{} MB", tenths / 10, tenths % 10)
        }
    },
    show_picture: |name| format!("Show picture: {name}"),
    download: "Download",
    zoom_in: "Zoom in",
    zoom_out: "Zoom out",
    close: "Close",

    message: "Message",
    placeholder: "Write a message…",
    send: "Send",
    attach: "Attach files",
    drop_here: "Drop files here to send them",
    not_kept: "Nothing is stored on this device: a reload ends this chat.",
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
    how_was_it: "How was this conversation?",
    good: "Good",
    bad: "Bad",
    comment: "Would you like to add something?",
    thanks: "Thank you for telling us.",
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
    fn sizes_of_files() {
        assert_eq!((EN.size)(0), "0 bytes");
        assert_eq!((EN.size)(1_001), "2 kB");
        assert_eq!((EN.size)(999_999), "1000 kB");
        assert_eq!((EN.size)(1_540_000), "1.6 MB");
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
