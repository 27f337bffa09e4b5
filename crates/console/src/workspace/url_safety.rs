//! Decides which URLs from a chat may be linked, and from where its images may be loaded.
//! Everything that is not known to be harmless stays text, because a chat is written by strangers.

/// Whether the URL may be linked: `http(s)`, `mailto` and `tel` only.
pub fn is_safe_link(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once(':') else {
        return false;
    };
    let is = |known: &[&str]| known.iter().any(|it| scheme.eq_ignore_ascii_case(it));
    has_only_visible_chars(address)
        && ((is(&["http", "https"]) && rest.starts_with("//") && rest.len() > 2)
            || (is(&["mailto", "tel"]) && !rest.is_empty()))
}

/// Whether an image may be loaded from the URL: over `https`, or from this page's own origin.
pub(super) fn is_safe_image(address: &str, origin: &str) -> bool {
    let secure = address
        .split_at_checked("https://".len())
        .is_some_and(|(scheme, rest)| {
            scheme.eq_ignore_ascii_case("https://") && !rest.starts_with('/') && !rest.is_empty()
        });
    let ours = !origin.is_empty()
        && address
            .strip_prefix(origin)
            .is_some_and(|path| path.starts_with('/'));
    has_only_visible_chars(address) && (secure || ours)
}

/// The `tel:` URL of a phone number, whether it is written with `tel:` or as the number alone;
/// `None` if it is not a phone number.
pub(super) fn tel_href(number: &str) -> Option<String> {
    if is_safe_link(number) {
        let tel = number.get(..4)?.eq_ignore_ascii_case("tel:");
        return tel.then(|| number.to_owned());
    }
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let dialled = number
        .chars()
        .all(|it| it.is_ascii_digit() || " +-()./*#".contains(it));
    let kept = number
        .chars()
        .filter(|it| it.is_ascii_digit() || "+*#".contains(*it));
    // The shortest phone numbers anywhere have three digits.
    (dialled && digits >= 3).then(|| format!("tel:{}", kept.collect::<String>()))
}

/// Whether the URL is free of characters that a browser removes or converts when it parses a URL.
fn has_only_visible_chars(address: &str) -> bool {
    !address.chars().any(|it| it.is_control() || it == '\\')
}

#[cfg(test)]
mod tests {
    use super::{is_safe_image, is_safe_link, tel_href};

    const OURS: &str = "http://127.0.0.1:8080";

    #[test]
    fn only_web_mail_and_phone_links_are_safe() {
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "blob:https://example.com/x",
            "ftp://example.com",
            "file:///etc/passwd",
            "//example.com",
            "http:example",
            "https://",
            "ht\ttps://example.com",
            " https://example.com",
            "mailto:",
            "",
        ] {
            assert!(!is_safe_link(address), "{address:?}");
        }
        for address in [
            "HTTPS://example.com",
            "http://example.com/a?b#c",
            "mailto:ada@example.com",
            "tel:+49301234",
        ] {
            assert!(is_safe_link(address), "{address:?}");
        }
    }

    #[test]
    fn images_load_over_https_or_from_our_origin() {
        for address in [
            "https://example.com/a.png",
            "http://127.0.0.1:8080/chat/files/x/file",
        ] {
            assert!(is_safe_image(address, OURS), "{address:?}");
        }
        for address in [
            "http://example.com/a.png",
            "http://127.0.0.1:8080.example.com/a.png",
            "http://127.0.0.1:8080@example.com/a.png",
            "http://127.0.0.1:8080",
            "data:image/svg+xml,x",
            "javascript:1",
            "https:///x",
            "https://",
            "//example.com/a.png",
            "/a.png",
            "https:\\\\example.com",
            "é",
            "",
        ] {
            assert!(!is_safe_image(address, OURS), "{address:?}");
            assert!(!is_safe_image(address, "") || address.starts_with("https://e"));
        }
    }

    #[test]
    fn phone_numbers_in_any_notation() {
        for (number, wanted) in [
            ("790034890", Some("tel:790034890")),
            ("+49 (30) 12-34", Some("tel:+49301234")),
            ("tel:+1", Some("tel:+1")),
            ("https://example.com", None),
            ("javascript:1234", None),
            ("call me", None),
            ("12", None),
            ("", None),
        ] {
            assert_eq!(tel_href(number).as_deref(), wanted, "{number:?}");
        }
    }
}
