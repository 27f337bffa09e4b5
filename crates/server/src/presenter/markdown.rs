//! Parses an agent's Markdown into the nodes of `docs/PROTOCOL.md`, 5
//! (Markdown): CommonMark with strikethrough, where line ends are kept.
//!
//! What must stay true: no node holds HTML; a link has one of four safe
//! schemes, or is plain text; a tree that is too large becomes no tree at all.

use parlor_wire::{
    limits::{MARKDOWN_DEPTH_MAX, MARKDOWN_NODES_MAX},
    visitor::{Node, NodeKind},
};
use pulldown_cmark::{Event, Options, Parser, Tag};
use url::Url;

/// The nodes of a text. Empty when the text has no markup, or when there would
/// be more nodes than `MARKDOWN_NODES_MAX` or deeper than `MARKDOWN_DEPTH_MAX`:
/// clients then show the text.
pub(super) fn nodes(text: &str) -> Vec<Node> {
    let mut tree = Tree::default();
    for event in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH) {
        tree.take(event);
        if tree.count > MARKDOWN_NODES_MAX || tree.open.len() > MARKDOWN_DEPTH_MAX {
            return Vec::new();
        }
    }
    match tree.done.iter().all(is_plain) {
        true => Vec::new(),
        false => tree.done,
    }
}

/// Whether the node is a paragraph of text and line breaks.
fn is_plain(node: &Node) -> bool {
    node.kind == NodeKind::Paragraph
        && node
            .nodes
            .iter()
            .all(|inner| matches!(inner.kind, NodeKind::Text | NodeKind::Break))
}

#[derive(Default)]
struct Tree {
    done: Vec<Node>,
    /// Open elements, outermost first. `None` for an element that has no node
    /// of its own: its children take its place.
    open: Vec<(Option<Node>, Vec<Node>)>,
    count: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open.push((opened(&tag), Vec::new())),
            Event::End(_) => self.close(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => self.put(Node::with_text(NodeKind::Code, &*text)),
            Event::SoftBreak | Event::HardBreak => {
                self.put(Node::of(NodeKind::Break, Vec::new()));
            }
            Event::Rule => self.put(Node::of(NodeKind::Rule, Vec::new())),
            // Extensions that the parser is not asked for.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text)
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn close(&mut self) {
        let Some((node, inner)) = self.open.pop() else {
            return;
        };
        match node {
            Some(node) if node.kind == NodeKind::CodeBlock => {
                let text: String = inner.into_iter().filter_map(|node| node.text).collect();
                self.put(Node::with_text(NodeKind::CodeBlock, text));
            }
            Some(node) => self.put(Node {
                nodes: inner,
                ..node
            }),
            None => inner.into_iter().for_each(|node| self.stand(node)),
        }
    }

    /// Adjacent texts become one node.
    fn text(&mut self, text: &str) {
        if let Some(last) = self.siblings().last_mut()
            && last.kind == NodeKind::Text
            && let Some(words) = &mut last.text
        {
            words.push_str(text);
            return;
        }
        self.put(Node::with_text(NodeKind::Text, text));
    }

    fn put(&mut self, node: Node) {
        self.count += 1;
        self.stand(node);
    }

    fn stand(&mut self, node: Node) {
        self.siblings().push(node);
    }

    fn siblings(&mut self) -> &mut Vec<Node> {
        match self.open.last_mut() {
            Some((_, inner)) => inner,
            None => &mut self.done,
        }
    }
}

/// The node that a tag opens; `None` for elements that are shown as their
/// children.
fn opened(tag: &Tag<'_>) -> Option<Node> {
    let kind = match tag {
        // A block of raw HTML is shown as a paragraph of its source.
        Tag::Paragraph | Tag::HtmlBlock => NodeKind::Paragraph,
        Tag::Heading { level, .. } => {
            return Some(Node {
                level: u64::try_from(*level as usize).ok(),
                ..Node::of(NodeKind::Heading, Vec::new())
            });
        }
        Tag::BlockQuote(_) => NodeKind::Quote,
        Tag::CodeBlock(_) => NodeKind::CodeBlock,
        Tag::List(None) => NodeKind::List,
        Tag::List(Some(_)) => NodeKind::OrderedList,
        Tag::Item => NodeKind::Item,
        Tag::Emphasis => NodeKind::Emphasis,
        Tag::Strong => NodeKind::Strong,
        Tag::Strikethrough => NodeKind::Strike,
        // An image becomes a link with its alternative text.
        Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
            return Some(Node {
                href: Some(leads_to(dest_url)?),
                ..Node::of(NodeKind::Link, Vec::new())
            });
        }
        _ => return None,
    };
    Some(Node::of(kind, Vec::new()))
}

/// The URL, if it has a scheme that a link may have.
fn leads_to(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https" | "tel" | "mailto").then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(text: &str) -> Value {
        serde_json::to_value(nodes(text)).unwrap()
    }

    fn text(text: &str) -> Value {
        json!({"kind": "text", "text": text})
    }

    #[test]
    fn every_kind_of_node() {
        let blocks = told(
            "# Title\n\nA *b* **c** ~~d~~ `e`\nnext [f](https://x.example/a?b) <tel:+1>\n\n\
             - one\n- two\n\n1. first\n\n> said\n\n```rust\nlet x = 1;\n```\n\n---",
        );
        assert_eq!(
            blocks,
            json!([
                {"kind": "heading", "level": 1, "nodes": [text("Title")]},
                {"kind": "paragraph", "nodes": [
                    text("A "),
                    {"kind": "emphasis", "nodes": [text("b")]},
                    text(" "),
                    {"kind": "strong", "nodes": [text("c")]},
                    text(" "),
                    {"kind": "strike", "nodes": [text("d")]},
                    text(" "),
                    {"kind": "code", "text": "e"},
                    {"kind": "break"},
                    text("next "),
                    {"kind": "link", "href": "https://x.example/a?b", "nodes": [text("f")]},
                    text(" "),
                    {"kind": "link", "href": "tel:+1", "nodes": [text("tel:+1")]},
                ]},
                {"kind": "list", "nodes": [
                    {"kind": "item", "nodes": [text("one")]},
                    {"kind": "item", "nodes": [text("two")]},
                ]},
                {"kind": "ordered_list", "nodes": [{"kind": "item", "nodes": [text("first")]}]},
                {"kind": "quote", "nodes": [{"kind": "paragraph", "nodes": [text("said")]}]},
                {"kind": "code_block", "text": "let x = 1;\n"},
                {"kind": "rule"},
            ])
        );
    }

    #[test]
    fn plain_text_has_no_nodes() {
        assert_eq!(told("hello\nthere, 2 < 3 & 4"), json!([]));
        assert_eq!(told(""), json!([]));
    }

    #[test]
    fn html_is_shown_as_text() {
        assert_eq!(
            told("*a* <b onclick=x>b</b>"),
            json!([{"kind": "paragraph", "nodes": [
                {"kind": "emphasis", "nodes": [text("a")]},
                text(" <b onclick=x>b</b>"),
            ]}])
        );
        let block = told("<script>alert(1)</script>\n\n*a*");
        assert_eq!(block[0]["nodes"][0], text("<script>alert(1)</script>\n"));
    }

    #[test]
    fn a_link_has_a_safe_scheme() {
        for address in [
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "/relative",
            "vbscript:x",
            "&#106;avascript:alert(1)",
        ] {
            assert_eq!(
                told(&format!("**a** [b]({address})")),
                json!([{"kind": "paragraph", "nodes": [
                    {"kind": "strong", "nodes": [text("a")]},
                    text(" "),
                    text("b"),
                ]}]),
                "{address}"
            );
        }
        assert_eq!(
            told("![a cat](https://x.example/cat.png)"),
            json!([{"kind": "paragraph", "nodes": [
                {"kind": "link", "href": "https://x.example/cat.png", "nodes": [text("a cat")]},
            ]}])
        );
    }

    #[test]
    fn too_many_or_too_deep_nodes_become_plain_text() {
        assert_eq!(
            told(&format!("{}deep", "> ".repeat(15)))
                .as_array()
                .unwrap()
                .len(),
            1
        );
        assert_eq!(told(&format!("{}deep", "> ".repeat(16))), json!([]));
        assert_eq!(told(&"*a* ".repeat(666)).as_array().unwrap().len(), 1);
        assert_eq!(told(&"*a* ".repeat(667)), json!([]));
        for hostile in ["[", "*_", "![", "<a ", "`", "- > "] {
            told(&hostile.repeat(16 * 1024 / hostile.len()));
        }
    }
}
