//! What every component can reach, by Leptos' context.

use leptos::prelude::*;
use parlor_session::{Intent, Millis, Stage};
use parlor_wire::visitor::CallbackOffer;
use web_sys::File;

use crate::{
    store::Store,
    text::{self, Text, Times},
};

/// A handle that is copied freely. It is made once, and lives as long as the owner under which
/// it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChatContext {
    pub(crate) store: Store,
    pub(crate) text: Text,
    /// Whether there is a page around the window, which it can be closed to.
    pub(crate) framed: bool,
    /// Earlier conversations are shown, before a new one begins.
    pub(super) reads_earlier: RwSignal<bool>,
    /// The form of a callback is shown, or what becomes of the callback.
    pub(super) asks_callback: RwSignal<bool>,
    /// The form of a message is shown to a visitor who waits.
    pub(super) leaves_message: RwSignal<bool>,
    /// The visitor is asked to which address the conversation is mailed.
    pub(super) asks_address: RwSignal<bool>,
    /// Grows whenever the focus is asked for.
    pub(super) focus_requests: RwSignal<u32>,
    times: StoredValue<Times, LocalStorage>,
    on_intent: UnsyncCallback<Intent>,
    on_attach: UnsyncCallback<File>,
    on_close: UnsyncCallback<()>,
}

/// The context of the component that is being built.
pub(crate) fn chat() -> ChatContext {
    expect_context()
}

impl ChatContext {
    pub(crate) fn new(
        store: Store,
        framed: bool,
        on_intent: UnsyncCallback<Intent>,
        on_attach: UnsyncCallback<File>,
        on_close: UnsyncCallback<()>,
    ) -> Self {
        let text = text::for_visitor();
        let wanted = window().navigator().language().unwrap_or_default();
        Self {
            store,
            text,
            framed,
            reads_earlier: RwSignal::new(false),
            asks_callback: RwSignal::new(false),
            leaves_message: RwSignal::new(false),
            asks_address: RwSignal::new(false),
            focus_requests: RwSignal::new(0),
            times: StoredValue::new_local(Times::new(text.language(), &wanted)),
            on_intent,
            on_attach,
            on_close,
        }
    }

    /// Hands on what a person wants.
    pub(crate) fn send(self, intent: Intent) {
        self.on_intent.run(intent);
    }

    /// Sends this file; the driver reads its bytes.
    pub(super) fn attach(self, file: File) {
        self.on_attach.run(file);
    }

    /// Closes the window, where there is a page to close it to.
    pub(crate) fn close(self) {
        self.on_close.run(());
    }

    /// Moves the focus to the first thing to do, once it is drawn: somebody has just acted and
    /// expects to go on by keyboard.
    pub(crate) fn request_focus(self) {
        self.focus_requests
            .update(|requests| *requests = requests.wrapping_add(1));
    }

    /// Whether the conversation takes messages. Reactive.
    pub(super) fn is_open(self) -> bool {
        self.store.stage.with(Stage::is_conversation)
    }

    /// The name of who answers, or of the team where nobody does yet. Reactive.
    pub(super) fn answering(self) -> String {
        let agent = self.store.agent.with(|agent| {
            let agent = agent.as_ref()?;
            Some(agent.name.clone())
        });
        agent
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.team())
    }

    /// Reactive; empty until the deployment's settings have arrived.
    pub(super) fn team(self) -> String {
        self.store
            .welcome
            .with(|welcome| Some(welcome.as_ref()?.team_name.clone()))
            .unwrap_or_default()
    }

    /// When somebody answers who is not there now: as soon as they are back, or when the next
    /// working hours begin, in the visitor's own time. Reactive.
    pub(super) fn answer_later(self) -> String {
        let back_at = self.store.welcome.with(|welcome| {
            let back_at = welcome.as_ref()?.back_at.as_ref()?;
            parlor_session::moment(back_at)
        });
        match back_at.filter(|at| *at > self.store.now.get()) {
            Some(at) => {
                let moment = self.times.with_value(|times| times.moment(at));
                self.text.back_on(&moment)
            }
            None => self.text.answer_later().to_owned(),
        }
    }

    /// Whether a callback is offered in this place. Reactive.
    pub(super) fn offers_callback(self, place: fn(&CallbackOffer) -> bool) -> bool {
        self.store.welcome.with(|welcome| {
            let offer = welcome.as_ref().and_then(|it| it.callback.as_ref());
            offer.is_some_and(place)
        })
    }

    /// `2:05 PM`
    pub(super) fn time(self, at: Millis) -> String {
        self.times.with_value(|times| times.time(at))
    }

    /// The day of a moment: today, yesterday, or its date.
    pub(super) fn day(self, at: Millis) -> String {
        let day = text::local_day;
        match day(self.store.now.get_untracked()) - day(at) {
            0 => self.text.today().to_owned(),
            1 => self.text.yesterday().to_owned(),
            _ => self.times.with_value(|times| times.day(at)),
        }
    }
}
