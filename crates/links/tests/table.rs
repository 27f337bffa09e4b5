//! One table of texts and the links that a reader sees in them. What the widget
//! and the console show is held to these.

use parlor_links::{Piece, links, pieces};

const NONE: &[&str] = &[];

#[rustfmt::skip]
const TABLE: &[(&str, &[&str])] = &[
    // Latin sentences.
    ("see https://a.example/x?y=1&z=[2]#f.", &["https://a.example/x?y=1&z=[2]#f"]),
    ("(HTTP://a.example/b_(c))", &["HTTP://a.example/b_(c)"]),
    ("(see www.a.example).", &["www.a.example"]),
    ("\"https://a.example/\", he said", &["https://a.example/"]),
    ("<https://a.example/ä>", &["https://a.example/ä"]),
    ("https://äöü.example\u{a0}x", &["https://äöü.example"]),
    ("http://localhost:8080/x!?", &["http://localhost:8080/x"]),
    ("https://a.example/@b.example", &["https://a.example/@b.example"]),
    ("See https://a.example/x?y=1, www.b.example. or c@d.example!",
        &["https://a.example/x?y=1", "www.b.example", "c@d.example"]),
    ("See https://example.com/a?b=1, or mail ada@example.com.",
        &["https://example.com/a?b=1", "ada@example.com"]),
    ("https://a.example/x... and so on", &["https://a.example/x"]),
    ("https://a.example...and so on", &["https://a.example"]),
    ("https://a.example/x…and so on", &["https://a.example/x"]),
    ("https://a.example/x—an aside—", &["https://a.example/x"]),
    ("https://a.example/wiki/Michelson–Morley_experiment",
        &["https://a.example/wiki/Michelson–Morley_experiment"]),
    ("https://a.example: the shop", &["https://a.example"]),
    ("https://a.example/x: the shop", &["https://a.example/x"]),
    ("https://a.example’s cart", &["https://a.example"]),
    ("Link:https://a.example/", &["https://a.example/"]),
    ("at https://a.example?", &["https://a.example"]),
    ("https://a.example,https://b.example", &["https://a.example", "https://b.example"]),
    ("https://a.example,ada@b.example", &["https://a.example", "ada@b.example"]),
    ("https://a.example/old→https://a.example/new",
        &["https://a.example/old", "https://a.example/new"]),
    ("https://a.example/2020/https://b.example/", &["https://a.example/2020/https://b.example/"]),

    // Chinese, Japanese, Korean.
    ("手順は https://example.com/docs（図あり）です。", &["https://example.com/docs"]),
    ("看https://example.com/a，谢谢", &["https://example.com/a"]),
    ("邮箱ada@shop.example。", &["ada@shop.example"]),
    ("https://ja.wikipedia.org/wiki/猫_(曖昧さ回避)",
        &["https://ja.wikipedia.org/wiki/猫_(曖昧さ回避)"]),
    ("（https://ja.wikipedia.org/wiki/猫_(曖昧さ回避)）",
        &["https://ja.wikipedia.org/wiki/猫_(曖昧さ回避)"]),
    ("「https://a.example/x」『https://b.example/y』【https://c.example/z】",
        &["https://a.example/x", "https://b.example/y", "https://c.example/z"]),
    ("〈https://a.example/x〉《https://b.example/y》〔https://c.example/z〕",
        &["https://a.example/x", "https://b.example/y", "https://c.example/z"]),
    ("https://a.example/1、https://a.example/2；https://a.example/3：https://a.example/4",
        &["https://a.example/1", "https://a.example/2", "https://a.example/3", "https://a.example/4"]),
    ("https://a.example/1？https://a.example/2！https://a.example/3～https://a.example/4",
        &["https://a.example/1", "https://a.example/2", "https://a.example/3", "https://a.example/4"]),
    ("https://a.example/1……就这样", &["https://a.example/1"]),
    ("https://a.exampleをご覧ください", &["https://a.example"]),
    ("https://a.example에서 보세요", &["https://a.example"]),
    ("www.a.exampleは", &["www.a.example"]),
    ("网址:www.a.example/x。", &["www.a.example/x"]),
    ("请看www.a.example", &["www.a.example"]),
    ("ada@shop.exampleまで、またはbob@shop.exampleへ", &["ada@shop.example", "bob@shop.example"]),
    ("메일은ada@shop.example로", &["ada@shop.example"]),
    ("邮箱：用户@例子.广告。", &["用户@例子.广告"]),
    ("https://例子.中国/路径?键=值#节", &["https://例子.中国/路径?键=值#节"]),
    ("https://例子.中国。", &["https://例子.中国"]),
    ("https://ja.wikipedia.org/wiki/レオナルド・ダ・ヴィンチ・",
        &["https://ja.wikipedia.org/wiki/レオナルド・ダ・ヴィンチ"]),
    ("https://a.example/x　全角", &["https://a.example/x"]),
    ("https://a.example/x｡ﾊﾝｶｸ", &["https://a.example/x"]),

    // Other scripts.
    ("انظر https://a.example/x، شكرا", &["https://a.example/x"]),
    ("هل https://a.example/x؟", &["https://a.example/x"]),
    ("https://a.example/x؛ https://b.example/y۔", &["https://a.example/x", "https://b.example/y"]),
    ("https://fa.example/wiki/می\u{200c}خواهم", &["https://fa.example/wiki/می\u{200c}خواهم"]),
    ("\u{200f}https://a.example/x\u{200f} שלום", &["https://a.example/x"]),
    ("\u{202b}https://a.example/x\u{202c}", &["https://a.example/x"]),
    ("\u{2068}ada@shop.example\u{2069}", &["ada@shop.example"]),
    ("देखें https://a.example/x।", &["https://a.example/x"]),
    ("https://hi.example/विकि/भारत॥", &["https://hi.example/विकि/भारत"]),
    ("смотриhttps://пример.рф/путь.", &["https://пример.рф/путь"]),
    ("почта ada@пример.рф!", &["ada@пример.рф"]),
    ("ดูที่https://a.example/หน้า", &["https://a.example/หน้า"]),
    ("https://a.example/x። ተመልከት", &["https://a.example/x"]),

    // Quotation marks.
    ("„https://a.example/x“", &["https://a.example/x"]),
    ("“https://a.example/x”, she said", &["https://a.example/x"]),
    ("‘https://a.example/x’と", &["https://a.example/x"]),
    ("'https://a.example/x'and", &["https://a.example/x"]),
    ("«https://a.example/x» »https://b.example/y«", &["https://a.example/x", "https://b.example/y"]),
    ("‹https://a.example/x›", &["https://a.example/x"]),
    ("‚ada@shop.example‘", &["ada@shop.example"]),
    ("'ada@shop.example'", &["ada@shop.example"]),
    ("https://fr.example/wiki/L’Équipe", &["https://fr.example/wiki/L’Équipe"]),

    // Emoji and characters that nobody sees.
    ("👉https://a.example/x👈", &["https://a.example/x"]),
    ("https://a.example👍", &["https://a.example"]),
    ("https://a.example/x👩‍👩‍👧❤️!", &["https://a.example/x"]),
    ("https://a.example/wiki/👍", &["https://a.example/wiki/👍"]),
    ("https://a.example/i-❤️-ny", &["https://a.example/i-❤️-ny"]),
    ("https://❤.example/", &["https://❤.example/"]),
    ("👩‍💻ada@shop.example🎉", &["ada@shop.example"]),
    ("https://a.example/x\u{200b}y", &["https://a.example/x"]),
    ("https://a.example/x\u{ad}y", &["https://a.example/x"]),
    ("https://a.example/x\u{feff}", &["https://a.example/x"]),
    ("https://a.example/x\u{2060}.", &["https://a.example/x"]),
    ("https://a.example/x\u{200d}", &["https://a.example/x"]),
    ("https://a.example\0/x", &["https://a.example"]),

    // Parts of an address.
    ("https://user:pa%20ss@a.example:8443/x", &["https://user:pa%20ss@a.example:8443/x"]),
    ("https://a.example:80，", &["https://a.example:80"]),
    ("https://a.example:808080/", &["https://a.example"]),
    ("https://192.0.2.1/x", &["https://192.0.2.1/x"]),
    ("https://xn--bcher-kva.example?q=a(b)c[d]", &["https://xn--bcher-kva.example?q=a(b)c[d]"]),
    ("https://a.example/x#a(b", &["https://a.example/x#a(b"]),
    ("https://a.example/x(", &["https://a.example/x"]),
    ("https://a.example/~ada/", &["https://a.example/~ada/"]),
    ("https://my_host.a.example/x", &["https://my_host.a.example/x"]),
    ("https://a.example/x{id}", &["https://a.example/x"]),
    ("http://http://a.example", &["http://http"]),
    ("WwW.A.Example", &["WwW.A.Example"]),

    // Markdown and other markup.
    ("[text](https://a.example/x)more", &["https://a.example/x"]),
    ("[https://a.example/x]", &["https://a.example/x"]),
    ("![](https://a.example/x_(y).png)", &["https://a.example/x_(y).png"]),
    ("**https://a.example/x**", &["https://a.example/x"]),
    ("_https://a.example/x_", &["https://a.example/x"]),
    ("https://a.example/x_", &["https://a.example/x_"]),
    ("~~https://a.example/x~~", &["https://a.example/x"]),
    ("`https://a.example/x`", &["https://a.example/x"]),
    ("|https://a.example/x|https://b.example/y|", &["https://a.example/x", "https://b.example/y"]),
    ("*ada@shop.example* _bob@shop.example_", &["ada@shop.example", "bob@shop.example"]),
    ("- www.a.example\n- https://b.example\r\n", &["www.a.example", "https://b.example"]),
    ("href=https://a.example/x", &["https://a.example/x"]),

    // Mailboxes.
    ("mail c.d+e@f.example, please", &["c.d+e@f.example"]),
    ("(mailto:c@d.example)", &["c@d.example"]),
    ("ada@a-b.example.", &["ada@a-b.example"]),
    ("ä@b.example", &["ä@b.example"]),
    ("o'brien@shop.example", &["o'brien@shop.example"]),
    ("r&d@shop.example", &["r&d@shop.example"]),
    ("and...ada@shop.example", &["ada@shop.example"]),
    ("-ada@shop.example", &["ada@shop.example"]),
    ("a@b.example/c@d.example", &["a@b.example", "c@d.example"]),
    ("ada@shop.example:8080", &["ada@shop.example"]),
    ("www.a.example*b@c.example", &["www.a.example", "b@c.example"]),

    // No links.
    ("", NONE),
    ("https://", NONE),
    ("http:// a", NONE),
    ("https://-a", NONE),
    ("https://。", NONE),
    ("www.", NONE),
    ("www", NONE),
    ("www...", NONE),
    ("xhttps://a.example", NONE),
    ("caféhttps://a.example", NONE),
    ("ftp://www.a.example", NONE),
    ("ftp://a.example?to=https://b.example", NONE),
    ("ftp://ada:secret@a.example/x", NONE),
    ("git+https://a.example/x.git", NONE),
    ("ssh://git@a.example/www.b.example", NONE),
    ("javascript:alert(1)", NONE),
    ("javascript://a.example/%0aalert(1)", NONE),
    ("data:text/html,<b>x</b>", NONE),
    ("file:///etc/passwd", NONE),
    ("intent://a.example#Intent;end", NONE),
    ("readme.md", NONE),
    ("and so on...then", NONE),
    ("@a.example", NONE),
    ("a@b", NONE),
    ("a@.b", NONE),
    ("a@b..c", NONE),
    ("a @ b.example", NONE),
    ("ada@v1.1", NONE),
    ("ada@10.0.0.1", NONE),
    ("@ada@social.example", NONE),
    ("a@b.example@c.example", NONE),
    ("...@shop.example", NONE),
    ("。@shop.example", NONE),
];

#[test]
fn a_text_has_the_links_that_a_reader_sees() {
    let mut wrong = Vec::new();
    for (text, wanted) in TABLE {
        let found: Vec<&str> = links(text).map(|link| link.text).collect();
        if found != *wanted {
            wrong.push(format!("{text:?}: {found:?}, not {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_link_leads_where_it_says() {
    for (text, wanted) in [
        ("https://a.example/x", "https://a.example/x"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("www.a.example", "https://www.a.example"),
        ("ada@shop.example", "mailto:ada@shop.example"),
    ] {
        let href = wanted.to_owned();
        assert_eq!(pieces(text), [Piece::Link { href, text }]);
    }
}

#[test]
fn pieces_are_what_is_between_links_too() {
    let text = "看https://a.example/x，谢谢ada@shop.example";
    let href = "https://a.example/x".to_owned();
    let mailto = "mailto:ada@shop.example".to_owned();
    let link = "https://a.example/x";
    let mailbox = "ada@shop.example";
    assert_eq!(
        pieces(text),
        [
            Piece::Text("看"),
            Piece::Link { href, text: link },
            Piece::Text("，谢谢"),
            Piece::Link {
                href: mailto,
                text: mailbox
            },
        ]
    );
}
