//! An agent's Markdown, as the endpoint parsed it: one element for each node, and text nodes.
//!
//! Must stay true: a link leads only where [`may_lead`] allows.

use leptos::prelude::*;
use parlor_wire::visitor::{Node, NodeKind};

use super::{address::may_lead, linked_text::LinkedText};
use crate::erased::{Built, IntoBuilt};

/// The endpoint nests sixteen deep at most; what is deeper is left out.
const DEPTH_MAX: u32 = 20;

#[component]
pub(super) fn Formatted(nodes: Vec<Node>) -> impl IntoView {
    children(&nodes, DEPTH_MAX, false)
}

fn children(nodes: &[Node], depth: u32, in_link: bool) -> Vec<Built> {
    let Some(depth) = depth.checked_sub(1) else {
        return Vec::new();
    };
    nodes
        .iter()
        .map(|node| element(node, depth, in_link))
        .collect()
}

fn element(node: &Node, depth: u32, in_link: bool) -> Built {
    let text = node.text.clone().unwrap_or_default();
    if node.kind == NodeKind::Text {
        return match in_link {
            true => text.built(),
            false => view! { <LinkedText text /> }.built(),
        };
    }
    let href = node.href.clone().filter(|href| !in_link && may_lead(href));
    let is_link = node.kind == NodeKind::Link && href.is_some();
    let inside = (text, children(&node.nodes, depth, in_link || is_link)).built();
    match &node.kind {
        NodeKind::Paragraph => view! { <p>{inside}</p> }.built(),
        // The headings of a message are not those of the window.
        NodeKind::Heading => view! { <p class="formatted-heading">{inside}</p> }.built(),
        NodeKind::List => view! { <ul>{inside}</ul> }.built(),
        NodeKind::OrderedList => view! { <ol>{inside}</ol> }.built(),
        NodeKind::Item => view! { <li>{inside}</li> }.built(),
        NodeKind::Quote => view! { <blockquote>{inside}</blockquote> }.built(),
        NodeKind::CodeBlock => view! { <pre>{inside}</pre> }.built(),
        NodeKind::Rule => view! { <hr /> }.built(),
        NodeKind::Strong => view! { <strong>{inside}</strong> }.built(),
        NodeKind::Emphasis => view! { <em>{inside}</em> }.built(),
        NodeKind::Strike => view! { <s>{inside}</s> }.built(),
        NodeKind::Code => view! { <code>{inside}</code> }.built(),
        NodeKind::Break => view! { <br /> }.built(),
        NodeKind::Link if is_link => view! {
            <a href=href target="_blank" rel="noopener noreferrer">
                {inside}
            </a>
        }
        .built(),
        NodeKind::Text | NodeKind::Link | NodeKind::Other(_) => {
            view! { <span>{inside}</span> }.built()
        }
    }
}
