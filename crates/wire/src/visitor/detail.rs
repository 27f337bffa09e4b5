//! Data types that several bodies share (Chat REST API, chapter 9).

use serde::{Deserialize, Serialize};

use super::Node;
use crate::{event::Event, id::EventId, lenient};

/// One answer of the pre-chat form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CustomDetail {
    pub label: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub value: String,
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub transcript_fields: Vec<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub display_to_agent: Option<bool>,
    /// Written as the documentation's table of Entity and old clients write it; all
    /// three spellings are read (`entityFieldMaps`, `entityFieldsMaps`,
    /// `entityMaps`).
    #[serde(
        default,
        alias = "entityFieldsMaps",
        alias = "entityMaps",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub entity_field_maps: Option<Vec<EntityFieldsMap>>,
}

impl CustomDetail {
    /// Whether agents must never be shown it. An answer that does not say so is shown.
    pub fn is_hidden_from_agents(&self) -> bool {
        self.display_to_agent == Some(false)
    }
}

/// A record that the visitor's answers are to be found in or saved to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Entity {
    pub entity_name: String,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub show_on_create: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_to_entity_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_to_entity_field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save_to_transcript: Option<String>,
    #[serde(
        default,
        alias = "entityFieldMaps",
        alias = "entityMaps",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub entity_fields_maps: Option<Vec<EntityFieldsMap>>,
}

/// How one answer maps to a field of a record. The documentation's table and its sample
/// name different members; all are read and kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EntityFieldsMap {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub field_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub do_find: Option<bool>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_exact_match: Option<bool>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub do_create: Option<bool>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_fast_fillable: Option<bool>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_auto_queryable: Option<bool>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_boolean",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_exact_matchable: Option<bool>,
}

/// Where the visitor's address is thought to be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GeoLocation {
    /// ISO 3166-1 alpha-2.
    pub country_code: String,
    pub country_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub latitude: Option<f64>,
    #[serde(
        default,
        deserialize_with = "lenient::optional_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub longitude: Option<f64>,
}

/// One line of `ChasitorSessionData.chatMessages`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TranscriptEntry {
    /// `Agent`, `Chasitor` or `OperatorTransferred`; kept as it came.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub content: String,
    /// Milliseconds since 1970.
    #[serde(default, deserialize_with = "lenient::integer_or_zero")]
    pub timestamp: i64,
    /// The order in which it was received; ours is the event's number.
    #[serde(default, deserialize_with = "lenient::integer_or_zero")]
    pub sequence: i64,
    /// Ours: the event that this line is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Ours: what the sender called it, so that a client knows its own again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_id: Option<String>,
    /// Ours: who of the agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// Ours: their name, where `name` is empty although an agent wrote it: of cards, forms and
    /// files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<String>,
    /// Ours: when it was written, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Ours: the whole event, where it is more than a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// Ours: the Markdown of an agent's text; empty where there is none to show.
    #[serde(
        default,
        deserialize_with = "lenient::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub nodes: Vec<Node>,
}
