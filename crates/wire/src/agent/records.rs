//! Ours: a record by the id that the visitor's client was told (`attachedRecords`).

use serde::{Deserialize, Serialize};

use super::Action;
use crate::{id::AttachedRecordId, record::Record};

/// Asks for a record of a conversation that the agent may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GetRecord {
    /// Which record, of which conversation.
    pub id: AttachedRecordId,
}

impl Action for GetRecord {
    const NAME: &'static str = "get_record";
    type Reply = Record;
}
