//! Ours: everything of a customer is handed out, or erased.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Action;
use crate::id::{AgentId, CustomerId};
use crate::lenient;

/// Asks for everything that is stored of a customer, as one document. For owners, and for
/// administrators who see all conversations of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportCustomer {
    /// Which customer.
    pub id: CustomerId,
}

impl Action for ExportCustomer {
    const NAME: &'static str = "export_customer";
    /// The document (`docs/PRIVACY.md`).
    type Reply = Value;
}

/// Erases a customer with everything that is stored of them, for good. For the same agents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EraseCustomer {
    /// Which customer.
    pub id: CustomerId,
}

impl Action for EraseCustomer {
    const NAME: &'static str = "erase_customer";
    type Reply = Erased;
}

/// What stays of a customer who was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Erased {
    /// Which customer it was.
    pub customer_id: CustomerId,
    /// RFC 3339.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub requested_at: String,
    /// Who asked for it; absent for the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    /// RFC 3339; absent until nothing is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub erased_at: Option<String>,
    /// How many conversations were deleted.
    #[serde(default, deserialize_with = "lenient::integer_or_zero")]
    pub conversations: i64,
    /// How many files.
    #[serde(default, deserialize_with = "lenient::integer_or_zero")]
    pub files: i64,
}
