//! Cards, stickers and quick replies (Agent Chat API, Rich message). How one looks and what
//! a press does is decided where it is shown; an address in it may have any scheme,
//! and whoever shows it follows only those that are safe.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::lenient;
use crate::word::words;

/// Elements, and the way to show them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RichMessage {
    /// How to show them.
    pub template_id: Template,
    /// At most 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub elements: Option<Vec<Element>>,
}

impl RichMessage {
    /// The elements; none is an empty list.
    pub fn elements(&self) -> &[Element] {
        self.elements.as_deref().unwrap_or_default()
    }

    /// All buttons, of whichever element.
    pub fn buttons(&self) -> impl Iterator<Item = &Button> {
        self.elements().iter().flat_map(Element::buttons)
    }

    /// All buttons, to be changed.
    pub fn buttons_mut(&mut self) -> impl Iterator<Item = &mut Button> {
        let elements = self.elements.iter_mut().flatten();
        elements.flat_map(|element| element.buttons.iter_mut().flatten())
    }
}

words! {
    /// How a rich message is shown.
    pub enum Template {
        /// Cards side by side.
        Cards => "cards",
        /// One picture without a bubble.
        Sticker => "sticker",
        /// Buttons that go away once one is pressed.
        QuickReplies => "quick_replies",
    }
}

/// One card, sticker, or set of replies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Element {
    /// In bold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 1024))]
    pub title: Option<String>,
    /// Below the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 1024))]
    pub subtitle: Option<String>,
    /// Above the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// At most 13.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 13))]
    pub buttons: Option<Vec<Button>>,
}

impl Element {
    /// The buttons; none is an empty list.
    pub fn buttons(&self) -> &[Button] {
        self.buttons.as_deref().unwrap_or_default()
    }
}

/// A picture by its address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Image {
    /// Where it can be fetched.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub url: String,
    /// The file's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// MIME type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// In bytes.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    pub size: Option<u64>,
    /// In pixels.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    pub width: Option<u64>,
    /// In pixels.
    #[serde(
        default,
        deserialize_with = "lenient::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    pub height: Option<u64>,
    /// What is to be seen, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternative_text: Option<String>,
}

/// Something to press. Without `type` and `value`, its postback is all it does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Button {
    /// As a person reads it.
    #[cfg_attr(feature = "openapi", schema(max_length = 1024))]
    pub text: String,
    /// What a press does besides the postback; together with `value`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ButtonKind>,
    /// The address, number or text of that; together with `type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// For `webview` only; ignored on the other kinds, but kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webview_height: Option<WebviewHeight>,
    /// What is reported back when it is pressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postback_id: Option<String>,
    /// Who has it pressed at present. Absent and empty are different things: a request
    /// may lack it, a kept button says that nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub user_ids: Option<Vec<UserId>>,
    /// For `url`: where the address opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<LinkTarget>,
}

/// A button that is pressed or let go, as `send_rich_message_postback` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Toggled {
    /// The button's `postback_id`.
    pub id: String,
    /// Whether it is pressed now.
    #[serde(deserialize_with = "lenient::boolean")]
    pub toggled: bool,
}

words! {
    /// What a press does.
    pub enum ButtonKind {
        /// Opens the address in a window above the chat.
        Webview => "webview",
        /// Says the value as the person's own message.
        Message => "message",
        /// Opens the address.
        Url => "url",
        /// Calls the number.
        Phone => "phone",
    }
}

words! {
    /// How much of the chat a webview covers.
    pub enum WebviewHeight {
        /// About half.
        Compact => "compact",
        /// Most.
        Tall => "tall",
        /// All.
        Full => "full",
    }
}

words! {
    /// Where an address opens.
    pub enum LinkTarget {
        /// In a new tab.
        New => "new",
        /// In the tab of the page.
        Current => "current",
    }
}
