//! Every sentence a visitor reads or hears, by language, and times as people
//! write them. It knows nothing of where a sentence is shown.

mod en;
mod times;

pub(crate) use en::EN;
pub(crate) use times::{Times, local_day};

use parlor_session::{EndedBy, FailReason, FailedBecause, FieldError, Notice};

/// One language's table. A sentence with something in it is a function: where
/// the name or the number stands differs from language to language.
#[derive(Debug)]
pub(crate) struct Text {
    /// Its BCP 47 tag.
    pub(crate) language: &'static str,

    pub(crate) back: &'static str,
    pub(crate) menu: &'static str,
    pub(crate) end_chat: &'static str,
    pub(crate) minimise: &'static str,
    pub(crate) loading: &'static str,

    pub(crate) hello_fallback: &'static str,
    pub(crate) start_conversation: &'static str,
    pub(crate) online: fn(names: &[String]) -> String,
    pub(crate) nobody_online: &'static str,
    pub(crate) we_reply_here: &'static str,

    pub(crate) prechat_title: &'static str,
    pub(crate) prechat_lead: &'static str,
    pub(crate) required_marks: &'static str,
    pub(crate) choose: &'static str,
    pub(crate) start_chat: &'static str,
    pub(crate) field_error: fn(FieldError) -> String,

    pub(crate) starting: &'static str,
    pub(crate) resuming: &'static str,
    pub(crate) in_line: fn(position: Option<u64>) -> String,
    pub(crate) about_minutes: fn(minutes: u64) -> String,
    pub(crate) any_moment: &'static str,
    pub(crate) write_meanwhile: &'static str,

    pub(crate) conversation: &'static str,
    pub(crate) you: &'static str,
    pub(crate) today: &'static str,
    pub(crate) yesterday: &'static str,
    pub(crate) notice: fn(&Notice) -> String,
    pub(crate) unknown_event: &'static str,
    pub(crate) custom_event: &'static str,
    pub(crate) show_earlier: &'static str,
    pub(crate) earlier: &'static str,
    pub(crate) is_typing: fn(name: Option<&str>) -> String,
    pub(crate) new_messages: fn(count: usize) -> String,
    pub(crate) said: fn(name: &str, text: &str) -> String,

    pub(crate) sending: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) failed: fn(FailedBecause) -> &'static str,
    pub(crate) try_again: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) delete: &'static str,

    pub(crate) cards: fn(count: usize) -> String,
    pub(crate) previous: &'static str,
    pub(crate) next: &'static str,
    pub(crate) form: &'static str,
    pub(crate) send_answers: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) picture: &'static str,
    pub(crate) file: &'static str,
    pub(crate) size: fn(bytes: u64) -> String,
    pub(crate) show_picture: fn(name: &str) -> String,
    pub(crate) download: &'static str,
    pub(crate) zoom_in: &'static str,
    pub(crate) zoom_out: &'static str,
    pub(crate) close: &'static str,

    pub(crate) message: &'static str,
    pub(crate) placeholder: &'static str,
    pub(crate) send: &'static str,
    pub(crate) attach: &'static str,
    pub(crate) drop_here: &'static str,
    pub(crate) not_kept: &'static str,
    pub(crate) sneak_peek: &'static str,
    pub(crate) bytes_left: fn(left: usize) -> String,
    pub(crate) bytes_over: fn(over: usize) -> String,

    pub(crate) reconnecting: &'static str,

    pub(crate) ended: fn(by: EndedBy, agent: Option<&str>) -> String,
    pub(crate) ended_at: fn(time: &str) -> String,
    pub(crate) start_again: &'static str,
    pub(crate) how_was_it: &'static str,
    pub(crate) good: &'static str,
    pub(crate) bad: &'static str,
    pub(crate) comment: &'static str,
    pub(crate) thanks: &'static str,
    pub(crate) request_failed: fn(FailReason) -> (&'static str, &'static str),
}
