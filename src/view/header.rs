//! The top of the window: who answers, the way back, the menu, and the way out.

use leptos::prelude::*;
use parlor_session::{Intent, Stage};

use super::{
    avatar::Avatar,
    context::chat,
    icon::{BACK, DOWN},
    icon_button::IconButton,
    menu::Menu,
    window::Scene,
};
use crate::erased::{Built, IntoBuilt, When, dynamic, text};

#[component]
pub(super) fn Header() -> impl IntoView {
    let chat = chat();
    let may_go_back = move || {
        chat.reads_earlier.get()
            || matches!(
                Scene::current(chat),
                Scene::Prechat | Scene::Offline | Scene::Callback
            )
            || chat.store.stage.with(|stage| *stage == Stage::MessageLeft)
    };
    let go_back = move || {
        chat.reads_earlier.set(false);
        chat.asks_callback.set(false);
        chat.leaves_message.set(false);
        chat.send(Intent::BackToHello);
        chat.request_focus();
    };
    let face = dynamic(move || match chat.store.agent.get() {
        Some(agent) => view! { <Avatar name=agent.name picture=agent.avatar /> }.built(),
        None => Built::nothing(),
    });
    // While nobody answers, the team's name stands in the first line.
    let team = move || match chat.store.agent.with(Option::is_some) {
        true => chat.team(),
        false => String::new(),
    };
    let minimise = chat.framed.then(|| {
        view! {
            <IconButton
                class="window-button"
                name=chat.text.minimise()
                icon=DOWN
                on_press=move || chat.close()
            />
        }
    });
    view! {
        <header class="window-header">
            <When when=may_go_back>
                <IconButton
                    class="window-button back"
                    name=chat.text.back()
                    icon=BACK
                    on_press=go_back
                />
            </When>
            {face}
            <div class="window-who">
                <h1 class="window-name">{text(move || chat.answering())}</h1>
                <p class="window-team">{text(team)}</p>
            </div>
            <Menu />
            {minimise}
        </header>
    }
    .built()
}
