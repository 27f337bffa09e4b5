//! One quiet line while nothing can be received, with what happens to what is
//! written meanwhile.

use leptos::prelude::*;
use parlor_session::Connection;

use super::Room;

pub(super) fn connection(room: Room) -> impl IntoView {
    let lost = move || room.store.connection.get() == Connection::Reconnecting;
    view! {
        <div class="connection" role="status" class:on=lost>
            {move || lost().then_some(room.text.reconnecting)}
        </div>
    }
}
