//! A file that somebody put into the chat (Agent Chat API, File). The bytes are elsewhere;
//! this knows only where, and what the endpoint found out about them.

use serde::{Deserialize, Serialize};

use crate::lenient;

/// A file by its address. A sender gives `url` and perhaps `alternative_text`, the
/// server the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct File {
    /// As the person's machine calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 255))]
    pub name: Option<String>,
    /// Where it can be fetched.
    #[cfg_attr(feature = "openapi", schema(format = "uri", max_length = 2048))]
    pub url: String,
    /// Images only: a small picture of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub thumbnail_url: Option<String>,
    /// Images only: the same for dense screens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub thumbnail2x_url: Option<String>,
    /// MIME type, found by looking at the bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// In bytes.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    pub size: Option<u64>,
    /// Images only, in pixels.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    pub width: Option<u64>,
    /// Images only, in pixels.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    pub height: Option<u64>,
    /// Images only: what is to be seen, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternative_text: Option<String>,
}

impl File {
    /// A file of which nothing is known but where it is.
    pub fn at(url: String) -> Self {
        Self {
            name: None,
            url,
            thumbnail_url: None,
            thumbnail2x_url: None,
            content_type: None,
            size: None,
            width: None,
            height: None,
            alternative_text: None,
        }
    }
}
