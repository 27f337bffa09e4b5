//! One quiet line while the connection is lost, which also says what becomes of messages written
//! meanwhile.

use leptos::prelude::*;
use parlor_session::Connection as ConnectionState;

use super::context::chat;
use crate::erased::{IntoBuilt, text};

#[component]
pub(super) fn Connection() -> impl IntoView {
    let chat = chat();
    let is_lost = move || chat.store.connection.get() == ConnectionState::Reconnecting;
    let sentence = move || match is_lost() {
        true => chat.text.reconnecting().to_owned(),
        false => String::new(),
    };
    view! {
        <div class="connection" role="status" class:on=is_lost>
            {text(sentence)}
        </div>
    }
    .built()
}
