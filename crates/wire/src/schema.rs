//! Schemas of what no derive describes (OpenAPI): lists of words, and objects whose `type`
//! says what else is in them. They describe what `word`, `tagged` and `loose` read and write.

use utoipa::{
    ToSchema,
    openapi::{
        Object, ObjectBuilder, OneOf, Ref, RefOr, Schema,
        schema::{AllOfBuilder, OneOfBuilder, SchemaType, Type},
    },
};

/// Schemas by their names, as [`ToSchema::schemas`] collects them.
pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

/// A list of words, each with the lines of its doc comment.
pub(crate) fn words(docs: &[&str], words: &[(&str, &[&str])]) -> RefOr<Schema> {
    let mut description = sentence(docs);
    for (word, docs) in words.iter().filter(|(_, docs)| !docs.is_empty()) {
        description.push_str(&format!("\n- `{word}`: {}", sentence(docs)));
    }
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().map(|(word, _)| *word)))
        .description(Some(description))
        .into()
}

fn sentence(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    lines.join(" ")
}

/// A value of one of these types.
pub(crate) fn one_of_types<const N: usize>(types: [Type; N], description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter(types))
        .description(Some(description))
        .into()
}

/// An object whose members have any names, and values of one type.
pub(crate) fn members(
    values: impl Into<RefOr<Schema>>,
    description: &str,
    example: serde_json::Value,
) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(values.into()))
        .description(Some(description))
        .examples([example])
        .into()
}

/// The kinds of an object, by its `type`.
#[derive(Default)]
pub(crate) struct Kinds {
    kinds: OneOfBuilder,
    schemas: Schemas,
}

impl Kinds {
    /// A kind whose members stand beside the `type`. `variant` makes the enum's variant of them.
    pub(crate) fn flat<T: ToSchema, E>(self, kind: &str, _variant: fn(T) -> E) -> Self {
        let members = AllOfBuilder::new().item(reference::<T>()).item(typed(kind));
        self.with::<T>(members.into())
    }

    /// A kind whose members are in `message`.
    pub(crate) fn nested<T: ToSchema, E>(self, kind: &str, _variant: fn(T) -> E) -> Self {
        let mut object = typed(kind);
        object
            .properties
            .insert("message".to_owned(), reference::<T>());
        object.required.push("message".to_owned());
        self.with::<T>(object.into())
    }

    fn with<T: ToSchema>(self, kind: RefOr<Schema>) -> Self {
        let mut schemas = self.schemas;
        schemas.push((name::<T>(), T::schema()));
        T::schemas(&mut schemas);
        Self {
            kinds: self.kinds.item(kind),
            schemas,
        }
    }

    /// The schema of all kinds.
    pub(crate) fn schema(self, description: &str) -> RefOr<Schema> {
        let kinds: OneOf = self.kinds.description(Some(description)).build();
        RefOr::T(Schema::OneOf(kinds))
    }

    /// Adds the schemas of the kinds.
    pub(crate) fn add_to(self, schemas: &mut Schemas) {
        schemas.extend(self.schemas);
    }
}

fn reference<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(name::<T>()).into()
}

/// The name of a type. A box has that of what is in it.
fn name<T: ToSchema>() -> String {
    let path = std::any::type_name::<T>();
    match path.strip_prefix("alloc::boxed::Box<") {
        Some(inner) => {
            let inner = inner.trim_end_matches('>');
            inner.rsplit("::").next().unwrap_or(inner).to_owned()
        }
        None => T::name().into_owned(),
    }
}

/// An object of this kind.
fn typed(kind: &str) -> Object {
    let word = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([kind]));
    ObjectBuilder::new()
        .property("type", word)
        .required("type")
        .build()
}
