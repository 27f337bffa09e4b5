//! What is ready to be sent: texts by their shortcuts, cards, quick replies and forms. It is asked
//! for when it is first wanted, and again after the line was down, for the endpoint may have been
//! set up anew.

use parlor_wire::agent::{CannedResponse, ListTemplates, Template};
use parlor_wire::{Event, agent};

use super::{Call, Fault, PendingCall, Reply, ViewPart, Workspace, limits};

#[derive(Debug, Default)]
pub(super) struct Templates {
    known: Option<agent::Templates>,
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
enum State {
    /// To be asked for when they are wanted.
    #[default]
    NotLoaded,
    Loading,
    Failed,
    Loaded,
}

/// Which lines of the canned replies are shown in one chat, while a shortcut is being typed.
#[derive(Debug, Default)]
pub(super) struct PickerState {
    /// The one that Enter picks.
    at: usize,
    /// Not wanted for this shortcut.
    dismissed: bool,
}

/// Canned replies that fit what was typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Picker {
    /// Best first; none when no shortcut is being typed.
    pub replies: Vec<CannedReply>,
    /// The one that Enter picks.
    pub at: usize,
}

/// A canned reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    /// What is typed to find it, without the `/`.
    pub shortcut: String,
    /// What is then written.
    pub text: String,
}

/// Cards and forms that can be sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemplateMenu {
    /// They are on their way.
    pub busy: bool,
    /// They did not come.
    pub failed: bool,
    /// Cards, quick replies and stickers.
    pub rich: Vec<TemplateItem>,
    /// Forms.
    pub forms: Vec<TemplateItem>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateItem {
    /// Names it when it is sent.
    pub id: TemplateId,
    /// As agents call it.
    pub name: String,
    /// Its first words.
    pub summary: String,
}

/// Names something that is ready, by its place in the endpoint's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateId {
    /// Cards, quick replies or a sticker.
    Rich(usize),
    /// A form.
    Form(usize),
}

impl Templates {
    /// The endpoint may have others now.
    pub(super) fn mark_stale(&mut self) {
        self.state = State::NotLoaded;
    }

    /// No call will be answered any more.
    pub(super) fn forget_pending_call(&mut self) {
        if self.state == State::Loading {
            self.state = State::NotLoaded;
        }
    }

    fn event(&self, id: TemplateId) -> Option<&Event> {
        let known = self.known.as_ref()?;
        let template = match id {
            TemplateId::Rich(at) => known.rich_messages.get(at),
            TemplateId::Form(at) => known.forms.get(at),
        };
        template.map(|template| &template.event)
    }

    /// Those that begin as typed come first, then those that have it in the shortcut, then those
    /// that have it in the text.
    fn matching(&self, typed: &str) -> Vec<&CannedResponse> {
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

impl Workspace {
    pub(super) fn load_templates(&mut self) {
        if matches!(self.templates.state, State::Loading | State::Loaded) {
            return;
        }
        self.templates.state = State::Loading;
        self.view_changed(ViewPart::TemplateMenu);
        self.call(
            PendingCall::Templates,
            Call::ListTemplates(ListTemplates {}),
        );
    }

    pub(super) fn on_templates_reply(&mut self, answer: Result<Reply, Fault>) {
        self.templates.state = match answer {
            Ok(Reply::Templates(known)) => {
                self.templates.known = Some(*known);
                State::Loaded
            }
            _ => State::Failed,
        };
        self.changed_parts
            .extend([ViewPart::TemplateMenu, ViewPart::Picker]);
    }

    /// Something ready is sent as it is.
    pub(super) fn send_template(&mut self, id: TemplateId) {
        if let Some(event) = self.templates.event(id).cloned() {
            self.send_event(event);
        }
    }

    /// The draft of the open chat is another one.
    pub(super) fn update_picker(&mut self) {
        let Some((_, chat)) = self.selected_chat_mut() else {
            return;
        };
        let typing = shortcut(&chat.draft.text).is_some();
        chat.picker.at = 0;
        chat.picker.dismissed &= typing;
        self.view_changed(ViewPart::Picker);
        if typing {
            self.load_templates();
        }
    }

    pub(super) fn pick_by(&mut self, by: isize) {
        let count = self.picker().replies.len();
        if let Some((_, chat)) = self.selected_chat_mut()
            && count > 0
        {
            let at = chat.picker.at.min(count - 1);
            // Around the end: a list that is short is gone through fastest so.
            let count_signed = isize::try_from(count).unwrap_or(isize::MAX);
            let moved = at.checked_add_signed(by % count_signed);
            chat.picker.at = moved.map_or(count - 1, |at| at % count);
            self.view_changed(ViewPart::Picker);
        }
    }

    pub(super) fn dismiss_picker(&mut self) {
        if let Some((_, chat)) = self.selected_chat_mut() {
            chat.picker.dismissed = true;
            self.view_changed(ViewPart::Picker);
        }
    }

    /// Enter in the reply: what is picked is written, or else what is written is sent.
    pub(super) fn press_enter(&mut self) {
        if !self.pick(None) {
            self.send_draft();
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
        let Some((_, chat)) = self.selected_chat_mut() else {
            return false;
        };
        let typed = shortcut(&chat.draft.text).map_or(0, |typed| typed.len() + 1);
        let kept = chat.draft.text.len().saturating_sub(typed);
        let mut written = chat.draft.text.get(..kept).unwrap_or_default().to_owned();
        written.push_str(&text);
        self.write(written);
        self.view_changed(ViewPart::Draft);
        true
    }

    /// Canned replies that fit what is being typed in the open chat.
    pub fn picker(&self) -> Picker {
        let Some(chat) = self.selected_chat().filter(|chat| !chat.picker.dismissed) else {
            return Picker::default();
        };
        let Some(typed) = shortcut(&chat.draft.text) else {
            return Picker::default();
        };
        let replies: Vec<CannedReply> = self
            .templates
            .matching(typed)
            .into_iter()
            .map(|reply| CannedReply {
                shortcut: reply.shortcut.clone(),
                text: reply.text.clone(),
            })
            .collect();
        Picker {
            at: chat.picker.at.min(replies.len().saturating_sub(1)),
            replies,
        }
    }

    /// What can be sent as it is.
    pub fn template_menu(&self) -> TemplateMenu {
        let known = self.templates.known.as_ref();
        let items = |templates: &[Template], make_id: fn(usize) -> TemplateId| {
            let item = |(at, template): (usize, &Template)| TemplateItem {
                id: make_id(at),
                name: template.name.clone(),
                summary: summarize(&template.event),
            };
            templates.iter().enumerate().map(item).collect()
        };
        TemplateMenu {
            busy: known.is_none() && self.templates.state == State::Loading,
            failed: known.is_none() && self.templates.state == State::Failed,
            rich: known.map_or_else(Vec::new, |it| items(&it.rich_messages, TemplateId::Rich)),
            forms: known.map_or_else(Vec::new, |it| items(&it.forms, TemplateId::Form)),
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
fn summarize(event: &Event) -> String {
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
