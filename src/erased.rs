//! Views, branches, lists and effects whose types are erased, so that a visitor loads the code
//! for them once.
//!
//! Leptos compiles the code that builds, updates and unmounts a view once for each type of view,
//! and the type of a component contains the types of all components in it. [`Built`] cuts that
//! off: a view is built at once, and what is left is a `dyn Mountable`. Leptos' own `AnyView` does
//! the same and can also be rebuilt in place, hydrated and written as HTML; the code for that is
//! compiled for each erased type, and no part of the widget needs it.
//!
//! @@FIGURES@@
//!
//! Must stay true: a `Built` that is rendered again replaces what stood there. So it belongs
//! where a view is made anew rather than updated: component boundaries, branches, list items.

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
        Effect::new(move || run());
    }
    erased(Box::new(run));
}

/// Text that follows the signals it is made of.
pub(crate) fn text(
    text: impl Fn() -> String + Send + 'static,
) -> Box<dyn FnMut() -> String + Send> {
    Box::new(text)
}
