//! Detects the type of a file from its bytes.

use std::mem;

/// The signatures of types are in the first bytes; some archives have theirs
/// later.
const HEAD_BYTES: usize = 8 * 1024;

/// Inspects a file while it is received.
#[derive(Debug, Default)]
pub(super) struct Sniffer {
    head: Vec<u8>,
    size: u64,
    text: Text,
}

impl Sniffer {
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let wanted = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend(chunk.iter().take(wanted));
        self.size = self
            .size
            .saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        self.text.push(chunk);
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The MIME type of the bytes so far.
    pub(super) fn content_type(&self) -> String {
        let text = self.text.is_clean();
        let known = infer::get(&self.head)
            // A text that happens to begin with a media signature is still a
            // text.
            .filter(|kind| !text || !is_media(kind.mime_type()))
            .map(|kind| kind.mime_type().to_owned());
        known.unwrap_or_else(|| {
            match text {
                true => self.kind_of_text(),
                false => "application/octet-stream",
            }
            .to_owned()
        })
    }

    /// Markup is not plain text: a browser that opens it by its file name runs
    /// the scripts in it.
    fn kind_of_text(&self) -> &'static str {
        let head = String::from_utf8_lossy(&self.head).to_lowercase();
        let head = head.trim_start_matches('\u{feff}').trim_start();
        match head.starts_with('<') {
            true if head.contains("<svg") => "image/svg+xml",
            true => "text/html",
            false => "text/plain",
        }
    }
}

fn is_media(mime_type: &str) -> bool {
    ["image/", "audio/", "video/", "font/"]
        .iter()
        .any(|family| mime_type.starts_with(family))
}

/// Whether the bytes so far are UTF-8 without control characters.
#[derive(Debug, Default)]
struct Text {
    broken: bool,
    /// The first bytes of a character that continues in the next chunk.
    open: Vec<u8>,
}

impl Text {
    fn push(&mut self, chunk: &[u8]) {
        if self.broken {
            return;
        }
        let mut bytes = mem::take(&mut self.open);
        bytes.extend_from_slice(chunk);
        let whole = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                let (whole, open) = bytes.split_at(error.valid_up_to());
                self.open = open.to_vec();
                std::str::from_utf8(whole).unwrap_or_default()
            }
            Err(_) => {
                self.broken = true;
                return;
            }
        };
        let line_ends = ['\t', '\n', '\r', '\u{c}'];
        self.broken = whole
            .chars()
            .any(|c| c.is_control() && !line_ends.contains(&c));
    }

    fn is_clean(&self) -> bool {
        !self.broken && self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(bytes: &[u8]) -> String {
        let mut whole = Sniffer::default();
        whole.push(bytes);
        let mut piecemeal = Sniffer::default();
        for byte in bytes {
            piecemeal.push(&[*byte]);
        }
        assert_eq!(whole.content_type(), piecemeal.content_type());
        whole.content_type()
    }

    #[test]
    fn types_are_detected_from_bytes() {
        for (bytes, kind) in [
            (b"\x89PNG\r\n\x1a\n....".as_slice(), "image/png"),
            (b"\xff\xd8\xff\xe0....", "image/jpeg"),
            (b"GIF89a\x01\0..", "image/gif"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"PK\x03\x04....", "application/zip"),
            ("grüße, ☺\r\n\tzwei".as_bytes(), "text/plain"),
            (b"BMW and not a bitmap", "text/plain"),
            (b"GIF89a is a format", "text/plain"),
            (b"<!DOCTYPE html><script>", "text/html"),
            (b"\xef\xbb\xbf <b onclick=x>hi", "text/html"),
            (b"<svg onload=alert(1)>", "image/svg+xml"),
            (b"<?xml version='1.0'?><svg/>", "text/xml"),
            (b"#!/bin/sh\n", "text/x-shellscript"),
            (b"a\0b", "application/octet-stream"),
            (b"caf\xe9", "application/octet-stream"),
            (b"cut in a charact\xc3", "application/octet-stream"),
            (b"\x1b[31mred", "application/octet-stream"),
        ] {
            assert_eq!(sniffed(bytes), kind, "{}", bytes.escape_ascii());
        }
    }
}
