//! One quiet line while nothing can be received, with what happens to what is
//! written meanwhile.

use leptos::prelude::*;
use parlor_session::Connection;

use super::{
    Room,
    part::{Part, holds, part, words},
};

pub(super) fn connection(room: Room) -> Part {
    let lost = move || room.store.connection.get() == Connection::Reconnecting;
    let said = words(move || match lost() {
        true => room.text.reconnecting.to_owned(),
        false => String::new(),
    });
    part(view! { <div class="connection" role="status" class:on=holds(lost)>{said}</div> })
}
