//! Every sentence that an agent reads.

use crate::desk::{Announcement, Fault, Millis, Notice, Trouble};

/// A visitor who gave no name.
pub(crate) const SOMEBODY: &str = "Visitor";

pub(crate) fn name(name: Option<String>) -> String {
    name.unwrap_or_else(|| SOMEBODY.to_owned())
}

pub(crate) fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::WrongPassword => "This email and this password do not belong together.",
        Trouble::LinkSpent => {
            "This sign-in link was used before or is too old. Sign in with your password."
        }
        Trouble::TooMany => "Too many tries. Wait a minute, then try again.",
        Trouble::Unreachable => {
            "The server cannot be reached. Check your connection, then try again."
        }
        Trouble::Unwell => "The server cannot sign you in at the moment. Try again soon.",
        Trouble::SessionOver => {
            "You have been signed out. What you were writing is kept until you sign in again."
        }
    }
}

pub(crate) fn notice(notice: Notice) -> String {
    let (what, fault) = match notice {
        Notice::NotAccepted(Fault::Gone) => return "This visitor has left.".to_owned(),
        Notice::NotAccepted(Fault::Refused) => {
            return "A colleague was faster: this visitor is taken.".to_owned();
        }
        Notice::NotTransferred(Fault::Refused) => {
            return "The chat was not transferred: that colleague takes no chats now.".to_owned();
        }
        Notice::TooLong => {
            return "This is too long for one message. Send it in several.".to_owned();
        }
        Notice::NotSignedOut => ("You are still signed in", Fault::Offline),
        Notice::NotAccepted(fault) => ("The visitor was not accepted", fault),
        Notice::NotTransferred(fault) => ("The chat was not transferred", fault),
        Notice::NotEnded(fault) => ("The chat was not ended", fault),
        Notice::StatusNotSet(fault) => ("Your status was not changed", fault),
    };
    let why = match fault {
        Fault::Offline => "the server cannot be reached",
        Fault::SignedOut => "you are signed out",
        Fault::Unwell => "the server cannot do it at the moment",
        Fault::TooMany => "too many tries in a short time",
        Fault::Gone => "the chat is over",
        Fault::Refused => "the server refused it",
    };
    format!("{what}: {why}.")
}

pub(crate) fn announcement(announcement: Announcement) -> String {
    match announcement {
        Announcement::Waiting(who) => format!("{} is waiting", name(who)),
        Announcement::Said { name: who, text } => format!("{}: {text}", name(who)),
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

/// An event of a kind that the console does not show.
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
    use super::wait;

    #[test]
    fn waits_are_short_to_read() {
        for (seconds, told) in [
            (0, "0:00"),
            (42, "0:42"),
            (725, "12:05"),
            (3_720, "1 h 02 min"),
            (200_000, "2 days"),
        ] {
            assert_eq!(wait(5_000, 5_000 + seconds * 1000), told);
        }
        assert_eq!(wait(9_000, 5_000), "0:00");
    }
}
