//! A file in the conversation: a picture that opens in the viewer, or a tile
//! with its name; and one that is on its way.
//!
//! Must stay true: a file is only ever led to on the web, and never shown as
//! anything but a picture.

use std::rc::Rc;

use parlor_session::{Attachment, Intent, SendState};
use parlor_wire::event::File;

use super::{
    Room,
    formatted::lead,
    icon::{LOAD, PAPER, icon},
    part::{El, of_class, switch},
    picture::{Picture, picture, size},
    sheet::viewer,
    words::is_of_web,
};
use crate::store::Row;

/// The endpoint's thumbnails are not much larger.
const THUMBNAIL: (u64, u64) = (260, 320);

pub(super) fn file(room: Room, file: &File) -> El {
    thumbnail(room, file).unwrap_or_else(|| {
        let name = name(room, file);
        let mut about = file.content_type.clone().unwrap_or_default();
        if let Some(bytes) = file.size {
            if !about.is_empty() {
                about.push_str(" · ");
            }
            about.push_str(&room.text.size(bytes));
        }
        let words = tile_words(&name, &about);
        if !is_of_web(&file.url) {
            return of_class("div", "file").child(icon(PAPER)).child(words);
        }
        let words = words.child(of_class("span", "hidden").text(room.text.download()));
        lead(of_class("a", "file"), &file.url)
            .attr("download", &name)
            .child(icon(PAPER))
            .child(words)
            .child(icon(LOAD))
    })
}

/// What it is called; nothing is said of a file that has no name.
pub(super) fn name(room: Room, file: &File) -> String {
    let named = file.name.as_deref().filter(|name| !name.is_empty());
    named.unwrap_or(room.text.file()).to_owned()
}

/// None for what is no picture, or too large to be shown as one: the endpoint
/// gives it no size then.
fn thumbnail(room: Room, file: &File) -> Option<El> {
    let kind = file.content_type.as_deref().unwrap_or_default();
    let size = size(file.width, file.height)?;
    if !kind.starts_with("image/") || !is_of_web(&file.url) {
        return None;
    }
    let words = file.alternative_text.clone();
    let words = words.unwrap_or_else(|| name(room, file));
    let small = file.thumbnail_url.as_deref().unwrap_or(&file.url);
    let image = picture(Picture {
        address: small,
        words: "",
        size: Some(size),
        within: THUMBNAIL,
    })?;
    let dense = file.thumbnail2x_url.as_deref().filter(|it| is_of_web(it));
    let image = match dense {
        Some(dense) => image.attr("srcset", &[small, " 1x, ", dense, " 2x"].concat()),
        None => image,
    };
    let (shown, kept) = (file.url.clone(), name(room, file));
    let show = room.text.show_picture(&words);
    let button = of_class("button", "file-picture")
        .attr("type", "button")
        .attr("aria-label", &show)
        .child(image)
        .press(move || viewer(room, &words, &shown, &kept));
    Some(button)
}

fn tile_words(name: &str, about: &str) -> El {
    of_class("span", "file-words")
        .child(of_class("bdi", "file-name").text(name))
        .child(of_class("span", "file-about").text(about))
}

/// One of the visitor's that is on its way. Why it did not get through, and
/// what to do about it, is said below it as for every line.
pub(super) fn upload(room: Room, row: &Rc<Row>, it: &Attachment) -> El {
    let (row, name) = (row.clone(), it.name.clone());
    let state = row.clone();
    let going = switch(
        move || state.shown.with(|shown| u32::from(is_going(shown.state))),
        move |going| {
            let percent = row.clone();
            let (id, cancel) = (row.line.id.clone(), room.text.cancel());
            let bar = of_class("progress", "file-progress")
                .attr("max", "100")
                .attr("aria-label", &name)
                .attr_live("value", move || Some(percent.percent.get().to_string()));
            let cancel = of_class("button", "message-way")
                .attr("type", "button")
                .text(cancel)
                .press(move || room.say(Intent::Delete(id.clone())));
            let going_on = of_class("div", "file-going").child(bar).child(cancel);
            (going > 0).then(|| going_on.into())
        },
    );
    let words = tile_words(&it.name, &room.text.size(it.size));
    let tile = of_class("div", "file").child(icon(PAPER)).child(words);
    of_class("div", "file-upload").child(tile).child(going)
}

fn is_going(state: Option<SendState>) -> bool {
    matches!(state, Some(SendState::Queued | SendState::Sending))
}
