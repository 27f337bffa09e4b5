//! What a visitor wants, and what they say.

use super::{Coded, Coder, coded};
use crate::{
    intent::Intent,
    line::Attachment,
    prechat::Answer,
    saved::{OutgoingEvent, Pending, Saved, SavedSession, Unsent},
};

coded! {
    enum Intent or Self::BackToHello => {
        0 StartConversation,
        1 SubmitPrechat(answers),
        2 BackToHello,
        3 Draft(text),
        4 Send(text),
        5 Press { line, element, button },
        6 SubmitForm { line, answers },
        7 Attach(attachment),
        8 Rate { good, comment },
        9 LoadEarlier(until),
        10 SendCustom(content),
        11 SetAttributes(fields),
        12 Identify(token),
        13 Retry(line),
        14 Delete(line),
        15 EndChat,
        16 StartAgain,
        17 WindowShown(shown),
    }

    struct Answer { field_id, values }
    struct Attachment { id, name, kind, size }
    struct Pending { custom_id, text, at, event, sent_in_session }
    struct Unsent { message, because }
    struct Saved { visitor_id, session, opening, outbox, unsent, draft, term }
    struct SavedSession { id, key, poll_timeout, offset, init, end }

    enum OutgoingEvent or Self::Text => {
        0 Text,
        1 Postback(postback),
        2 Filled(form),
        3 File(file),
        4 Custom(content),
    }
}
