//! The description of this API (OpenAPI), made from the code.

use axum::Json;
use utoipa::{
    OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{account, change, export, list, search, show};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parlor, the archive",
        description = "Conversations that are over, for back-office programs: see docs/ARCHIVE.md.",
        license(name = "MIT"),
    ),
    servers((url = "/api/v2/chat")),
    paths(
        account::account,
        account::agents,
        account::departments,
        account::goals,
        change::create,
        change::delete,
        change::delete_many,
        change::update,
        change::update_many,
        export::export,
        list::list,
        search::search,
        show::show,
    ),
    security(("token" = [])),
)]
struct Description;

/// The document, as it is served and committed (`docs/openapi-archive.json`).
fn document() -> utoipa::openapi::OpenApi {
    let mut document = Description::openapi();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    document
}

pub(super) async fn serve() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
