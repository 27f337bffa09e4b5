//! What people see and hear: signals in, `Intent` out. Nothing here fetches,
//! waits or keeps; each component has its style sheet of the same name.

mod announcer;
mod attach;
mod avatar;
mod carousel;
mod composer;
mod connection;
mod conversation;
mod earlier;
mod ended;
mod field;
mod file;
mod filling;
mod form;
mod formatted;
mod hello;
mod icon;
mod menu;
mod message;
mod mount;
mod part;
mod picture;
mod prechat;
mod rating;
mod rich;
mod sheet;
mod transcript;
mod waiting;
mod window;
mod words;

use std::ops::Deref;

use leptos::prelude::*;
use parlor_session::{Intent, Stage};
use web_sys::File;

use crate::{
    store::{Slot, Store},
    text::{self, Text, Times},
};

/// The chat's window, as a component that Leptos mounts.
// The macro writes `pub` of its own.
#[allow(unreachable_pub)]
#[component]
pub(crate) fn Window(room: Room) -> impl IntoView {
    mount::View::from(window::window(room))
}

/// What every component gets: a handle that is copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Room(&'static Inside);

/// It lives as long as the document.
pub(crate) struct Inside {
    pub(crate) store: &'static Store,
    pub(crate) text: Text,
    pub(crate) times: Times,
    /// Whether there is a page around us, which the window can be closed to.
    pub(crate) framed: bool,
    focus: Slot<u32>,
    /// Earlier conversations are being read, before a new one begins.
    reads: Slot<bool>,
    say: Box<dyn Fn(Intent)>,
    attach: Box<dyn Fn(File)>,
    leave: Box<dyn Fn()>,
}

impl Deref for Room {
    type Target = Inside;

    fn deref(&self) -> &Inside {
        self.0
    }
}

impl Room {
    /// Whether something can be said; follows.
    fn talks(self) -> bool {
        self.store.stage.with(Stage::is_conversation)
    }

    pub(crate) fn new(
        store: &'static Store,
        framed: bool,
        say: Box<dyn Fn(Intent)>,
        attach: Box<dyn Fn(File)>,
        leave: Box<dyn Fn()>,
    ) -> Self {
        let text = text::of_the_visitor();
        let wanted = leptos::prelude::window().navigator().language();
        Self(Box::leak(Box::new(Inside {
            store,
            text,
            times: Times::new(text.language(), &wanted.unwrap_or_default()),
            framed,
            focus: Slot::default(),
            reads: Slot::default(),
            say,
            attach,
            leave,
        })))
    }

    pub(crate) fn say(self, intent: Intent) {
        (self.say)(intent);
    }

    /// Somebody wants this file to go; its bytes are the driver's to read.
    fn attach(self, file: File) {
        (self.attach)(file);
    }

    /// Closes the window, where there is a page to close it to.
    pub(crate) fn leave(self) {
        (self.leave)();
    }

    /// Somebody has just acted and expects to go on by keyboard: the focus
    /// goes to the first thing to do, once it is drawn.
    pub(crate) fn ask_for_focus(self) {
        self.focus.update(|asked| *asked = asked.wrapping_add(1));
    }

    /// The name of who answers, or of the team where nobody does yet.
    fn answering(self) -> String {
        let agent = self
            .store
            .agent
            .with(|agent| Some(agent.as_ref()?.name.clone()));
        agent
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.team())
    }

    fn team(self) -> String {
        self.store
            .welcome
            .with(|welcome| Some(welcome.as_ref()?.team_name.clone()))
            .unwrap_or_default()
    }
}
