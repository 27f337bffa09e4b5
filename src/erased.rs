//! Views, branches, lists and effects whose types are erased, so that a visitor loads the code
//! for them once.
//!
//! Leptos compiles the code that builds, updates and unmounts a view once for each type of view,
//! and the type of a component contains the types of all components in it. [`Built`] cuts that
//! off: a view is built at once, and what is left is a `dyn Mountable`. Leptos' own `AnyView` does
//! the same and can also be rebuilt in place, hydrated and written as HTML; the code for that is
//! compiled for each erased type, and no part of the widget needs it.
//!
//! Measured on this widget, brotli 11: with Leptos' own `.into_any()`, `<Show>` and `Children` the
//! document came to some 245 KB, with this module to some 195 KB. [`KeyedList`] and [`effect`] are
//! 3 KB of that.
//!
//! Must stay true: a `Built` that is rendered again replaces what stood there. So it belongs
//! where a view is made anew rather than updated: component boundaries, branches, list items.

#![allow(
    unreachable_pub,
    reason = "`#[component]` writes the properties of a component as `pub`"
)]

use std::fmt;

use leptos::{
    children::ToChildren,
    prelude::*,
    tachys::{
        html::attribute::any_attribute::AnyAttribute,
        hydration::Cursor,
        no_attrs,
        renderer::types::{Element, Node},
        view::{Mountable, Position, PositionState, Render, RenderHtml},
    },
};
use send_wrapper::SendWrapper;

/// A view that has been built, and whose type is forgotten. Built under the owner that was
/// current at the time.
pub(crate) struct Built(SendWrapper<Box<dyn Mountable>>);

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Built")
    }
}

/// `view! { … }.built()` is to `Built` as `.into_any()` is to `AnyView`.
pub(crate) trait IntoBuilt {
    fn built(self) -> Built;
}

impl<V> IntoBuilt for V
where
    V: Render,
    V::State: 'static,
{
    fn built(self) -> Built {
        Built(SendWrapper::new(Box::new(self.build())))
    }
}

impl Built {
    /// A view of nothing.
    pub(crate) fn nothing() -> Self {
        ().built()
    }
}

impl Render for Built {
    type State = Self;

    fn build(self) -> Self {
        self
    }

    fn rebuild(mut self, state: &mut Self) {
        state.insert_before_this(&mut self);
        state.unmount();
        *state = self;
    }
}

impl Mountable for Built {
    fn unmount(&mut self) {
        self.0.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.0.elements()
    }
}

no_attrs!(Built);

/// Leptos asks this of every view. The browser only ever builds: no server writes the widget as
/// HTML, so there is nothing to hydrate.
impl RenderHtml for Built {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Self {
        self
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// The children of a component that shows them more than once, as [`ChildrenFn`] with erased
/// views.
pub(crate) struct BuiltChildren(Box<dyn Fn() -> Built + Send + Sync>);

impl<F, V> ToChildren<F> for BuiltChildren
where
    F: Fn() -> V + Send + Sync + 'static,
    V: Render,
    V::State: 'static,
{
    fn to_children(children: F) -> Self {
        Self(Box::new(move || children().built()))
    }
}

/// Shows its children while the condition holds: [`Show`] with erased types, and without a
/// fallback.
#[component]
pub(crate) fn When(
    when: impl Fn() -> bool + Send + Sync + 'static,
    children: BuiltChildren,
) -> impl IntoView {
    let holds = erased_memo(Box::new(when));
    dynamic(move || match holds.get() {
        true => (children.0)(),
        false => Built::nothing(),
    })
}

fn erased_memo(condition: Box<dyn Fn() -> bool + Send + Sync>) -> ArcMemo<bool> {
    ArcMemo::new(move |_| condition())
}

/// A view that is built anew whenever a signal that it reads has changed.
pub(crate) fn dynamic(
    view: impl Fn() -> Built + Send + 'static,
) -> Box<dyn FnMut() -> Built + Send> {
    Box::new(view)
}

/// Keeps a view for each item of a list, by its key: [`For`] with erased types. A view lives as
/// long as its key is in the list, and does not follow changes of the item.
#[component]
pub(crate) fn KeyedList<T>(
    each: impl Fn() -> Vec<T> + Send + 'static,
    key: fn(&T) -> u32,
    view: fn(T) -> Built,
) -> impl IntoView
where
    T: Send + 'static,
{
    let item = move |item| {
        let key = key(&item);
        let build: Box<dyn FnOnce() -> Built + Send> = Box::new(move || view(item));
        (key, build)
    };
    erased_for(Box::new(move || each().into_iter().map(item).collect()))
}

type KeyedItem = (u32, Box<dyn FnOnce() -> Built + Send>);

fn erased_for(each: Box<dyn Fn() -> Vec<KeyedItem> + Send>) -> impl IntoView {
    view! { <For each key=|(key, _)| *key children=|(_, build)| build() /> }.built()
}

/// Runs a closure now, in a microtask, and again whenever a signal that it reads has changed:
/// [`Effect::new`] with an erased closure.
pub(crate) fn effect(run: impl Fn() + 'static) {
    fn erased(run: Box<dyn Fn()>) {
        Effect::new(run);
    }
    erased(Box::new(run));
}

/// Text that follows the signals it is made of.
pub(crate) fn text(
    text: impl Fn() -> String + Send + 'static,
) -> Box<dyn FnMut() -> String + Send> {
    Box::new(text)
}

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]
mod tests {
    use std::sync::{Arc, Weak};

    use leptos::{
        mount::{UnmountHandle, mount_to},
        task::tick,
    };
    use wasm_bindgen::JsCast;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::HtmlElement;

    use super::*;

    /// An element of its own, in the document.
    fn mounted<V: IntoView + 'static>(
        view: impl FnOnce() -> V + 'static,
    ) -> (HtmlElement, UnmountHandle<V::State>) {
        let place: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        document().body().unwrap().append_child(&place).unwrap();
        (place.clone(), mount_to(place, view))
    }

    #[wasm_bindgen_test]
    async fn a_view_made_anew_takes_the_place_of_the_one_before() {
        let count = RwSignal::new(1);
        let (place, _handle) = mounted(move || {
            let middle = dynamic(move || match count.get() {
                0 => Built::nothing(),
                count => view! { <b>{count}</b> <i></i> }.built(),
            });
            view! { <p></p>{middle}<hr /> }
        });
        // Leptos' markers are comments.
        let html = || place.inner_html().replace("<!---->", "");
        assert_eq!(html(), "<p></p><b>1</b><i></i><hr>");
        count.set(2);
        tick().await;
        assert_eq!(html(), "<p></p><b>2</b><i></i><hr>");
        count.set(0);
        tick().await;
        assert!(place.query_selector("b, i").unwrap().is_none());
        count.set(3);
        tick().await;
        let second = place.first_element_child().unwrap().next_element_sibling();
        assert_eq!(
            second.unwrap().outer_html(),
            "<b>3</b>",
            "between its neighbours"
        );
    }

    #[wasm_bindgen_test]
    async fn children_are_there_while_the_condition_holds_and_are_not_made_anew() {
        let count = RwSignal::new(0);
        let (place, _handle) =
            mounted(move || view! { <When when=move || count.get() % 2 == 1><b></b></When> });
        let shown = || place.query_selector("b").unwrap();
        assert!(shown().is_none());
        count.set(1);
        tick().await;
        let first = shown();
        assert!(first.is_some());
        count.set(3);
        tick().await;
        assert_eq!(shown(), first, "the condition holds as before");
        count.set(4);
        tick().await;
        assert!(shown().is_none());
    }

    #[wasm_bindgen_test]
    async fn a_list_keeps_and_moves_the_views_of_its_keys() {
        let keys = RwSignal::new(vec![1, 2, 3]);
        let (place, _handle) = mounted(move || {
            view! {
                <KeyedList
                    each=move || keys.get()
                    key=|key: &u32| *key
                    view=|key| view! { <b>{key}</b> }.built()
                />
            }
        });
        let shown = || -> Vec<_> {
            let first = place.first_element_child();
            std::iter::successors(first, |element| element.next_element_sibling()).collect()
        };
        let before = shown();
        keys.set(vec![3, 4, 1]);
        tick().await;
        assert_eq!(place.text_content().unwrap(), "341");
        let after = shown();
        assert_eq!((&after[0], &after[2]), (&before[2], &before[0]));
    }

    #[wasm_bindgen_test]
    async fn listeners_and_effects_end_with_their_view() {
        let shows = RwSignal::new(true);
        let count = RwSignal::new(0);
        let runs = RwSignal::new(0);
        let held = Arc::new(());
        let weak: Weak<()> = Arc::downgrade(&held);
        let (_place, _handle) = mounted(move || {
            dynamic(move || {
                if !shows.get() {
                    return Built::nothing();
                }
                let held = weak.upgrade();
                effect(move || {
                    count.track();
                    runs.update_untracked(|runs| *runs += 1);
                });
                view! { <button on:click=move |_| drop(held.clone())></button> }.built()
            })
        });
        tick().await;
        assert_eq!((Arc::strong_count(&held), runs.get_untracked()), (2, 1));
        count.set(1);
        tick().await;
        assert_eq!(runs.get_untracked(), 2);
        shows.set(false);
        tick().await;
        assert_eq!(Arc::strong_count(&held), 1, "the listener is gone");
        count.set(2);
        tick().await;
        assert_eq!(runs.get_untracked(), 2, "the effect is gone");
    }
}
