//! How the picture moves.

use super::{Coded, Coder, coded};
use crate::{
    change::{AgentCard, Change, Connection, EndedBy, FailReason, History, PastThread, Stage},
    line::{Author, Body, FailedBecause, Line, Notice, Press, SendState},
    prechat::FieldError,
};

coded! {
    enum Change or Self::TranscriptCleared => {
        0 Stage(stage),
        1 Welcome(welcome),
        2 Available(available),
        3 PrechatErrors(errors),
        4 Line { index, line },
        5 LineState { id, state },
        6 Pressed { id, buttons },
        7 FormErrors { id, errors },
        8 FormDone(id),
        9 Progress { id, percent },
        10 History(history),
        11 Rated(rated),
        12 LineGone(id),
        13 TranscriptCleared,
        14 Agent(agent),
        15 AgentTyping(typing),
        16 SneakPeek(enabled),
        17 Connection(connection),
        18 Draft(text),
        19 Unread(count),
        20 Conversation(open),
        21 WindowShown(shown),
        22 StorageAvailable(available),
    }

    enum Stage or Self::Hello => {
        0 Hello,
        1 Prechat,
        2 Starting,
        3 Resuming,
        4 Waiting { position, served_at },
        5 Chatting,
        6 Ended(by),
        7 Failed(reason),
    }

    enum EndedBy or Self::Unknown => {
        0 Visitor,
        1 Agent,
        2 VisitorTimeout,
        3 AgentTimeout,
        4 Lost,
        5 Unknown,
    }

    enum FailReason or Self::Internal => {
        0 Unavailable,
        1 Refused,
        2 Internal,
    }

    enum Connection or Self::Connected => {
        0 Connected,
        1 Reconnecting,
    }

    struct AgentCard { id, name, avatar }
    struct History { threads, more, loading }
    struct PastThread { id, at, active, last }

    enum FieldError or Self::Required => {
        0 Required,
        1 NotAnEmail,
        2 TooLong { max_bytes },
    }

    struct Line { id, number, author, at, body, state }

    enum Author or Self::System => {
        0 Visitor,
        1 Agent(card),
        2 System,
    }

    enum Body or Self::Text(String::new()) => {
        0 Text(text),
        1 Formatted { text, nodes },
        2 Rich(message),
        3 Form(form),
        4 Filled(answers),
        5 File(file),
        6 Upload(attachment),
        7 Notice(notice),
        8 Custom(content),
        9 Other { kind },
    }

    enum Notice or Self::Idle => {
        0 AgentJoined { name },
        1 AgentLeft { name },
        2 Transferred { name },
        3 Idle,
        4 Archived { name },
        5 Rated { good },
        6 FileWanted,
        7 Restricted { reason },
        8 Text { text },
    }

    enum SendState or Self::Queued => {
        0 Queued,
        1 Sending,
        2 Sent,
        3 Seen,
        4 Failed(because),
    }

    enum FailedBecause or Self::Refused => {
        0 TooLong,
        1 Refused,
        2 Ended,
        3 OutboxFull,
        4 TooLarge,
        5 TypeNotAllowed,
        6 UploadFailed,
        7 Lost,
        8 TooOld,
    }

    enum Press or Self::Pending => {
        0 Pending,
        1 On,
    }
}
