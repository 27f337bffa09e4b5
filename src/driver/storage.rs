//! Stores the session, so that a reload continues the conversation; the commands that the leading
//! tab has not executed yet; the lease; and the answers of the pre-chat form, until the tab is
//! closed. A browser may refuse to store anything at any time. The session then keeps its state in
//! memory only.

use std::{cell::Cell, rc::Rc};

use parlor_session::{
    Answer, Intent, LineId, Millis, Pending, Saved, SavedSession,
    tabs::{Command, CommandId, Persisted, TabId, lease::Lease},
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::BroadcastChannel;

use super::{channel::FORGOTTEN, json};

/// `keep.js`: stores data so that it is not lost when the browser is killed.
#[wasm_bindgen(raw_module = "./keep.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn keep(key: &str, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch)]
    fn forget(key: &str) -> Result<(), JsValue>;
    pub(super) fn settled() -> js_sys::Promise;
}

/// What the device stores of one person in one deployment's chat.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    /// The key of the session, and the prefix of all other keys. The loader uses other keys, because
    /// a page on the chat's origin shares this storage.
    pub(super) key: String,
    /// Nothing is stored without the visitor's consent.
    pub(super) consent: bool,
    /// Everything was removed, and nothing is stored any more.
    is_forgotten: Rc<Cell<bool>>,
}

/// Between the deployment and the person in the keys of what is stored of people for whom the page
/// vouches.
const PERSON: &str = ":as:";

fn remove(key: &str) {
    // Refused only if the device stores nothing at all.
    let _ = forget(key);
}

/// The term of a stored session: see [`Saved::term`].
#[derive(Deserialize)]
struct SavedTerm {
    term: u64,
}

impl Storage {
    /// `person`: for whom the page vouches.
    pub(crate) fn new(deployment_id: &str, person: Option<&str>, consent: bool) -> Self {
        let key = ["parlor-chat:", deployment_id].concat();
        Self {
            key: match person {
                Some(person) => [&key, PERSON, person].concat(),
                None => key,
            },
            consent,
            is_forgotten: Rc::default(),
        }
    }

    /// Whether the device stores anything.
    pub(crate) fn is_available(&self) -> bool {
        self.local_storage().is_some()
    }

    /// Whether a conversation goes on, or a request is to be made. A message that has been left is
    /// over.
    pub(crate) fn has_conversation(&self) -> bool {
        let saved: Option<Saved> = self.read(&self.key).and_then(|saved| json::read(&saved));
        saved.is_some_and(|saved| {
            let goes_on = |session: &SavedSession| !session.of_message || session.init.is_some();
            saved.opening.is_some() || saved.session.as_ref().is_some_and(goes_on)
        })
    }

    /// Removes everything, and stores nothing any more. Other tabs do the same.
    pub(crate) fn forget(&self) {
        if let Ok(channel) = BroadcastChannel::new(&self.key) {
            // Texts can be cloned.
            let _ = channel.post_message(&FORGOTTEN.into());
            channel.close();
        }
        self.forget_here();
    }

    /// Removes everything, and stores nothing any more.
    pub(super) fn forget_here(&self) {
        for key in self.keys_with(&[&self.key, ":"].concat()) {
            let is_of_person = key.starts_with(&[&self.key, PERSON].concat());
            if !is_of_person {
                remove(&key);
            }
        }
        if self.has_saved() {
            remove(&self.key);
        }
        if let Some(tab) = self.session_storage() {
            let _ = tab.remove_item(&self.key);
        }
        self.is_forgotten.set(true);
    }

    /// Removes what is stored of people for whom the page has vouched.
    pub(crate) fn forget_persons(&self) {
        for key in self.keys_with(&[&self.key, PERSON].concat()) {
            remove(&key);
        }
    }

    /// Moves the session and what is to be sent to another storage.
    pub(crate) fn move_to(&self, other: &Self) {
        let said = self.command_key(&CommandId(String::new()));
        for key in self.keys_with(&said) {
            if let Some(message) = self.read(&key) {
                let _ = keep(&key.replacen(&self.key, &other.key, 1), &message);
            }
        }
        if let Some(saved) = self.read(&self.key) {
            let _ = keep(&other.key, &saved);
        }
        self.forget();
    }

    fn keys_with(&self, prefix: &str) -> Vec<String> {
        let Some(device) = self.local_storage() else {
            return Vec::new();
        };
        let keys = (0..device.length().unwrap_or(0)).filter_map(|at| device.key(at).ok()?);
        keys.filter(|key| key.starts_with(prefix)).collect()
    }

    /// Whether an earlier document has stored a session.
    pub(crate) fn has_saved(&self) -> bool {
        self.read(&self.key).is_some()
    }

    /// The state from which a tab that gets the lead continues.
    pub(crate) fn persisted(&self) -> Persisted {
        Persisted {
            saved: self.read(&self.key).and_then(|saved| json::read(&saved)),
            commands: self.commands(),
        }
    }

    /// Stores the session. False if the device refuses or is full; none if a newer leader has
    /// stored its session, which is not overwritten.
    pub(crate) fn save(&self, saved: &Saved) -> Option<bool> {
        let stored = self.read(&self.key);
        let newest = stored.and_then(|stored| json::read(&stored));
        if newest.is_some_and(|SavedTerm { term }| term > saved.term) {
            return None;
        }
        Some(self.write(&self.key, saved))
    }

    /// Stores a message that no leader has executed yet, under the command's id. False if the device
    /// refuses.
    pub(super) fn save_command(&self, command: &Command) -> bool {
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
        self.write(&self.command_key(&command.id), message)
    }

    pub(super) fn remove_command(&self, id: &CommandId) {
        if self.consent {
            // If the device refuses, the leader recognises the message by its id.
            remove(&self.command_key(id));
        }
    }

    fn commands(&self) -> Vec<Command> {
        let mut commands = Vec::new();
        for key in self.keys_with(&self.command_key(&CommandId(String::new()))) {
            let message = self.read(&key);
            if let Some(message) = message.and_then(|message| json::read::<Pending>(&message)) {
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

    fn command_key(&self, id: &CommandId) -> String {
        [&self.key, ":said:", &id.0].concat()
    }

    pub(super) fn lease_key(&self) -> String {
        [&self.key, ":lead"].concat()
    }

    pub(super) fn lease(&self) -> Option<Lease> {
        let kept = self.read(&self.lease_key())?;
        let (until, holder) = kept.split_once(' ')?;
        Some(Lease {
            holder: TabId(holder.to_owned()),
            until: until.parse::<Millis>().ok()?,
        })
    }

    pub(super) fn write_lease(&self, lease: &Lease) -> bool {
        let lease = [&lease.until.to_string(), " ", &lease.holder.0].concat();
        // Not by `keep.js`: a lease is worthless after the browser has been killed.
        let device = self.local_storage();
        let accepts = |device: web_sys::Storage| device.set_item(&self.lease_key(), &lease).is_ok();
        !self.is_forgotten.get() && device.is_some_and(accepts)
    }

    fn read(&self, key: &str) -> Option<String> {
        self.local_storage()?.get_item(key).ok()?
    }

    fn write<T: Serialize>(&self, key: &str, value: &T) -> bool {
        let accepts = self.consent && !self.is_forgotten.get();
        accepts && keep(key, &json::write(value)).is_ok()
    }

    fn local_storage(&self) -> Option<web_sys::Storage> {
        let window = self.consent.then(leptos::prelude::window)?;
        window.local_storage().ok()?
    }

    fn session_storage(&self) -> Option<web_sys::Storage> {
        let window = self.consent.then(leptos::prelude::window)?;
        window.session_storage().ok()?
    }

    pub(crate) fn answers(&self) -> Option<Vec<Answer>> {
        json::read(&self.session_storage()?.get_item(&self.key).ok()??)
    }

    pub(crate) fn save_answers(&self, answers: &[Answer]) {
        let tab = self.session_storage();
        if let Some(tab) = tab.filter(|_| !self.is_forgotten.get()) {
            // An empty list is not stored: nothing is, before the visitor opens the chat.
            let _ = match answers {
                [] => tab.remove_item(&self.key),
                _ => tab.set_item(&self.key, &json::write(&answers)),
            };
        }
    }
}

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// The storage of a deployment of its own, so that tests do not share data.
    fn storage(site: &str) -> Storage {
        Storage::new(site, None, true)
    }

    fn device() -> web_sys::Storage {
        leptos::prelude::window().local_storage().unwrap().unwrap()
    }

    fn saved(term: u64) -> Saved {
        Saved {
            visitor_id: Some("v".into()),
            session: Some(SavedSession {
                id: "S".into(),
                key: "K!=".into(),
                poll_timeout: 40_000,
                offset: Some(71),
                init: None,
                end: false,
                of_message: false,
            }),
            draft: "half \"a\"".into(),
            term,
            ..Saved::default()
        }
    }

    fn command(id: &str, text: &str) -> Command {
        Command {
            id: CommandId(id.into()),
            at: 7,
            intent: Intent::Send(text.into()),
            pending: None,
        }
    }

    #[wasm_bindgen_test]
    fn a_saved_session_is_there_after_a_reload() {
        let storage = storage("saves");
        assert!(!storage.has_saved());
        assert_eq!(storage.save(&saved(3)), Some(true));
        assert!(storage.has_saved());
        assert_eq!(storage.persisted().saved, Some(saved(3)));
    }

    #[wasm_bindgen_test]
    fn an_older_leader_does_not_save_over_a_newer_one() {
        let storage = storage("terms");
        assert_eq!(storage.save(&saved(4)), Some(true));
        assert_eq!(storage.save(&saved(3)), None);
        assert_eq!(storage.persisted().saved, Some(saved(4)));
        assert_eq!(storage.save(&saved(5)), Some(true));
    }

    #[wasm_bindgen_test]
    fn unreadable_data_is_ignored() {
        let storage = storage("garbage");
        for garbage in ["", "garbage", "7", "[]", "null", "\"x\""] {
            device().set_item(&storage.key, garbage).unwrap();
            assert_eq!(storage.persisted().saved, None, "{garbage}");
            assert_eq!(storage.save(&saved(1)), Some(true), "{garbage}");
        }
        let key = storage.command_key(&CommandId("x".into()));
        device().set_item(&key, "{\"custom_id\":").unwrap();
        assert!(storage.persisted().commands.is_empty());
    }

    /// Another version may have stored unknown members, or members of another type.
    #[wasm_bindgen_test]
    fn a_conversation_is_resumed_even_if_other_members_cannot_be_read() {
        let storage = storage("shapes");
        let odd = r#"{"session":{"id":"S","key":"K!=","poll_timeout":40000,"offset":71,"later":[]},
            "visitor_id":"v","outbox":[{"text":"x"},7,{"custom_id":"n-1","text":"Hi","said":"Text"}],
            "unsent":{},"draft":null,"opening":3,"term":"now"}"#;
        device().set_item(&storage.key, odd).unwrap();
        let kept = storage.persisted().saved.unwrap();
        assert_eq!(kept.session, saved(1).session);
        assert_eq!(kept.visitor_id.as_deref(), Some("v"));
        assert_eq!((kept.draft.as_str(), kept.term), ("", 0));
        let ids: Vec<&str> = kept.outbox.iter().map(|it| it.custom_id.as_str()).collect();
        assert_eq!(ids, ["n-1"]);
    }

    #[wasm_bindgen_test]
    fn a_command_is_stored_until_it_is_removed() {
        let storage = storage("commands");
        assert!(storage.save_command(&command("t-1", "Hi")));
        assert!(storage.save_command(&command("t-2", "Ho")));
        let texts = || {
            let mut kept = storage.persisted().commands;
            kept.sort_by(|a, b| a.id.cmp(&b.id));
            let text = |it: Command| it.pending.unwrap().text;
            kept.into_iter().map(text).collect::<Vec<_>>()
        };
        assert_eq!(texts(), ["Hi", "Ho"]);
        storage.remove_command(&CommandId("t-1".into()));
        assert_eq!(texts(), ["Ho"]);
    }

    #[wasm_bindgen_test]
    fn without_consent_nothing_is_stored() {
        let refused = Storage::new("consent", None, false);
        let before = device().length().unwrap();
        assert_eq!(refused.save(&saved(1)), Some(false));
        assert!(!refused.save_command(&command("t-1", "Hi")));
        assert!(!refused.write_lease(&Lease {
            holder: TabId("t".into()),
            until: 9
        }));
        refused.save_answers(&[Answer {
            field_id: "n".into(),
            values: vec!["Ada".into()],
        }]);
        assert_eq!(device().length().unwrap(), before);
        assert_eq!(refused.answers(), None);
    }

    #[wasm_bindgen_test]
    fn a_full_device_refuses() {
        let storage = storage("full");
        let large = Saved {
            draft: "x".repeat(20_000_000),
            ..saved(1)
        };
        assert_eq!(storage.save(&large), Some(false));
        assert_eq!(storage.save(&saved(1)), Some(true));
    }

    #[wasm_bindgen_test]
    fn the_lease_and_the_answers_are_read_as_written() {
        let storage = storage("lease");
        let lease = Lease {
            holder: TabId("a tab".into()),
            until: 1_767_225_600_000,
        };
        assert_eq!(storage.lease(), None);
        assert!(storage.write_lease(&lease));
        assert_eq!(storage.lease(), Some(lease));
        let answers = vec![Answer {
            field_id: "c".into(),
            values: vec!["0".into(), "1".into()],
        }];
        storage.save_answers(&answers);
        assert_eq!(storage.answers(), Some(answers));
        storage.save_answers(&[]);
        assert_eq!(storage.answers(), None);
    }

    #[wasm_bindgen(inline_js = "
        export async function stored_twice(key) {
            const opening = indexedDB.open('parlor', 1);
            const database = await new Promise((done) => (opening.onsuccess = () => done(opening.result)));
            const reading = database.transaction('kept').objectStore('kept').get(key);
            const kept = await new Promise((done) => (reading.onsuccess = () => done(reading.result)));
            database.close();
            return kept?.text;
        }
    ")]
    extern "C" {
        async fn stored_twice(key: &str) -> JsValue;
    }

    #[wasm_bindgen(raw_module = "./keep.js")]
    extern "C" {
        #[wasm_bindgen(thread_local_v2, js_name = restored)]
        static RESTORED: js_sys::Promise;
    }

    /// `localStorage` is written to the disk seconds later, IndexedDB at once.
    #[wasm_bindgen_test]
    async fn a_saved_session_is_in_indexed_db_too_and_a_lease_is_not() {
        // The chat starts after that. Until then the database is open for reading.
        wasm_bindgen_futures::JsFuture::from(RESTORED.with(Clone::clone))
            .await
            .unwrap();
        let storage = storage("twice");
        assert_eq!(storage.save(&saved(1)), Some(true));
        assert!(storage.write_lease(&Lease {
            holder: TabId("t".into()),
            until: 9
        }));
        let stored = stored_twice(&storage.key).await.as_string();
        assert_eq!(stored, Some(json::write(&saved(1))));
        assert!(stored_twice(&storage.lease_key()).await.is_undefined());
    }
}
