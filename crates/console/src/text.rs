//! All texts that an agent reads.

pub(crate) mod archive;
pub(crate) mod report;

use parlor_wire::RecordOrigin;

use crate::workspace::{
    Announcement, Fault, Millis, Notice, Notification, NotificationKind, NotificationRefusal,
    Offered, SignInProblem,
};

/// Shown for a visitor without a name.
pub(crate) const SOMEBODY: &str = "Visitor";

/// Instead of the size of a file that the site keeps no longer.
pub(crate) const FILE_DELETED: &str = "No longer kept";

pub(crate) fn name(name: Option<String>) -> String {
    name.unwrap_or_else(|| SOMEBODY.to_owned())
}

/// How a record of the site came to the conversation.
pub(crate) fn record_origin(origin: &RecordOrigin) -> &'static str {
    match origin {
        RecordOrigin::Created => "Made from these answers",
        RecordOrigin::Found => "Found by these answers: anybody may have given them",
        RecordOrigin::FoundByPrefix => "Begins with these answers: it may be somebody else",
        RecordOrigin::Other(_) => "Attached to this conversation",
    }
}

pub(crate) fn sign_in_problem(problem: SignInProblem) -> &'static str {
    match problem {
        SignInProblem::WrongPassword => "This email and this password do not belong together.",
        SignInProblem::LinkInvalid => {
            "This sign-in link was used before or is too old. Sign in with your password."
        }
        SignInProblem::PasswordWeak => {
            "Choose another one: at least 10 characters, and none that many people use."
        }
        SignInProblem::TooMany => "Too many tries. Wait a minute, then try again.",
        SignInProblem::Unreachable => {
            "The server cannot be reached. Check your connection, then try again."
        }
        SignInProblem::ServerError => {
            "The server cannot sign you in at the moment. Try again soon."
        }
        SignInProblem::SessionEnded => {
            "You have been signed out. What you were writing is kept until you sign in again."
        }
    }
}

pub(crate) fn notice(notice: Notice) -> String {
    let (what, fault) = match notice {
        Notice::NotAccepted(Fault::Gone) | Notice::NotTakenOver(Fault::Gone) => {
            return "This visitor has left.".to_owned();
        }
        Notice::NotAccepted(Fault::Refused) => {
            return "A colleague was faster: this visitor is taken.".to_owned();
        }
        Notice::NotTransferred(Fault::Refused) => {
            return "The chat was not transferred: that colleague takes no chats now.".to_owned();
        }
        Notice::NotReopened(Fault::Refused) => {
            return "This visitor is in another conversation already.".to_owned();
        }
        Notice::TooLong => {
            return "This is too long for one message. Send it in several.".to_owned();
        }
        Notice::TooManyFiles => {
            return "These are too many files at once. Send the rest when these are there."
                .to_owned();
        }
        Notice::NoNotifications(NotificationRefusal::Blocked) => {
            return "Your browser blocks notifications of this page. Allow them in the browser's \
                    settings for this site, then try again."
                .to_owned();
        }
        Notice::NoNotifications(NotificationRefusal::Unanswered) => {
            return "Notifications stay off: the browser's question was not answered.".to_owned();
        }
        Notice::NoNotifications(NotificationRefusal::Unsupported) => {
            return "This browser cannot show notifications of this page.".to_owned();
        }
        Notice::NobodyWaits => return "Nobody waits for an answer.".to_owned(),
        Notice::TagTooLong => return "This tag is too long.".to_owned(),
        Notice::NotAskedForFile(Fault::Refused) => {
            return "This visitor cannot be asked for a file.".to_owned();
        }
        Notice::NotAskedForFile(fault) => ("The visitor was not asked", fault),
        Notice::MessageNotUpdated(fault) => ("That was not stored", fault),
        Notice::NotMarked(fault) => ("That was not stored", fault),
        Notice::TagsNotChanged(fault) => ("The tags were not changed", fault),
        Notice::SignInsNotListed(fault) => ("Your sign-ins were not listed", fault),
        Notice::SignInNotEnded(fault) => ("That sign-in was not ended", fault),
        Notice::NotSignedOut => ("You are still signed in", Fault::Offline),
        Notice::NotAccepted(fault) => ("The visitor was not accepted", fault),
        Notice::NotTakenOver(fault) => ("The chat was not taken over", fault),
        Notice::NotDeclined(fault) => ("The chat is still offered to you", fault),
        Notice::NotJoined(fault) => ("You have not joined the chat", fault),
        Notice::NotTransferred(fault) => ("The chat was not transferred", fault),
        Notice::NotEnded(fault) => ("The chat was not ended", fault),
        Notice::NotReopened(fault) => ("The chat was not opened again", fault),
        Notice::StatusNotSet(fault) => ("Your status was not changed", fault),
    };
    format!("{what}: {}.", fault_reason(fault))
}

pub(crate) fn fault_reason(fault: Fault) -> &'static str {
    match fault {
        Fault::Offline => "the server cannot be reached",
        Fault::SignedOut => "you are signed out",
        Fault::ServerError => "the server cannot do it at the moment",
        Fault::TooMany => "too many tries in a short time",
        Fault::Gone => "the chat is over",
        Fault::NewerEvents => "somebody wrote meanwhile",
        Fault::TooLarge => "it is too large",
        Fault::WrongKind => "files of this kind are not taken",
        Fault::Refused => "the server refused it",
    }
}

/// For an upload that failed.
pub(crate) fn not_uploaded(fault: Fault) -> String {
    format!("Not sent: {}.", fault_reason(fault))
}

/// For a held reply: who wrote meanwhile.
pub(crate) fn held_reply(who: Option<String>) -> String {
    let who = who.unwrap_or_else(|| "Somebody".to_owned());
    format!("{who} wrote meanwhile. Send anyway?")
}

/// Who has pressed a button.
pub(crate) fn pressed_by(names: &[String]) -> String {
    match names {
        [] => "Nobody has pressed it".to_owned(),
        [one] => format!("Pressed by {one}"),
        [first @ .., last] => format!("Pressed by {} and {last}", first.join(", ")),
    }
}

/// `812 B`, `40 KB`, `1.5 MB`.
pub(crate) fn size(bytes: u64) -> String {
    const KB: u64 = 1024;
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        ..KB => format!("{bytes} B"),
        KB..1_048_576 => format!("{} KB", bytes.div_ceil(KB)),
        1_048_576..1_073_741_824 => format!("{} MB", tenths(KB * KB)),
        _ => format!("{} GB", tenths(KB * KB * KB)),
    }
}

pub(crate) fn announcement(announcement: Announcement) -> String {
    match announcement {
        Announcement::Waiting(who) => format!("{} is waiting", name(who)),
        Announcement::Opened(who) => name(who),
        Announcement::Offered(who) => format!("{} is offered to you", name(who)),
        Announcement::MessageLeft(who) => format!("{} left a message", name(who)),
        Announcement::CallbackWanted(who) => format!("{} wants to be called back", name(who)),
        Announcement::CallbackDue(who) => format!("The callback of {} is due", name(who)),
        Announcement::CallbacksDue(count) => format!("{count} callbacks are due"),
        Announcement::MarkedRead => "Marked as read.".to_owned(),
        Announcement::MarkedUnread => "Marked as unread.".to_owned(),
        Announcement::SignInEnded => "Signed out there.".to_owned(),
        Announcement::ReplyHeld(who) => held_reply(who),
        Announcement::Message { name: who, text } => format!("{}: {text}", name(who)),
    }
}

/// The title of a desktop notification: who, and nothing that they wrote.
pub(crate) fn notification(notification: &Notification) -> String {
    let who = name(notification.name.clone());
    match notification.kind {
        NotificationKind::Waiting => format!("{who} is waiting"),
        NotificationKind::SeveralWaiting(count) => format!("{count} visitors are waiting"),
        NotificationKind::Offered => format!("{who} is offered to you"),
        NotificationKind::Assigned => format!("New chat with {who}"),
        NotificationKind::Transferred => format!("The chat with {who} was transferred to you"),
        NotificationKind::Message => format!("New message from {who}"),
        NotificationKind::CallbackDue => format!("The callback of {who} is due"),
        NotificationKind::SeveralCallbacksDue(count) => format!("{count} callbacks are due"),
    }
}

/// `0:42`, `12:05`, `1 h 02 min`.
pub(crate) fn wait(since: Millis, now: Millis) -> String {
    let seconds = now.saturating_sub(since) / 1000;
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match minutes {
        0..60 => format!("{minutes}:{seconds:02}"),
        _ if minutes < 24 * 60 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        _ => format!("{} days", minutes / (24 * 60)),
    }
}

/// A waiting visitor is offered to this agent; for how long, by the server's clock.
pub(crate) fn offered(offer: Offered, now: Millis) -> String {
    match offer.until {
        Some(until) => format!(
            "Offered to you for {}, then to a colleague.",
            wait(now, until)
        ),
        None => "Offered to you, then to a colleague.".to_owned(),
    }
}

pub(crate) fn typing(visitor: bool, who: Option<String>) -> String {
    match (visitor, who) {
        (true, who) => format!("{} is typing", name(who)),
        (false, Some(who)) => format!("{who} is typing"),
        (false, None) => "A colleague is typing".to_owned(),
    }
}

pub(crate) fn unread(count: usize) -> String {
    match count {
        1 => "1 unread message".to_owned(),
        _ => format!("{count} unread messages"),
    }
}

pub(crate) fn chats(count: u64) -> String {
    match count {
        0 => "no chats".to_owned(),
        1 => "1 chat".to_owned(),
        _ => format!("{count} chats"),
    }
}

/// For an event type that the console does not know.
pub(crate) fn unknown_event(kind: &str) -> String {
    format!("Something this console cannot show ({kind})")
}

pub(crate) fn title(wanting: usize) -> String {
    match wanting {
        0 => "Parlor".to_owned(),
        _ => format!("({wanting}) Parlor"),
    }
}

#[cfg(test)]
mod tests {
    use super::{offered, pressed_by, size, wait};
    use crate::workspace::Offered;

    #[test]
    fn sizes_are_rounded() {
        for (bytes, expected) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KB"),
            (123_444, "121 KB"),
            (1_572_864, "1.5 MB"),
            (u64::MAX, "17179869183.9 GB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn names_are_joined() {
        let names = ["Ada", "Ben", "Cem"].map(str::to_owned);
        assert_eq!(pressed_by(&names[..1]), "Pressed by Ada");
        assert_eq!(pressed_by(&names), "Pressed by Ada, Ben and Cem");
    }

    #[test]
    fn waits_are_rounded() {
        for (seconds, expected) in [
            (0, "0:00"),
            (42, "0:42"),
            (725, "12:05"),
            (3_720, "1 h 02 min"),
            (200_000, "2 days"),
        ] {
            assert_eq!(wait(5_000, 5_000 + seconds * 1000), expected);
        }
        assert_eq!(wait(9_000, 5_000), "0:00");
    }

    #[test]
    fn offers_say_how_long_they_are_good() {
        let until = Some(30_000);
        assert!(offered(Offered { until }, 6_000).contains("for 0:24,"));
        assert!(offered(Offered { until }, 31_000).contains("for 0:00,"));
        assert!(!offered(Offered { until: None }, 0).contains("for"));
    }
}
