//! An agent's Markdown, as the endpoint parsed it. Every kind of node has its
//! element, and words are text nodes.
//!
//! Must stay true: a link leads only where [`may_lead`] allows.

use parlor_wire::visitor::{Node, NodeKind};

use super::{
    message::linked,
    part::{El, el, of_class},
    words::may_lead,
};

/// The endpoint nests sixteen deep at most; what is deeper is left out.
const DEPTH_MAX: u32 = 20;

pub(super) fn formatted(into: El, nodes: &[Node]) -> El {
    // Lists, too, run as their words do.
    all(into.attr("dir", "auto"), nodes, DEPTH_MAX, false)
}

fn all(into: El, nodes: &[Node], depth: u32, in_link: bool) -> El {
    let Some(depth) = depth.checked_sub(1) else {
        return into;
    };
    nodes
        .iter()
        .fold(into, |into, node| one(into, node, depth, in_link))
}

fn one(into: El, node: &Node, depth: u32, in_link: bool) -> El {
    let text = node.text.as_deref().unwrap_or_default();
    let href = node.href.as_deref().filter(|href| may_lead(href));
    let name = match &node.kind {
        NodeKind::Text if in_link => return into.text(text),
        NodeKind::Text => return linked(into, text),
        // The headings of a message are not those of the window.
        NodeKind::Paragraph | NodeKind::Heading => "p",
        NodeKind::List => "ul",
        NodeKind::OrderedList => "ol",
        NodeKind::Item => "li",
        NodeKind::Quote => "blockquote",
        NodeKind::CodeBlock => "pre",
        NodeKind::Rule => "hr",
        NodeKind::Strong => "strong",
        NodeKind::Emphasis => "em",
        NodeKind::Strike => "s",
        NodeKind::Code => "code",
        NodeKind::Break => "br",
        NodeKind::Link if href.is_some() && !in_link => "a",
        NodeKind::Link | NodeKind::Other(_) => "span",
    };
    let element = match (name, &node.kind) {
        ("a", _) => lead(el("a"), href.unwrap_or_default()),
        (_, NodeKind::Heading) => of_class(name, "formatted-heading"),
        _ => el(name),
    };
    let in_link = in_link || name == "a";
    into.child(all(element.text(text), &node.nodes, depth, in_link))
}

/// A link that opens beside the chat and tells nobody where it was.
pub(super) fn lead(link: El, href: &str) -> El {
    link.attr("href", href)
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
}
