//! The addresses of uploaded files. They are stored as paths, and shown as
//! addresses of the endpoint as the reader reaches it, so that they stay good
//! when a site moves to another host. Events from before have whole addresses,
//! which are shown in the same way.

use parlor_wire::event::{Event as WireEvent, EventBody, File as WireFile};
use serde_json::{Map, Value};

use crate::files::FileVariant;

/// The path of downloads.
const FILES_PATH: &str = "/chat/files/";

/// The length of a file's key: 256 bits in base64url without padding.
const KEY_CHARS: usize = 43;

/// Members of events whose content is other people's JSON.
const FOREIGN: [&str; 2] = ["content", "properties"];

/// The path of a stored file.
pub(crate) fn path(key: &str, variant: FileVariant) -> String {
    format!("{FILES_PATH}{key}/{}", variant.as_str())
}

/// The key in the path or address of a file of this server.
pub(crate) fn key(url: &str) -> Option<&str> {
    let (_, after) = url.split_once(FILES_PATH)?;
    let (key, variant) = after.split_once('/')?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let whole = key.len() == KEY_CHARS && key.bytes().all(plain);
    (whole && variant == FileVariant::File.as_str()).then_some(key)
}

/// Shows the addresses of a file below `base`, the address of this endpoint
/// without a slash at its end. A file that is elsewhere stays as it is.
pub(crate) fn make_absolute(file: &mut WireFile, base: &str) {
    let Some(key) = key(&file.url).map(str::to_owned) else {
        return;
    };
    let address = |variant| format!("{base}{}", path(&key, variant));
    file.url = address(FileVariant::File);
    for (url, variant) in [
        (&mut file.thumbnail_url, FileVariant::Thumbnail),
        (&mut file.thumbnail2x_url, FileVariant::Thumbnail2x),
    ] {
        if let Some(url) = url {
            *url = address(variant);
        }
    }
}

/// The same for an event that may be a file.
pub(crate) fn make_absolute_in_event(event: &mut WireEvent, base: &str) {
    if let EventBody::File(file) = &mut event.body {
        make_absolute(file, base);
    }
}

/// The same for all events in a message. Returns whether one of them is a file
/// of this server.
pub(crate) fn make_absolute_in_json(value: &mut Value, base: &str) -> bool {
    match value {
        Value::Array(items) => {
            let files = items.iter_mut().map(|it| make_absolute_in_json(it, base));
            files.filter(|is_file| *is_file).count() > 0
        }
        Value::Object(fields) => {
            let is_file = make_absolute_in_fields(fields, base);
            let files = fields
                .iter_mut()
                .filter(|(name, _)| !FOREIGN.contains(&name.as_str()))
                .map(|(_, member)| make_absolute_in_json(member, base));
            files.filter(|is_file| *is_file).count() > 0 || is_file
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn make_absolute_in_fields(fields: &mut Map<String, Value>, base: &str) -> bool {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let Some(key) = text("url")
        .filter(|_| text("type") == Some("file"))
        .and_then(key)
    else {
        return false;
    };
    let key = key.to_owned();
    for (name, variant) in [
        ("url", FileVariant::File),
        ("thumbnail_url", FileVariant::Thumbnail),
        ("thumbnail2x_url", FileVariant::Thumbnail2x),
    ] {
        if let Some(url) = fields.get_mut(name) {
            *url = format!("{base}{}", path(&key, variant)).into();
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_addresses_of_this_server_contain_a_key() {
        let of = "k".repeat(43);
        for url in [
            format!("https://chat.example/chat/files/{of}/file"),
            format!("https://shop.example/support/chat/files/{of}/file"),
            format!("/chat/files/{of}/file"),
        ] {
            assert_eq!(key(&url), Some(of.as_str()));
        }
        for url in [
            format!("https://chat.example/chat/files/{of}/thumbnail"),
            format!("https://chat.example/chat/files/{of}x/file"),
            format!("https://chat.example/chat/files/{}/file", "%2e".repeat(14)),
            "https://chat.example/chat/files/../file".to_owned(),
            "https://example.com/image25.png".to_owned(),
            String::new(),
        ] {
            assert_eq!(key(&url), None, "{url}");
        }
    }

    #[test]
    fn files_are_shown_where_the_reader_is_and_nothing_else_changes() {
        let key = "k".repeat(43);
        let file = |base: &str| {
            json!({
                "type": "file",
                "url": format!("{base}/chat/files/{key}/file"),
                "thumbnail_url": format!("{base}/chat/files/{key}/thumbnail"),
                "name": "cat.png",
            })
        };
        let elsewhere = json!({"type": "file", "url": "https://example.com/cat.png",
            "thumbnail_url": format!("https://example.com/chat/files/{key}/file")});
        let message = |file: &Value| {
            json!({"thread": {"events": [
                file, elsewhere,
                {"type": "message", "text": format!("/chat/files/{key}/file"), "url": "x"},
                {"type": "custom", "content": file_kept(&key), "properties": {"a": file_kept(&key)}},
            ]}})
        };
        for old in ["", "http://127.0.0.1:8080", "https://old.example/support"] {
            for new in ["https://new.example", "https://shop.example/support", ""] {
                let mut shown = message(&file(old));
                assert!(make_absolute_in_json(&mut shown, new));
                assert_eq!(shown, message(&file(new)), "{old} {new}");
            }
        }
        let mut without = json!([elsewhere, {"type": "message", "text": "/chat/files/"}]);
        assert!(!make_absolute_in_json(&mut without, "https://new.example"));
    }

    /// What looks like a file in somebody else's JSON.
    fn file_kept(key: &str) -> Value {
        json!({"type": "file", "url": format!("https://old.example/chat/files/{key}/file")})
    }
}
