//! A file in the conversation: a picture that opens in the viewer, or a tile
//! with its name; and one that is being uploaded.
//!
//! Must stay true: links to files lead to the web alone, and only pictures are shown in the
//! window.

use std::sync::Arc;

use leptos::prelude::*;
use parlor_session::{Attachment, Intent, SendState};
use parlor_wire::event;

use super::{
    address::is_of_web,
    context::{ChatContext, chat},
    icon::{Icon, LOAD, PAPER},
    message::MessageAction,
    picture::{Picture, size},
    sheet,
};
use crate::erased::{Built, IntoBuilt, When};
use crate::store::Row;

/// The largest that a picture is shown, in pixels: the endpoint's thumbnails are not much larger.
const THUMBNAIL: (u64, u64) = (260, 320);

#[component]
pub(super) fn File(file: event::File) -> impl IntoView {
    let chat = chat();
    if let Some(size) = shown_size(&file) {
        return view! { <Thumbnail file size /> }.built();
    }
    let name = file_name(chat, &file);
    let mut about = file.content_type.clone().unwrap_or_default();
    if let Some(bytes) = file.size {
        if !about.is_empty() {
            about.push_str(" · ");
        }
        about.push_str(&chat.text.size(bytes));
    }
    // The site keeps files for a time, and takes their addresses away then.
    if file.url.is_empty() {
        about = chat.text.file_deleted().to_owned();
    }
    let download = name.clone();
    if !is_of_web(&file.url) {
        return view! {
            <div class="file">
                <Icon path=PAPER />
                <FileWords name about />
            </div>
        }
        .built();
    }
    view! {
        <a
            class="file"
            href=file.url
            target="_blank"
            rel="noopener noreferrer"
            download=download
        >
            <Icon path=PAPER />
            <FileWords name about />
            <span class="hidden">{chat.text.download()}</span>
            <Icon path=LOAD />
        </a>
    }
    .built()
}

/// The name of a file, or the word for one that has no name.
pub(super) fn file_name(chat: ChatContext, file: &event::File) -> String {
    let named = file.name.as_deref().filter(|name| !name.is_empty());
    named.unwrap_or(chat.text.file()).to_owned()
}

/// The size of a picture in pixels. None for a file that is no picture, or too large to be shown
/// as one: the endpoint gives it no size then.
fn shown_size(file: &event::File) -> Option<(u64, u64)> {
    let kind = file.content_type.as_deref().unwrap_or_default();
    let thumbnail = file.thumbnail_url.as_deref().unwrap_or(&file.url);
    let may_show = kind.starts_with("image/") && is_of_web(&file.url) && is_of_web(thumbnail);
    size(file.width, file.height).filter(|_| may_show)
}

/// A small picture that opens in the viewer when it is pressed.
#[component]
fn Thumbnail(file: event::File, size: (u64, u64)) -> impl IntoView {
    let chat = chat();
    let name = file_name(chat, &file);
    let words = file.alternative_text.unwrap_or_else(|| name.clone());
    let label = chat.text.show_picture(&words);
    let address = file.thumbnail_url.unwrap_or_else(|| file.url.clone());
    let open = move |_| sheet::open_picture(chat, &words, &file.url, &name);
    view! {
        <button class="file-picture" type="button" aria-label=label on:click=open>
            <Picture
                address
                dense=file.thumbnail2x_url
                words=String::new()
                size=Some(size)
                within=THUMBNAIL
            />
        </button>
    }
    .built()
}

#[component]
fn FileWords(name: String, about: String) -> impl IntoView {
    view! {
        <span class="file-words">
            <bdi class="file-name">{name}</bdi>
            <span class="file-about">{about}</span>
        </span>
    }
    .built()
}

/// One of the visitor's files while it is being uploaded. Why it failed, and what can be done
/// about that, stands below it as for every line.
#[component]
pub(super) fn Upload(row: Arc<Row>, upload: Attachment) -> impl IntoView {
    let chat = chat();
    let display = row.display.clone();
    let is_going = move || {
        display
            .with(|display| matches!(display.state, Some(SendState::Queued | SendState::Sending)))
    };
    let name = upload.name.clone();
    let progress = move || -> Built {
        let (id, percent) = (row.line.id.clone(), row.details().percent.clone());
        view! {
            <div class="file-going">
                <progress
                    class="file-progress"
                    max="100"
                    aria-label=name.clone()
                    value=move || percent.get().to_string()
                ></progress>
                <MessageAction
                    label=chat.text.cancel()
                    on_press=move || chat.send(Intent::Delete(id.clone()))
                />
            </div>
        }
        .built()
    };
    view! {
        <div class="file-upload">
            <div class="file">
                <Icon path=PAPER />
                <FileWords name=upload.name about=chat.text.size(upload.size) />
            </div>
            <When when=is_going>{progress()}</When>
        </div>
    }
    .built()
}
