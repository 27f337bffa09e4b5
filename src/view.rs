//! What people see and hear: signals in, `Intent` out. Nothing here fetches,
//! waits or keeps; each component has its style sheet of the same name.

mod announcer;
mod avatar;
mod composer;
mod connection;
mod conversation;
mod ended;
mod field;
mod hello;
mod icon;
mod menu;
mod message;
mod part;
mod prechat;
mod transcript;
mod waiting;
mod window;
mod words;

use std::rc::Rc;

use leptos::prelude::*;
use parlor_session::Intent;

use crate::{
    store::Store,
    text::{EN, Text, Times},
};

pub(crate) use window::window;

/// What every component gets. A handle.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    pub(crate) store: Store,
    pub(crate) text: &'static Text,
    pub(crate) times: StoredValue<Times, LocalStorage>,
    /// Whether there is a page around us, which the window can be closed to.
    pub(crate) framed: bool,
    focus: RwSignal<u32>,
    say: StoredValue<Rc<dyn Fn(Intent)>, LocalStorage>,
    leave: StoredValue<Rc<dyn Fn()>, LocalStorage>,
}

impl Room {
    pub(crate) fn new(
        store: Store,
        framed: bool,
        say: Rc<dyn Fn(Intent)>,
        leave: Rc<dyn Fn()>,
    ) -> Self {
        let text = &EN;
        let wanted = leptos::prelude::window().navigator().language();
        let times = Times::new(text.language, &wanted.unwrap_or_default());
        Self {
            store,
            text,
            times: StoredValue::new_local(times),
            framed,
            focus: RwSignal::new(0),
            say: StoredValue::new_local(say),
            leave: StoredValue::new_local(leave),
        }
    }

    pub(crate) fn say(&self, intent: Intent) {
        let say = self.say.get_value();
        say(intent);
    }

    /// Closes the window, where there is a page to close it to.
    pub(crate) fn leave(&self) {
        let leave = self.leave.get_value();
        leave();
    }

    /// Somebody has just acted and expects to go on by keyboard: the focus
    /// goes to the first thing to do, once it is drawn.
    pub(crate) fn ask_for_focus(&self) {
        self.focus.update(|asked| *asked = asked.wrapping_add(1));
    }

    /// The name of who answers, or of the team where nobody does yet.
    fn answering(&self) -> String {
        let agent = self
            .store
            .agent
            .with(|agent| Some(agent.as_ref()?.name.clone()));
        agent
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.team())
    }

    fn team(&self) -> String {
        let team = |welcome: &Option<parlor_wire::visitor::Welcome>| {
            Some(welcome.as_ref()?.team_name.clone())
        };
        self.store.welcome.with(team).unwrap_or_default()
    }
}
