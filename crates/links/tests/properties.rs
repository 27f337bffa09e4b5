//! What holds for the links of every text.

use std::time::{Duration, Instant};

use parlor_links::{Piece, links, pieces};
use proptest::prelude::*;

/// Texts that are likely to have links, and edges of links, in them.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => prop::sample::select(vec![
            "https://", "http://", "www.", "://", "@", "a.example", "shop.example", "ada", "/", "?", "#", ":", "8080", ".",
            "..", ",", "(", ")", "[", "]", "'", "’", "_", "*", "-", " ", "看", "です", "에서", "（", "）", "。", "，", "、",
            "।", "،", "👍", "❤️", "\u{200d}", "\u{200b}", "\u{ad}", "\u{200f}", "ü", "u\u{308}", "пример", "猫",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// A link that is one whole whatever stands around it.
fn whole_links() -> impl Strategy<Value = String> {
    let host = "[a-z]{1,8}(-[a-z]{1,4})?\\.(example|рф|中国)";
    let path = "(/[a-z0-9~=&%äя猫ー]{0,6}){0,3}(/[a-z猫]{1,4}_\\([a-z曖昧]{1,4}\\))?";
    prop_oneof![
        (host, path).prop_map(|(host, path)| format!("https://{host}{path}")),
        (host, path).prop_map(|(host, path)| format!("www.{host}{path}")),
        ("[a-z]{1,6}([.+][a-z0-9]{1,4})?", host)
            .prop_map(|(local, host)| format!("{local}@{host}")),
    ]
}

proptest! {
    #[test]
    fn links_are_in_order_and_between_characters(text in texts()) {
        let mut done = 0;
        for link in links(&text) {
            prop_assert!(link.start >= done);
            prop_assert!(!link.text.is_empty());
            prop_assert_eq!(text.get(link.start..link.start + link.text.len()), Some(link.text));
            done = link.start + link.text.len();
        }
    }

    #[test]
    fn pieces_are_the_whole_text(text in texts()) {
        let parts = pieces(&text);
        let texts = parts.iter().map(|piece| match piece {
            Piece::Text(text) | Piece::Link { text, .. } => *text,
        });
        prop_assert_eq!(texts.clone().collect::<String>(), text.as_str());
        prop_assert!(texts.into_iter().all(|text| !text.is_empty()));
    }

    #[test]
    fn a_link_alone_is_the_same_link(text in texts()) {
        for link in links(&text) {
            let alone: Vec<_> = links(link.text).map(|it| (it.text, it.kind)).collect();
            // A quotation mark or an underscore before it may have ended it earlier.
            prop_assert_eq!(alone, [(link.text, link.kind)]);
        }
    }

    #[test]
    fn words_around_a_link_leave_it_as_it_is(
        link in whole_links(),
        before in "[看請邮箱はの메。（「：，😀]{0,6}",
        behind in "([）」。，、！？；：…]|[ \u{3000}])[谢谢です。0-9a-z ]{0,6}",
    ) {
        let text = format!("{before}{link}{behind}");
        let found: Vec<_> = links(&text).map(|it| (it.start, it.text)).collect();
        prop_assert_eq!(found, [(before.len(), link.as_str())]);
    }
}

/// Reading a thousand kilobytes of what is worst for it takes a moment. Were the
/// time quadratic in the length, it would take minutes.
#[test]
fn a_long_text_is_read_in_linear_time() {
    for part in [
        "a",
        "h",
        "w",
        "@",
        ":",
        "www.",
        "http://",
        "https://a",
        "https://a.example/(",
        "https://a.example/)",
        "https://a:",
        "'https://a.example/'",
        "a@",
        "a@b",
        "a@b.",
        "a@b.c@",
        "x://",
        "看",
        "👍",
        "https://a.example/👍",
        "...",
        "a.",
        "-",
        "看a@",
        "_a@b.example_",
        "https://a.example/.",
    ] {
        let text = part.repeat(1_000_000 / part.len());
        let start = Instant::now();
        let found = links(&text).count();
        let spent = start.elapsed();
        assert!(
            spent < Duration::from_secs(10),
            "{part:?}: {spent:?} for {found} links"
        );
        let text = format!("https://a.example/{text}");
        let start = Instant::now();
        let _ = links(&text).count();
        let spent = start.elapsed();
        assert!(
            spent < Duration::from_secs(10),
            "behind an address, {part:?}: {spent:?}"
        );
    }
}
