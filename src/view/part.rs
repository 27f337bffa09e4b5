//! Pieces of a view whose types are forgotten once they are built. Leptos
//! compiles its machinery anew for every type of view and of closure; in the
//! browser each costs a kilobyte, and a window has some hundred. With these
//! there is one of each.
//!
//! Must stay true: a part is built where it is written, under the owner of
//! that moment, so that what it holds goes when it goes.

use leptos::{
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

/// A built piece of a view.
pub(super) struct Part(SendWrapper<State>);

/// What of it stands in the document.
pub(super) struct State(Box<dyn Mountable>);

/// Forgets the type of a view.
pub(super) fn part(view: impl Render<State: 'static>) -> Part {
    Part(SendWrapper::new(State(Box::new(view.build()))))
}

/// A part that is built again whenever what it was made of changes.
pub(super) fn live(make: impl Fn() -> Option<Part> + Send + 'static) -> Part {
    live_of(Box::new(make))
}

fn live_of(make: Box<dyn Fn() -> Option<Part> + Send>) -> Part {
    part(make)
}

/// Words that follow what they were made of.
pub(super) fn words(make: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(make)
}

/// Whether something holds now, for a class.
pub(super) fn holds(is: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(is)
}

/// An attribute's value, or that it is not there.
pub(super) fn value(
    make: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> Signal<Option<String>> {
    Signal::derive(make)
}

/// Does something now, and again when what it read has changed.
pub(super) fn follow(act: impl Fn() + 'static) {
    fn erased(act: Box<dyn Fn()>) {
        Effect::new(act);
    }
    erased(Box::new(act));
}

/// One of a list, known by its key: made when it comes, and left alone then.
pub(super) struct Item {
    pub(super) key: u32,
    pub(super) make: Box<dyn FnOnce() -> Part + Send>,
}

/// A list whose items stay while their keys do.
pub(super) fn list(items: impl Fn() -> Vec<Item> + Send + Sync + 'static) -> Part {
    fn key(item: &Item) -> u32 {
        item.key
    }
    fn erased(items: Box<dyn Fn() -> Vec<Item> + Send + Sync>) -> Part {
        let children = |item: Item| (item.make)();
        part(view! { <For each=items key=key children=children/> })
    }
    erased(Box::new(items))
}

impl Render for Part {
    type State = State;

    fn build(self) -> State {
        self.0.take()
    }

    fn rebuild(self, state: &mut State) {
        let mut before = std::mem::replace(state, self.0.take());
        before.insert_before_this(state);
        before.unmount();
    }
}

impl Mountable for State {
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

no_attrs!(Part);

/// The browser only ever builds; there is no server that would write this.
impl RenderHtml for Part {
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

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> State {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
