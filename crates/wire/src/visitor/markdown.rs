//! An agent's Markdown, as the endpoint parsed it: a tree of a few kinds, so that
//! nobody who shows it parses anything or knows HTML. What a kind looks like is not
//! known here, and whether a link may be followed is asked again by who shows it.

use serde::{Deserialize, Serialize};

use crate::{lenient, word::words};

/// A block or a piece of a line (`docs/PROTOCOL.md`, 5, Markdown).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Node {
    pub kind: NodeKind,
    /// Of `text`, `code` and `code_block`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Of `link`: http, https, tel or mailto.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// Of `heading`, from 1 to 6.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    pub level: Option<u64>,
    /// What is in it; empty in those that have a text.
    #[serde(
        default,
        deserialize_with = "lenient::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub nodes: Vec<Node>,
}

impl Node {
    /// One that holds others.
    pub fn of(kind: NodeKind, nodes: Vec<Node>) -> Self {
        Self {
            kind,
            text: None,
            href: None,
            level: None,
            nodes,
        }
    }

    /// One that holds text.
    pub fn with_text(kind: NodeKind, text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::of(kind, Vec::new())
        }
    }
}

words! {
    /// What a node is.
    pub enum NodeKind {
        /// A block of lines.
        Paragraph => "paragraph",
        /// A title, by its level.
        Heading => "heading",
        /// Items without an order.
        List => "list",
        /// Items that are counted.
        OrderedList => "ordered_list",
        /// One of a list.
        Item => "item",
        /// Somebody else's words.
        Quote => "quote",
        /// Several lines as they are typed.
        CodeBlock => "code_block",
        /// A line across.
        Rule => "rule",
        /// Words.
        Text => "text",
        /// Louder.
        Strong => "strong",
        /// Stressed.
        Emphasis => "emphasis",
        /// Taken back.
        Strike => "strike",
        /// A piece of a line as it is typed.
        Code => "code",
        /// Words that lead to an address.
        Link => "link",
        /// The line ends.
        Break => "break",
    }
}
