//! Who calls: a back-office program with a token.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
};

use super::error::{ApiError, Result};
use crate::{
    app::App,
    auth::{authenticate_program, token_from_header},
    store::row::Role,
};

/// The program that calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program {
    role: Role,
    /// Whether it may read what only agents see.
    pub(super) reads_private: bool,
}

impl Program {
    /// Requires a role that may read and change the archive.
    ///
    /// # Errors
    /// 403 for any other.
    pub(super) fn require_administrator(&self) -> Result<()> {
        match self.role {
            Role::Owner | Role::Administrator => Ok(()),
            Role::Agent => Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "this token may leave messages and nothing else: it needs the role administrator",
            )),
        }
    }
}

impl FromRequestParts<Arc<App>> for Program {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let unknown = || {
            ApiError::new(
                StatusCode::UNAUTHORIZED,
                "expected Authorization: Bearer with a token of `parlor token add-api`",
            )
        };
        let header = parts.headers.get(header::AUTHORIZATION);
        let token = header.and_then(|it| token_from_header(it.to_str().ok()?));
        let token = token.ok_or_else(unknown)?;
        let row = authenticate_program(app.store.as_ref(), app.clock.now(), &token).await?;
        let row = row.ok_or_else(unknown)?;
        Ok(Self {
            role: row.role.unwrap_or(Role::Agent),
            reads_private: row.reads_private,
        })
    }
}
