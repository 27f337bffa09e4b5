//! The description of this API (OpenAPI).

use utoipa::{OpenApi, openapi::SecurityRequirement};

use super::{account, change, export, list, search, show};
use crate::http::openapi::secure;

#[derive(OpenApi)]
#[openapi(paths(
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
))]
struct Description;

/// All requests, from the path of the API on.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    let token = SecurityRequirement::new("ApiToken", Vec::<String>::new());
    secure(&mut description, &[token]);
    description
}
