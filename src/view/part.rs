//! Pieces of the window, built straight into the document and kept up to date
//! by Leptos' reactive system. Leptos' own elements compile their machinery
//! anew for every type of element, attribute and closure; a window has some
//! hundred of each, and they weighed forty kilobytes in what a visitor loads.
//! Here there is one of each, and types are forgotten as soon as they are met.
//!
//! Must stay true: a part is built under the owner of that moment, so that
//! what it follows ends when it goes; text is only ever set as text.

use std::{cell::RefCell, rc::Rc};

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, HtmlElement, Node};

use crate::store::follow;

/// Something that stands in the document: one node, or another part in whose
/// place the node may change.
#[derive(Debug, Clone)]
pub(crate) struct Part(Rc<RefCell<Place>>);

#[derive(Debug)]
enum Place {
    Node(Node),
    Part(Part),
    /// A text node without a text.
    Nothing(Node),
}

impl Part {
    fn of(place: Place) -> Self {
        Self(Rc::new(RefCell::new(place)))
    }

    /// Takes no room.
    fn nothing() -> Self {
        Self::of(Place::Nothing(document().create_text_node("").into()))
    }

    pub(super) fn node(&self) -> Node {
        match &*self.0.borrow() {
            Place::Node(node) | Place::Nothing(node) => node.clone(),
            Place::Part(part) => part.node(),
        }
    }

    /// Puts another in its place, in the document too where it stands there.
    pub(super) fn become_part(&self, next: Part) {
        let before = self.node();
        if let Some(parent) = before.parent_node() {
            // The node is there: its parent has just said so.
            let _ = parent.replace_child(&next.node(), &before);
        }
        self.0.replace(Place::Part(next));
    }

    /// The same, where there may be nothing; where there was nothing before,
    /// nothing is done.
    fn become_some(&self, next: Option<Part>) {
        match next {
            Some(next) => self.become_part(next),
            None if self.is_nothing() => {}
            None => self.become_part(Self::nothing()),
        }
    }

    fn is_nothing(&self) -> bool {
        match &*self.0.borrow() {
            Place::Node(_) => false,
            Place::Part(part) => part.is_nothing(),
            Place::Nothing(_) => true,
        }
    }
}

/// Made again whenever what it read has changed; none is nothing.
pub(super) fn live(make: impl Fn() -> Option<Part> + 'static) -> Part {
    fn erased(make: Box<dyn Fn() -> Option<Part>>) -> Part {
        let place = Part::nothing();
        let part = place.clone();
        follow(move || place.become_some(make()));
        part
    }
    erased(Box::new(make))
}

/// Made again only when `which` is another: what it reads while it is made
/// does not count.
pub(super) fn switch(
    which: impl Fn() -> u32 + 'static,
    make: impl Fn(u32) -> Option<Part> + 'static,
) -> Part {
    fn erased(which: Box<dyn Fn() -> u32>, make: Box<dyn Fn(u32) -> Option<Part>>) -> Part {
        let place = Part::nothing();
        let part = place.clone();
        let around = Owner::current().unwrap_or_default();
        let shown: RefCell<Option<(u32, Owner)>> = RefCell::default();
        follow(move || {
            let now = which();
            if matches!(&*shown.borrow(), Some((before, _)) if *before == now) {
                return;
            }
            let owner = around.with(Owner::new);
            let made = untrack(|| owner.with(|| make(now)));
            place.become_some(made);
            if let Some((_, before)) = shown.replace(Some((now, owner))) {
                before.cleanup();
            }
        });
        part
    }
    erased(Box::new(which), Box::new(make))
}

/// One of a list, known by its key: made when it comes, and left alone then.
pub(super) struct Item {
    pub(super) key: u32,
    pub(super) make: Box<dyn FnOnce() -> Part>,
}

/// An element being built.
#[derive(Debug, Clone)]
pub(super) struct El(Element);

/// A new element of HTML.
pub(super) fn el(name: &'static str) -> El {
    match document().create_element(name) {
        Ok(element) => El(element),
        // Only an ill-formed name is refused, and ours are words.
        Err(_) => El(JsValue::UNDEFINED.unchecked_into()),
    }
}

/// A new element of SVG.
pub(super) fn svg(name: &'static str) -> El {
    match document().create_element_ns(Some("http://www.w3.org/2000/svg"), name) {
        Ok(element) => El(element),
        Err(_) => el(name),
    }
}

/// A new element of HTML of this class.
pub(super) fn of_class(name: &'static str, class: &str) -> El {
    let el = el(name);
    el.0.set_class_name(class);
    el
}

/// What stands in the field that an event came from.
pub(super) fn value_of(event: &Event) -> String {
    property(event, "value").as_string().unwrap_or_default()
}

/// Whether the box that an event came from is ticked.
pub(super) fn checked_of(event: &Event) -> bool {
    property(event, "checked").is_truthy()
}

fn property(event: &Event, name: &str) -> JsValue {
    let target = event.target().map(JsValue::from).unwrap_or_default();
    Reflect::get(&target, &name.into()).unwrap_or_default()
}

/// Writes into a field, of whatever kind it is.
pub(super) fn set_value(field: &El, value: &str) {
    // Setting a property of an element does not fail.
    let _ = Reflect::set(&field.0, &"value".into(), &value.into());
}

/// Several in the place of one, as if it were not around them.
pub(super) fn contents() -> El {
    of_class("div", "contents")
}

impl El {
    /// The element itself, for what only it can do.
    pub(super) fn html(&self) -> HtmlElement {
        self.0.clone().unchecked_into()
    }

    pub(super) fn attr(self, name: &'static str, value: &str) -> Self {
        // Only an ill-formed name is refused.
        let _ = self.0.set_attribute(name, value);
        self
    }

    /// None is left out.
    pub(super) fn attr_some(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// An attribute that is there or is not.
    pub(super) fn flag(self, name: &'static str, is: bool) -> Self {
        self.attr_some(name, is.then_some(""))
    }

    pub(super) fn text(self, text: &str) -> Self {
        // Refused only for what cannot have children.
        let _ = self.0.append_with_str_1(text);
        self
    }

    pub(super) fn child(self, child: impl Into<Part>) -> Self {
        self.append(&child.into());
        self
    }

    pub(super) fn children(self, children: impl IntoIterator<Item = Part>) -> Self {
        for child in children {
            self.append(&child);
        }
        self
    }

    fn append(&self, child: &Part) {
        // Refused only for what cannot have children.
        let _ = self.0.append_child(&child.node());
    }

    pub(super) fn on(self, event: &'static str, act: impl FnMut(Event) + 'static) -> Self {
        fn erased(element: &Element, event: &str, act: Box<dyn FnMut(Event)>) {
            // The browser frees it when the element is gone.
            let act = Closure::wrap(act).into_js_value();
            let _ = element.add_event_listener_with_callback(event, act.unchecked_ref());
        }
        erased(&self.0, event, Box::new(act));
        self
    }

    /// A click, on what is pressed.
    pub(super) fn press(self, act: impl Fn() + 'static) -> Self {
        self.on("click", move |_| act())
    }

    /// Words that follow what they were made of. Nothing else is in it.
    pub(super) fn words(self, make: impl Fn() -> String + 'static) -> Self {
        self.follows(move |element| element.set_text_content(Some(&make())))
    }

    /// An attribute that follows; none takes it away.
    pub(super) fn attr_live(
        self,
        name: &'static str,
        make: impl Fn() -> Option<String> + 'static,
    ) -> Self {
        self.follows(move |element| {
            // Only an ill-formed name is refused.
            let _ = match make() {
                Some(value) => element.set_attribute(name, &value),
                None => element.remove_attribute(name),
            };
        })
    }

    /// All classes, which follow.
    pub(super) fn classes_live(self, make: impl Fn() -> String + 'static) -> Self {
        self.follows(move |element| element.set_class_name(&make()))
    }

    /// A class that is there while something holds.
    pub(super) fn class_live(
        self,
        class: &'static str,
        holds: impl Fn() -> bool + 'static,
    ) -> Self {
        self.follows(move |element| {
            // Only an ill-formed class is refused.
            let _ = element.class_list().toggle_with_force(class, holds());
        })
    }

    fn follows(self, act: impl Fn(&Element) + 'static) -> Self {
        fn erased(element: Element, act: Box<dyn Fn(&Element)>) {
            follow(move || act(&element));
        }
        erased(self.0.clone(), Box::new(act));
        self
    }

    /// A list whose items stay while their keys do. Nothing else is in it.
    pub(super) fn list(self, items: impl Fn() -> Vec<Item> + 'static) -> Self {
        fn erased(parent: Element, items: Box<dyn Fn() -> Vec<Item>>) {
            let around = Owner::current().unwrap_or_default();
            let shown: RefCell<Vec<Shown>> = RefCell::default();
            follow(move || {
                let items = items();
                let before = shown.take();
                shown.replace(untrack(|| arrange(&parent, &around, before, items)));
            });
        }
        erased(self.0.clone(), Box::new(items));
        self
    }
}

/// An item in its place.
struct Shown {
    key: u32,
    owner: Owner,
    part: Part,
}

/// Takes out what has gone, makes what is new, and moves only what stands in
/// another place than before. What nearly always happens, that something comes at
/// the end, touches no other.
fn arrange(parent: &Element, around: &Owner, before: Vec<Shown>, items: Vec<Item>) -> Vec<Shown> {
    let (mut stand, mut others) = (Vec::new(), Vec::new());
    for shown in before {
        let is = |item: &Item| item.key == shown.key;
        if others.is_empty() && items.get(stand.len()).is_some_and(is) {
            stand.push(shown);
        } else if items.iter().any(is) {
            others.push(shown);
        } else {
            shown.owner.cleanup();
            // Not there means gone already.
            let _ = parent.remove_child(&shown.part.node());
        }
    }
    let mut cursor = match stand.last() {
        Some(last) => last.part.node().next_sibling(),
        None => parent.first_child(),
    };
    let same = stand.len();
    for (n, item) in items.into_iter().enumerate() {
        if n < same {
            continue;
        }
        let known = others.iter().position(|shown| shown.key == item.key);
        let shown = match known {
            Some(at) => others.remove(at),
            None => {
                let owner = around.with(Owner::new);
                let part = owner.with(item.make);
                Shown {
                    key: item.key,
                    owner,
                    part,
                }
            }
        };
        let node = shown.part.node();
        if cursor.as_ref() == Some(&node) {
            cursor = node.next_sibling();
        } else {
            // Both are ours and of one document.
            let _ = parent.insert_before(&node, cursor.as_ref());
        }
        stand.push(shown);
    }
    stand
}

impl From<El> for Part {
    fn from(el: El) -> Self {
        Self::of(Place::Node(el.0.into()))
    }
}

impl<T: Into<Part>> From<Option<T>> for Part {
    fn from(it: Option<T>) -> Self {
        it.map_or_else(Self::nothing, Into::into)
    }
}
