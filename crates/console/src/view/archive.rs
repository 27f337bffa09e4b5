//! The archive: search box, filters and results.

use leptos::prelude::*;

use super::{ViewContext, archive_filters, archive_results, archive_search};

pub(super) fn archive(context: ViewContext) -> impl IntoView {
    view! {
        <section class="archive" aria-label="Search the archive">
            {archive_search::archive_search(context)}
            {archive_filters::archive_filters(context)}
            {archive_results::archive_results(context)}
        </section>
    }
}
