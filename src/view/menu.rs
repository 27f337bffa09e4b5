//! The menu in the header: what can be done with the conversation as a whole.
//! A menu button as in WAI-ARIA's pattern.

use leptos::{ev, html, prelude::*};
use parlor_session::{Intent, Stage};

use super::{
    Room,
    icon::{MORE, icon},
    part::{Part, follow, live, part, value},
};

pub(super) fn menu(room: Room) -> Part {
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let item = NodeRef::<html::Button>::new();
    let offered = Memo::new(move |_| room.store.stage.with(can_end));
    follow(move || {
        if let (true, Some(item)) = (open.get(), item.get()) {
            // Whether it takes the focus is the browser's to say.
            let _ = item.focus();
        }
    });
    let close = move |focus: bool| {
        open.set(false);
        if let (true, Some(button)) = (focus, button.get_untracked()) {
            let _ = button.focus();
        }
    };
    let keys = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Escape" if open.get_untracked() => {
            event.prevent_default();
            close(true);
        }
        "Tab" => close(false),
        "ArrowDown" | "ArrowUp" => {
            event.prevent_default();
            open.set(true);
        }
        _ => {}
    };
    let end = move |_| {
        close(true);
        room.say(Intent::EndChat);
    };
    let popup = move || {
        open.get().then(|| {
            part(view! {
                <div class="menu-veil" on:click=move |_| close(true)></div>
                <div class="menu-popup" role="menu" aria-label=room.text.menu>
                    <button
                        type="button"
                        class="menu-item"
                        role="menuitem"
                        tabindex="-1"
                        node_ref=item
                        on:click=end
                    >
                        {room.text.end_chat}
                    </button>
                </div>
            })
        })
    };
    let expanded = value(move || Some(open.get().to_string()));
    live(move || {
        offered.get().then(|| {
            part(view! {
                <div class="menu" on:keydown=keys>
                    <button
                        type="button"
                        class="window-button"
                        aria-label=room.text.menu
                        aria-haspopup="menu"
                        aria-expanded=expanded
                        node_ref=button
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        {icon(MORE)}
                    </button>
                    {live(popup)}
                </div>
            })
        })
    })
}

fn can_end(stage: &Stage) -> bool {
    matches!(
        stage,
        Stage::Starting | Stage::Resuming | Stage::Waiting { .. } | Stage::Chatting
    )
}
