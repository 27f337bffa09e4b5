//! Which addresses the window follows, and which it fetches pictures from.

/// Whether the address is one of the web. Pictures are fetched from there alone.
pub(super) fn is_of_web(address: &str) -> bool {
    begins_with(address, "https://") || begins_with(address, "http://")
}

/// Whether a link may lead to the address: to the web, a mailbox or a telephone.
/// Other schemes can run scripts or open programs.
pub(super) fn may_lead(address: &str) -> bool {
    is_of_web(address) || begins_with(address, "mailto:") || begins_with(address, "tel:")
}

fn begins_with(address: &str, scheme: &str) -> bool {
    address
        .get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_web_a_mailbox_or_a_telephone() {
        for address in ["https://a.example", "HTTP://a", "mailto:a@b.c", "tel:+48"] {
            assert!(may_lead(address), "{address}");
        }
        for address in [
            "",
            "javascript:alert(1)",
            " https://a.example",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "//a.example",
            "blob:https://a.example/x",
            "intent://x",
        ] {
            assert!(!may_lead(address), "{address}");
        }
        assert!(!is_of_web("mailto:a@b.c"));
    }
}
