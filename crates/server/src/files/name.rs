//! Makes file names safe to show and to save under.

use parlor_wire::limits::FILE_NAME_MAX_BYTES;

/// Extensions that a detected type may have: a file that is an image but also
/// valid HTML must not be saved as HTML.
const ENDINGS: [(&str, &[&str]); 6] = [
    ("image/png", &["png"]),
    ("image/jpeg", &["jpg", "jpeg", "jfif"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("application/pdf", &["pdf"]),
    (
        "text/plain",
        &[
            "txt", "text", "md", "csv", "tsv", "log", "json", "ini", "yml", "yaml",
        ],
    ),
];

/// The last part of a path, without deceptive characters, and with an extension
/// that matches the type.
pub(crate) fn sanitize(name: &str, content_type: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = last.chars().filter(|c| !is_hidden(*c)).collect();
    let bare = visible.trim_matches(|c: char| c.is_whitespace() || c == '.');
    let bare = if bare.is_empty() { "file" } else { bare };
    let (stem, ending) = match bare.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, Some(ending)),
        _ => (bare, None),
    };
    let allowed = ENDINGS
        .iter()
        .find(|(kind, _)| *kind == content_type)
        .map(|(_, endings)| *endings);
    let (stem, ending) = match (allowed, ending) {
        (Some(allowed), Some(ending)) if allowed.contains(&ending.to_lowercase().as_str()) => {
            (stem, format!(".{ending}"))
        }
        (Some(allowed), _) => (
            bare,
            format!(".{}", allowed.first().copied().unwrap_or_default()),
        ),
        (None, Some(ending)) => (stem, format!(".{ending}")),
        (None, None) => (stem, String::new()),
    };
    let ending = shortened(&ending, FILE_NAME_MAX_BYTES / 2);
    let room = FILE_NAME_MAX_BYTES - ending.len();
    format!("{}{ending}", shortened(stem, room))
}

/// Control characters, and characters that change the direction of text, so
/// that `gnp.exe` would be displayed as `exe.png`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn shortened(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_sanitized() {
        for (name, kind, cleaned) in [
            ("cat.png", "image/png", "cat.png"),
            ("../../etc/passwd", "text/plain", "passwd.txt"),
            ("..\\..\\boot.ini", "text/plain", "boot.ini"),
            ("C:\\fake path\\Ä b.JPEG", "image/jpeg", "Ä b.JPEG"),
            ("/", "image/png", "file.png"),
            ("", "application/zip", "file"),
            ("...", "application/pdf", "file.pdf"),
            (".htaccess", "text/plain", "htaccess.txt"),
            ("page.html", "image/png", "page.html.png"),
            ("a\r\nb\0.png", "image/png", "ab.png"),
            ("exe\u{202e}gnp.exe", "image/png", "exegnp.exe.png"),
            ("archive.tar.gz", "application/gzip", "archive.tar.gz"),
        ] {
            assert_eq!(sanitize(name, kind), cleaned, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let long = sanitize(&format!("{}.png", "ß".repeat(500)), "image/png");
        assert!(long.len() <= FILE_NAME_MAX_BYTES && long.len() > 250);
        assert!(long.ends_with("ß.png"), "{long}");
        let ending = sanitize(&format!("a.{}", "b".repeat(500)), "application/zip");
        assert!(ending.len() <= FILE_NAME_MAX_BYTES, "{ending}");
    }
}
