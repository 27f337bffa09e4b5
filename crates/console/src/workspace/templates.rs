//! Templates of the site: canned replies by their shortcuts, rich messages and forms. They are
//! loaded when they are first needed, and again after the connection was lost, because the server
//! may have been configured anew.

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
    /// To be loaded when they are needed.
    #[default]
    NotLoaded,
    Loading,
    Failed,
    Loaded,
}

/// The state of the list of canned replies in one chat, while a shortcut is being typed.
#[derive(Debug, Default)]
pub(super) struct PickerState {
    /// The index of the reply that Enter inserts.
    at: usize,
    /// The agent has closed the list for this shortcut.
    dismissed: bool,
}

/// The canned replies that match the shortcut being typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Picker {
    /// Best match first; empty when no shortcut is being typed.
    pub replies: Vec<CannedReply>,
    /// The index of the reply that Enter inserts.
    pub at: usize,
}

/// A canned reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    /// The shortcut, without the `/`.
    pub shortcut: String,
    /// The text that replaces the shortcut.
    pub text: String,
}

/// The menu of templates that can be sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemplateMenu {
    /// They are being loaded.
    pub busy: bool,
    /// They could not be loaded.
    pub failed: bool,
    /// Cards, quick replies and stickers.
    pub rich: Vec<TemplateItem>,
    /// Forms.
    pub forms: Vec<TemplateItem>,
}

/// One template of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateItem {
    /// Identifies it for `Intent::SendTemplate`.
    pub id: TemplateId,
    /// Its name, as configured.
    pub name: String,
    /// The first line of its text.
    pub summary: String,
}

/// Identifies a template by its index in the server's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateId {
    /// Cards, quick replies or a sticker.
    Rich(usize),
    /// A form.
    Form(usize),
}

impl Templates {
    /// The server may have other templates now.
    pub(super) fn mark_stale(&mut self) {
        self.state = State::NotLoaded;
    }

    /// The reply to an outstanding call will be ignored.
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

    /// The canned replies that match: first those whose shortcut begins with what was typed, then
    /// those whose shortcut contains it, then those whose text contains it.
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

    /// Sends a template unchanged.
    pub(super) fn send_template(&mut self, id: TemplateId) {
        if let Some(event) = self.templates.event(id).cloned() {
            self.send_event(event);
        }
    }

    /// Updates the list of canned replies after the draft of the open chat has changed.
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

    pub(super) fn move_highlight(&mut self, by: isize) {
        let count = self.picker().replies.len();
        if let Some((_, chat)) = self.selected_chat_mut()
            && count > 0
        {
            let at = chat.picker.at.min(count - 1);
            // Wraps around, so that every line of a short list is a few keys away.
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

    /// Enter in the reply field: inserts the highlighted canned reply, or sends the draft if there
    /// is none.
    pub(super) fn press_enter(&mut self) {
        if !self.pick(None) {
            self.send_draft();
        }
    }

    /// Replaces the shortcut by the canned reply at this index, by default the highlighted one.
    /// Returns whether there was one.
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

    /// The canned replies that match the shortcut being typed in the open chat.
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

    /// The menu of templates.
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

/// The shortcut being typed: the last word, if it begins with `/` and is not a path.
fn shortcut(text: &str) -> Option<&str> {
    let word = text.rsplit(char::is_whitespace).next()?;
    word.strip_prefix('/').filter(|typed| !typed.contains('/'))
}

/// The first line of an event's text that is not empty.
fn summarize(event: &Event) -> String {
    let text = event.body.text_form();
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::shortcut;

    #[test]
    fn shortcut_is_the_last_word_after_a_slash() {
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
