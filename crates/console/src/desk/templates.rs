//! What is ready to be sent: texts by their shortcuts, cards, quick replies and forms. It is asked
//! for when it is first wanted, and again after the line was down, for the endpoint may have been
//! set up anew.

use parlor_wire::agent::{CannedResponse, ListTemplates, Template};
use parlor_wire::{Event, agent};

use super::{Call, Desk, Errand, Fault, Part, Reply, limits};

#[derive(Debug, Default)]
pub(super) struct Templates {
    known: Option<agent::Templates>,
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
enum State {
    /// To be asked for when they are wanted.
    #[default]
    Unasked,
    Asked,
    Failed,
    Fresh,
}

/// Which lines of the canned replies are shown in one chat, while a shortcut is being typed.
#[derive(Debug, Default)]
pub(super) struct Picking {
    /// The one that Enter picks.
    at: usize,
    /// Not wanted for this shortcut.
    dismissed: bool,
}

/// Canned replies that fit what was typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Picker {
    /// Best first; none when no shortcut is being typed.
    pub replies: Vec<Canned>,
    /// The one that Enter picks.
    pub at: usize,
}

/// A canned reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// What is typed to find it, without the `/`.
    pub shortcut: String,
    /// What is then written.
    pub text: String,
}

/// Cards and forms that can be sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stock {
    /// They are on their way.
    pub busy: bool,
    /// They did not come.
    pub failed: bool,
    /// Cards, quick replies and stickers.
    pub rich: Vec<Offer>,
    /// Forms.
    pub forms: Vec<Offer>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Names it when it is sent.
    pub which: Ready,
    /// As agents call it.
    pub name: String,
    /// Its first words.
    pub gist: String,
}

/// Names something that is ready, by its place in the endpoint's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// Cards, quick replies or a sticker.
    Rich(usize),
    /// A form.
    Form(usize),
}

impl Templates {
    /// The endpoint may have others now.
    pub(super) fn may_be_old(&mut self) {
        self.state = State::Unasked;
    }

    /// No call will be answered any more.
    pub(super) fn nothing_awaited(&mut self) {
        if self.state == State::Asked {
            self.state = State::Unasked;
        }
    }

    fn event(&self, which: Ready) -> Option<&Event> {
        let known = self.known.as_ref()?;
        let template = match which {
            Ready::Rich(at) => known.rich_messages.get(at),
            Ready::Form(at) => known.forms.get(at),
        };
        template.map(|template| &template.event)
    }

    /// Those that begin as typed come first, then those that have it in the shortcut, then those
    /// that have it in the text.
    fn fitting(&self, typed: &str) -> Vec<&CannedResponse> {
        let typed = typed.to_lowercase();
        let rank = |reply: &CannedResponse| {
            let shortcut = reply.shortcut.to_lowercase();
            if shortcut.starts_with(&typed) {
                Some(0)
            } else if shortcut.contains(&typed) {
                Some(1)
            } else if reply.text.to_lowercase().contains(&typed) {
                Some(2)
            } else {
                None
            }
        };
        let all = self.known.iter().flat_map(|known| &known.canned_responses);
        let mut fitting: Vec<(u8, &CannedResponse)> = all
            .filter_map(|reply| Some((rank(reply)?, reply)))
            .collect();
        fitting.sort_by_key(|(rank, _)| *rank);
        fitting.truncate(limits::CANNED_SHOWN);
        fitting.into_iter().map(|(_, reply)| reply).collect()
    }
}

impl Desk {
    pub(super) fn want_templates(&mut self) {
        if matches!(self.templates.state, State::Asked | State::Fresh) {
            return;
        }
        self.templates.state = State::Asked;
        self.moved(Part::Stock);
        self.call(Errand::Templates, Call::ListTemplates(ListTemplates {}));
    }

    pub(super) fn told_templates(&mut self, answer: Result<Reply, Fault>) {
        self.templates.state = match answer {
            Ok(Reply::Templates(known)) => {
                self.templates.known = Some(*known);
                State::Fresh
            }
            _ => State::Failed,
        };
        self.moved.extend([Part::Stock, Part::Picker]);
    }

    /// Something ready is sent as it is.
    pub(super) fn send_ready(&mut self, which: Ready) {
        if let Some(event) = self.templates.event(which).cloned() {
            self.send_now(event);
        }
    }

    /// The draft of the open chat is another one.
    pub(super) fn shortcut_typed(&mut self) {
        let Some((_, chat)) = self.selected_chat() else {
            return;
        };
        let typing = shortcut(&chat.draft.text).is_some();
        chat.picking.at = 0;
        chat.picking.dismissed &= typing;
        self.moved(Part::Picker);
        if typing {
            self.want_templates();
        }
    }

    pub(super) fn pick_by(&mut self, by: isize) {
        let count = self.picker().replies.len();
        if let Some((_, chat)) = self.selected_chat()
            && count > 0
        {
            let at = chat.picking.at.min(count - 1);
            // Around the end: a list that is short is gone through fastest so.
            let count_signed = isize::try_from(count).unwrap_or(isize::MAX);
            let moved = at.checked_add_signed(by % count_signed);
            chat.picking.at = moved.map_or(count - 1, |at| at % count);
            self.moved(Part::Picker);
        }
    }

    pub(super) fn dismiss_picker(&mut self) {
        if let Some((_, chat)) = self.selected_chat() {
            chat.picking.dismissed = true;
            self.moved(Part::Picker);
        }
    }

    /// Enter in the reply: what is picked is written, or else what is written is sent.
    pub(super) fn press_enter(&mut self) {
        if !self.pick(None) {
            self.say();
        }
    }

    /// Puts a canned reply, the marked one if none is named, in the shortcut's place. Whether there
    /// was one.
    pub(super) fn pick(&mut self, at: Option<usize>) -> bool {
        let mut picker = self.picker();
        let at = at.unwrap_or(picker.at);
        if at >= picker.replies.len() {
            return false;
        }
        let text = picker.replies.swap_remove(at).text;
        let Some((_, chat)) = self.selected_chat() else {
            return false;
        };
        let typed = shortcut(&chat.draft.text).map_or(0, |typed| typed.len() + 1);
        let kept = chat.draft.text.len().saturating_sub(typed);
        let mut written = chat.draft.text.get(..kept).unwrap_or_default().to_owned();
        written.push_str(&text);
        self.write(written);
        self.moved(Part::Draft);
        true
    }

    /// Canned replies that fit what is being typed in the open chat.
    pub fn picker(&self) -> Picker {
        let Some(chat) = self.open_chat().filter(|chat| !chat.picking.dismissed) else {
            return Picker::default();
        };
        let Some(typed) = shortcut(&chat.draft.text) else {
            return Picker::default();
        };
        let replies: Vec<Canned> = self
            .templates
            .fitting(typed)
            .into_iter()
            .map(|reply| Canned {
                shortcut: reply.shortcut.clone(),
                text: reply.text.clone(),
            })
            .collect();
        Picker {
            at: chat.picking.at.min(replies.len().saturating_sub(1)),
            replies,
        }
    }

    /// What can be sent as it is.
    pub fn stock(&self) -> Stock {
        let known = self.templates.known.as_ref();
        let offers = |templates: &[Template], which: fn(usize) -> Ready| {
            let offer = |(at, template): (usize, &Template)| Offer {
                which: which(at),
                name: template.name.clone(),
                gist: gist(&template.event),
            };
            templates.iter().enumerate().map(offer).collect()
        };
        Stock {
            busy: known.is_none() && self.templates.state == State::Asked,
            failed: known.is_none() && self.templates.state == State::Failed,
            rich: known.map_or_else(Vec::new, |it| offers(&it.rich_messages, Ready::Rich)),
            forms: known.map_or_else(Vec::new, |it| offers(&it.forms, Ready::Form)),
        }
    }
}

/// What is being typed to find a canned reply: the last word, when it begins with `/` and is not a
/// path.
fn shortcut(text: &str) -> Option<&str> {
    let word = text.rsplit(char::is_whitespace).next()?;
    word.strip_prefix('/').filter(|typed| !typed.contains('/'))
}

/// The first words of an event, on one line.
fn gist(event: &Event) -> String {
    let text = event.body.text_form();
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::shortcut;

    #[test]
    fn shortcut_is_the_last_word_behind_a_slash() {
        for (text, wanted) in [
            ("/", Some("")),
            ("/hi", Some("hi")),
            ("Well, /hi", Some("hi")),
            ("Well,\n/hi", Some("hi")),
            ("/hi ", None),
            ("and/or", None),
            ("/usr/bin", None),
            ("https://x", None),
            ("", None),
        ] {
            assert_eq!(shortcut(text), wanted, "{text:?}");
        }
    }
}
