//! Files that the visitor sends: chosen by a button, dropped on the window, or pasted. Which of
//! them may be sent is decided by the session, which says so in their lines.

use leptos::{
    ev::{ClipboardEvent, DragEvent},
    html,
    prelude::*,
};
use parlor_session::Stage;
use web_sys::{DataTransfer, FileList};

use super::{
    context::{ChatContext, chat},
    icon::CLIP,
    icon_button::IconButton,
};
use crate::erased::{Built, IntoBuilt, dynamic};

/// The button, where the deployment takes files.
#[component]
pub(super) fn AttachButton() -> impl IntoView {
    let chat = chat();
    let types = Memo::new(move |_| {
        chat.store.welcome.with(|welcome| {
            let files = welcome.as_ref()?.files.as_ref()?;
            Some(files.types.join(","))
        })
    });
    dynamic(move || match types.get() {
        Some(types) => view! { <FileChooser types /> }.built(),
        None => Built::nothing(),
    })
}

#[component]
fn FileChooser(
    /// MIME types, separated by commas.
    types: String,
) -> impl IntoView {
    let chat = chat();
    let input = NodeRef::<html::Input>::new();
    let on_change = move |_| {
        if let Some(input) = input.get_untracked() {
            attach_all(chat, input.files());
            // So that the same file may be chosen again.
            input.set_value("");
        }
    };
    let choose = move || {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    view! {
        <input
            hidden=true
            type="file"
            multiple=true
            accept=types
            node_ref=input
            on:change=on_change
        />
        <IconButton class="composer-attach" name=chat.text.attach() icon=CLIP on_press=choose />
    }
    .built()
}

/// Attaches pasted files. Text is pasted as text, also where the clipboard holds a picture of it
/// beside, as some programs do.
pub(super) fn attach_pasted(chat: ChatContext, event: &ClipboardEvent) {
    if let Some(pasted) = event.clipboard_data()
        && takes_files(chat)
        && has_type(&pasted, "Files")
        && !has_type(&pasted, "text/plain")
    {
        event.prevent_default();
        attach_all(chat, pasted.files());
    }
}

/// Attaches files that are dropped on an element, which gets both listeners. Where no files are
/// taken, the browser still must not open a dropped one in place of the window.
#[derive(Debug, Clone, Copy)]
pub(super) struct DropZone {
    chat: ChatContext,
    /// Files that would be taken are held over the element.
    hovering: RwSignal<bool>,
}

impl DropZone {
    pub(super) fn new(chat: ChatContext) -> Self {
        Self {
            chat,
            hovering: RwSignal::new(false),
        }
    }

    pub(super) fn on_dragover(self, event: &DragEvent) {
        if event
            .data_transfer()
            .is_some_and(|held| has_type(&held, "Files"))
        {
            event.prevent_default();
            self.hovering.set(takes_files(self.chat));
        }
    }

    pub(super) fn on_drop(self, event: &DragEvent) {
        if let Some(dropped) = event.data_transfer()
            && has_type(&dropped, "Files")
        {
            event.prevent_default();
            self.hovering.set(false);
            if takes_files(self.chat) {
                attach_all(self.chat, dropped.files());
            }
        }
    }
}

/// Covers the window while files hover over it.
#[component]
pub(super) fn DropHint(zone: DropZone) -> impl IntoView {
    let hovering = zone.hovering;
    view! {
        <div
            class="attach-hint"
            class:on=move || hovering.get()
            on:dragleave=move |_| hovering.set(false)
        >
            {zone.chat.text.drop_here()}
        </div>
    }
    .built()
}

/// Whether there is a conversation to send files in, and the deployment takes them.
fn takes_files(chat: ChatContext) -> bool {
    let allowed = chat.store.welcome.with_untracked(|welcome| {
        let welcome = welcome.as_ref();
        welcome.is_some_and(|welcome| welcome.files.is_some())
    });
    allowed && chat.store.stage.with_untracked(Stage::is_conversation)
}

fn attach_all(chat: ChatContext, files: Option<FileList>) {
    let Some(files) = files else { return };
    for n in 0..files.length() {
        if let Some(file) = files.item(n) {
            chat.attach(file);
        }
    }
}

fn has_type(transfer: &DataTransfer, kind: &str) -> bool {
    transfer.types().includes(&kind.into(), 0)
}
