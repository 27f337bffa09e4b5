//! The description of this API (OpenAPI).

use parlor_wire::visitor::{SwitchServer, Wrapped};
use utoipa::{
    IntoParams, OpenApi,
    openapi::{Ref, RefOr, SecurityRequirement, path::Parameter, schema::AnyOfBuilder},
};

use super::{
    headers::{self, Affinity, ApiVersion, Sequence},
    history, messages,
    nouns::Noun,
    post, site, system, upload,
};
use crate::http::openapi::answers::PostOfSession;

#[derive(OpenApi)]
#[openapi(components(schemas(Wrapped<SwitchServer>)), paths(
    system::session_id,
    system::delete_session,
    messages::messages,
    system::reconnect_session,
    system::resync_session,
    post::multi_noun,
    site::settings,
    site::availability,
    site::visitor_id,
    history::list,
    history::thread,
    history::mark_seen,
    history::goal,
    upload::upload,
    upload::transfer,
))]
struct Description;

/// All requests, from the path of the API on.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    let key = SecurityRequirement::new("SessionKey", Vec::<String>::new());
    for noun in Noun::CHASITOR {
        noun.described()
            .tag("visitor")
            .parameters(headers_of_post())
            .security([key.clone()])
            .answers::<PostOfSession>()
            .add_to(&mut description, &format!("/Chasitor/{}", noun.name()));
    }
    Noun::Breadcrumb
        .described()
        .tag("visitor")
        .parameters(headers_of_post().chain(headers::Visitor::into_params(|| None)))
        .answers::<PostOfSession>()
        .add_to(&mut description, "/Visitor/Breadcrumb");
    add_switch_server(&mut description);
    description
}

fn headers_of_post() -> impl Iterator<Item = Parameter> {
    let headers = [
        ApiVersion::into_params(|| None),
        Affinity::into_params(|| None),
        Sequence::into_params(|| None),
    ];
    headers.into_iter().flatten()
}

/// Each resource of `Visitor` answers `SwitchServer` when the organisation has moved.
fn add_switch_server(description: &mut utoipa::openapi::OpenApi) {
    let moved = Ref::from_schema_name("Wrapped_SwitchServer");
    let visitor = |path: &String| path.starts_with("/Visitor/");
    let items = description.paths.paths.iter_mut();
    for (_, item) in items.filter(|(path, _)| visitor(path)) {
        let answer = item
            .get
            .as_mut()
            .and_then(|operation| operation.responses.responses.get_mut("200"));
        let Some(RefOr::T(answer)) = answer else {
            continue;
        };
        for content in answer.content.values_mut() {
            if let RefOr::T(content) = content
                && let Some(schema) = content.schema.take()
            {
                let any = AnyOfBuilder::new().item(schema).item(moved.clone());
                content.schema = Some(any.description(Some(MOVED)).into());
            }
        }
    }
}

const MOVED: &str = "`SwitchServer` in place of the answer when the organisation has moved.";
