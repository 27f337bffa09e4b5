//! What a tab says, and to whom it belongs.

use super::{Coded, Coder, coded};
use crate::{
    line::LineId,
    tabs::{Command, CommandId, Message, TabId, TabPayload},
};

coded! {
    struct Message { from, term, payload }
    struct TabId { 0 }
    struct CommandId { 0 }
    struct LineId { 0 }
    struct Command { id, at, intent, pending }

    enum TabPayload or Self::Hello => {
        0 Hello,
        1 Snapshot { number, changes },
        2 Changes { number, changes, executed },
        3 Ping,
        4 Pong { number },
        5 Command(command),
        6 Draft { at, text },
        7 WindowShown(shown),
        8 Visibility(visible),
        9 Unpersisted(saved),
    }
}
