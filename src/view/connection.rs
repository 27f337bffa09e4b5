//! One quiet line while the connection is lost or the endpoint is busy, which also says what becomes
//! of messages written meanwhile.

use leptos::prelude::*;
use parlor_session::Connection as ConnectionState;

use super::context::chat;
use crate::erased::{IntoBuilt, text};

#[component]
pub(super) fn Connection() -> impl IntoView {
    let chat = chat();
    let is_on = move || chat.store.connection.get() != ConnectionState::Connected;
    let sentence = move || match chat.store.connection.get() {
        ConnectionState::Connected => String::new(),
        ConnectionState::Reconnecting => chat.text.reconnecting().to_owned(),
        ConnectionState::Busy => chat.text.busy().to_owned(),
    };
    view! {
        <div class="connection" role="status" class:on=is_on>
            {text(sentence)}
        </div>
    }
    .built()
}
