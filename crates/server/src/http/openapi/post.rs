//! POSTs of JSON of which one handler serves many: the resources of a session ("nouns" of
//! the Chat REST API), and the actions of the Agent Chat API. Each is described by what
//! it takes and what it answers.

use serde_json::Value;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        Content, ContentBuilder, HttpMethod, ObjectBuilder, OpenApi, Ref, RefOr, Required,
        ResponseBuilder, Schema, SecurityRequirement,
        example::ExampleBuilder,
        link::Link,
        path::{OperationBuilder, Parameter, PathItem},
        request_body::RequestBodyBuilder,
        schema::Type,
    },
};

/// The description of one.
pub(crate) struct Post {
    operation: OperationBuilder,
    content: ContentBuilder,
    body_is_required: bool,
    answer: Option<ResponseBuilder>,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Post {
    /// It takes a `T`.
    pub(crate) fn of<T: ToSchema>(id: &str, summary: &str) -> Self {
        let mut post = Self::of_nothing(id, summary);
        post.content = ContentBuilder::new().schema(Some(post.add::<T>()));
        post.body_is_required = true;
        post
    }

    /// It takes an object of which nothing is read.
    pub(crate) fn of_nothing(id: &str, summary: &str) -> Self {
        let object = ObjectBuilder::new().schema_type(Type::Object);
        Self {
            operation: OperationBuilder::new()
                .operation_id(Some(id))
                .summary(Some(summary)),
            content: ContentBuilder::new().schema(Some(object)),
            body_is_required: false,
            answer: None,
            schemas: Vec::new(),
        }
    }

    /// Its body may be left out.
    pub(crate) fn or_nothing(mut self) -> Self {
        self.body_is_required = false;
        self
    }

    /// An example of its body.
    pub(crate) fn example(mut self, name: &str, body: Value) -> Self {
        let example = ExampleBuilder::new().value(Some(body)).build();
        self.content = self.content.examples_from_iter([(name, example)]);
        self
    }

    pub(crate) fn tag(mut self, tag: &str) -> Self {
        self.operation = self.operation.tag(tag);
        self
    }

    pub(crate) fn security(
        mut self,
        security: impl IntoIterator<Item = SecurityRequirement>,
    ) -> Self {
        self.operation = self.operation.securities(Some(security));
        self
    }

    pub(crate) fn parameters(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.operation = self.operation.parameters(Some(parameters));
        self
    }

    /// These are its answers, or some of them.
    pub(crate) fn answers<R: IntoResponses>(mut self) -> Self {
        for (status, response) in R::responses() {
            self.operation = self.operation.response(status, response);
        }
        self
    }

    /// It answers a `T` when it was done.
    pub(crate) fn answers_with<T: ToSchema>(mut self, description: &str) -> Self {
        let content = Content::new(Some(self.add::<T>()));
        let answer = ResponseBuilder::new().description(description);
        self.answer = Some(answer.content("application/json", content));
        self
    }

    /// What the answer is good for. Only after [`Self::answers_with`].
    pub(crate) fn link(mut self, name: &str, link: Link) -> Self {
        self.answer = self.answer.map(|answer| answer.link(name, link));
        self
    }

    /// Adds it to the document.
    pub(crate) fn add_to(self, document: &mut OpenApi, path: &str) {
        let required = match self.body_is_required {
            true => Required::True,
            false => Required::False,
        };
        let body = RequestBodyBuilder::new()
            .content("application/json", self.content.build())
            .required(Some(required));
        let mut operation = self.operation.request_body(Some(body.build()));
        if let Some(answer) = self.answer {
            operation = operation.response("200", answer);
        }
        let item = PathItem::new(HttpMethod::Post, operation);
        let of_path = document.paths.paths.entry(path.to_owned()).or_default();
        of_path.merge_operations(item);
        let components = document.components.get_or_insert_default();
        components.schemas.extend(self.schemas);
    }

    fn add<T: ToSchema>(&mut self) -> RefOr<Schema> {
        T::schemas(&mut self.schemas);
        // Of lists there are schemas, but no names.
        match T::name().as_ref() {
            "Vec" | "Value" => T::schema(),
            name => {
                self.schemas.push((name.to_owned(), T::schema()));
                Ref::from_schema_name(name).into()
            }
        }
    }
}
