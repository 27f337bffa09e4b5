//! One quiet line while nothing can be received, with what happens to what is
//! written meanwhile.

use parlor_session::Connection;

use super::{
    Room,
    part::{Part, of_class},
};

pub(super) fn connection(room: Room) -> Part {
    let lost = move || room.store.connection.get() == Connection::Reconnecting;
    let said = move || match lost() {
        true => room.text.reconnecting().to_owned(),
        false => String::new(),
    };
    of_class("div", "connection")
        .attr("role", "status")
        .class_live("on", lost)
        .words(said)
        .into()
}
