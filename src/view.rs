//! The components: signals in, `Intent` out. Nothing here fetches, waits or stores. A component,
//! its file and its style sheet share a name; what all of them need comes by [`ChatContext`].

#![allow(
    unreachable_pub,
    reason = "`#[component]` writes the properties of a component as `pub`"
)]

mod address;
mod announcer;
mod attach;
mod avatar;
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
mod linked_text;
mod menu;
mod message;
mod picture;
mod prechat;
mod rating;
mod rich;
mod sheet;
mod transcript;
mod waiting;
mod window;

pub(crate) use context::ChatContext;
pub(crate) use window::Window;
