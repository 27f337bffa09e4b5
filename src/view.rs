//! The components: signals in, `Intent` out. Nothing here fetches or stores, and a timer decides
//! only how long something is shown or announced. A component and its file share a name, and with
//! them the style sheet, where a component has one of its own. What all of them need comes by
//! [`ChatContext`].

#![allow(
    unreachable_pub,
    reason = "`#[component]` writes the properties of a component as `pub`"
)]

mod address;
mod announcer;
mod attach;
mod avatar;
mod callback;
mod carousel;
mod composer;
mod connection;
mod context;
mod conversation;
mod earlier;
mod emoji;
mod ended;
mod field;
mod file;
mod focus;
mod form;
mod form_state;
mod formatted;
mod header;
mod hello;
mod icon;
mod icon_button;
mod idle;
mod linked_text;
mod menu;
mod message;
mod message_left;
mod offline;
mod picture;
mod prechat;
mod rating;
mod rich;
mod sheet;
mod transcript;
mod transcript_request;
mod waiting;
mod window;

pub(crate) use context::ChatContext;
pub(crate) use window::Window;
