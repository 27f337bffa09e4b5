//! What a tab says, and to whom it belongs.

use super::{Coded, Coder, coded};
use crate::{
    line::LineId,
    tabs::{AskId, Asked, Message, TabId, What},
};

coded! {
    struct Message { from, term, what }
    struct TabId { 0 }
    struct AskId { 0 }
    struct LineId { 0 }
    struct Asked { id, at, intent, held }

    enum What or Self::Hello => {
        0 Hello,
        1 Picture { number, changes },
        2 Changes { number, changes, done },
        3 Ping,
        4 Pong { number },
        5 Ask(asked),
        6 Draft { at, text },
        7 WindowShown(shown),
        8 Looked(looked_at),
        9 Held(saved),
    }
}
