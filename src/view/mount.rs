//! How Leptos mounts what we build: the door between its views and our parts.

use leptos::tachys::{
    html::attribute::any_attribute::AnyAttribute,
    hydration::Cursor,
    no_attrs,
    renderer::types::{Element, Node},
    view::{Mountable, Position, PositionState, Render, RenderHtml},
};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;

use super::part::Part;

/// A part as a view of Leptos. The browser has one thread; Leptos asks for
/// more all the same.
#[derive(Debug)]
pub(super) struct View(SendWrapper<Part>);

impl From<Part> for View {
    fn from(part: Part) -> Self {
        Self(SendWrapper::new(part))
    }
}

impl Render for View {
    type State = Self;

    fn build(self) -> Self {
        self
    }

    fn rebuild(self, state: &mut Self) {
        state.0.become_part(self.0.take());
    }
}

impl Mountable for View {
    fn unmount(&mut self) {
        let node = self.0.node();
        if let Some(parent) = node.parent_node() {
            // The node is there: its parent has just said so.
            let _ = parent.remove_child(&node);
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        // Refused only for what cannot have children.
        let _ = parent.insert_before(&self.0.node(), marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let node = self.0.node();
        let parent = node.parent_element();
        parent
            .map(|parent| child.mount(&parent, Some(&node)))
            .is_some()
    }

    fn elements(&self) -> Vec<Element> {
        self.0.node().dyn_into().into_iter().collect()
    }
}

no_attrs!(View);

/// The browser only ever builds; there is no server that would write this.
impl RenderHtml for View {
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
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
