//! What the device keeps: the session, so that a reload comes back to the
//! conversation, what other tabs than the leading one were told to say, and the
//! pre-chat answers until the tab is closed. A browser may refuse any of it at
//! any time; then it is kept in memory only, by the session itself.

use parlor_session::{
    Answer, Intent, LineId, Millis, Pending, Saved,
    tabs::{Command, CommandId, Persisted, TabId, lease::Lease},
};
use serde::Deserialize;

use super::json;

#[derive(Debug, Clone)]
pub(crate) struct Storage {
    /// Not the loader's: a page on the chat origin shares its storage with us.
    pub(super) key: String,
    /// Nothing is kept without the visitor's consent.
    pub(super) consent: bool,
}

/// Of what is kept, by whom: see [`Saved::term`].
#[derive(Deserialize)]
struct Led {
    term: u64,
}

impl Storage {
    pub(crate) fn new(deployment_id: &str, consent: bool) -> Self {
        Self {
            key: ["parlor-chat:", deployment_id].concat(),
            consent,
        }
    }

    /// Whether an earlier life of the document left something.
    pub(super) fn has_any(&self) -> bool {
        self.read(&self.key).is_some()
    }

    /// What a tab that takes the lead goes on from.
    pub(super) fn kept(&self) -> Persisted {
        Persisted {
            saved: self.read(&self.key).and_then(|saved| json::read(&saved)),
            commands: self.commands(),
        }
    }

    /// Whether it is kept: a device may refuse, or be full. This life of the
    /// document goes on without. None when a newer leader has kept something.
    pub(super) fn save(&self, saved: &Saved) -> Option<bool> {
        let kept = self.read(&self.key);
        let newest = kept.and_then(|kept| json::read(&kept));
        if newest.is_some_and(|Led { term }| term > saved.term) {
            return None;
        }
        Some(self.write(&self.key, &json::write(saved)))
    }

    /// A message that no leader has yet. Its id is its name, here and there.
    pub(super) fn keep(&self, command: &Command) -> bool {
        let text = match &command.intent {
            Intent::Send(text) => text.as_str(),
            _ => "",
        };
        let message = Pending {
            custom_id: command.id.0.clone(),
            text: text.to_owned(),
            at: command.at,
            ..Pending::default()
        };
        let message = command.pending.as_deref().unwrap_or(&message);
        self.write(&self.key_of(&command.id), &json::write(message))
    }

    pub(super) fn forget(&self, id: &CommandId) {
        if let Some(device) = self.device() {
            // What is not there need not be forgotten.
            let _ = device.remove_item(&self.key_of(id));
        }
    }

    fn commands(&self) -> Vec<Command> {
        let Some(device) = self.device() else {
            return Vec::new();
        };
        let before = self.key_of(&CommandId(String::new()));
        let message = |at| {
            let key = device.key(at).ok()??;
            let kept = key.starts_with(&before).then(|| self.read(&key))??;
            json::read::<Pending>(&kept)
        };
        let mut commands = Vec::new();
        for at in 0..device.length().unwrap_or(0) {
            if let Some(message) = message(at) {
                commands.push(Command {
                    id: CommandId(message.custom_id.clone()),
                    at: message.at,
                    intent: Intent::Retry(LineId(message.custom_id.clone())),
                    pending: Some(Box::new(message)),
                });
            }
        }
        commands
    }

    fn key_of(&self, id: &CommandId) -> String {
        [&self.key, ":said:", &id.0].concat()
    }

    pub(super) fn key_of_lease(&self) -> String {
        [&self.key, ":lead"].concat()
    }

    pub(super) fn lease(&self) -> Option<Lease> {
        let kept = self.read(&self.key_of_lease())?;
        let (until, holder) = kept.split_once(' ')?;
        Some(Lease {
            holder: TabId(holder.to_owned()),
            until: until.parse::<Millis>().ok()?,
        })
    }

    pub(super) fn keep_lease(&self, lease: &Lease) -> bool {
        let lease = [&lease.until.to_string(), " ", &lease.holder.0].concat();
        self.write(&self.key_of_lease(), &lease)
    }

    fn read(&self, key: &str) -> Option<String> {
        self.device()?.get_item(key).ok()?
    }

    fn write(&self, key: &str, text: &str) -> bool {
        (self.device()).is_some_and(|device| device.set_item(key, text).is_ok())
    }

    fn device(&self) -> Option<web_sys::Storage> {
        let window = self.consent.then(leptos::prelude::window)?;
        window.local_storage().ok()?
    }

    fn tab(&self) -> Option<web_sys::Storage> {
        let window = self.consent.then(leptos::prelude::window)?;
        window.session_storage().ok()?
    }

    pub(crate) fn answers(&self) -> Option<Vec<Answer>> {
        json::read(&self.tab()?.get_item(&self.key).ok()??)
    }

    pub(crate) fn keep_answers(&self, answers: &[Answer]) {
        if let Some(tab) = self.tab() {
            // None are not kept: nothing is, before the visitor opens the chat.
            let _ = match answers {
                [] => tab.remove_item(&self.key),
                _ => tab.set_item(&self.key, &json::write(&answers)),
            };
        }
    }
}
