//! One endpoint in words: what the OpenAPI document says about it, built beside its handler.

use axum::http::Method;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, Ref, RefOr, Required, ResponseBuilder, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::app::permissions::Operation;

/// The media type of nearly every body.
const JSON: &str = "application/json";

/// A schema and the named schemas it needs.
#[derive(Clone)]
pub(crate) struct Shape {
    /// The schema, mostly a reference.
    pub schema: RefOr<Schema>,
    /// What references in it point to, by name.
    pub components: Vec<(String, RefOr<Schema>)>,
}

impl Shape {
    /// The schema of a type, by its name.
    pub(crate) fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut components = vec![(name.clone(), T::schema())];
        T::schemas(&mut components);
        Self { schema: RefOr::Ref(Ref::from_schema_name(name)), components }
    }

    /// Any JSON at all.
    pub(crate) fn anything() -> Self {
        let schema = Schema::Object(ObjectBuilder::new().build());
        Self { schema: RefOr::T(schema), components: Vec::new() }
    }

    /// A text.
    pub(crate) fn text() -> Self {
        let schema = Schema::Object(ObjectBuilder::new().schema_type(Type::String).build());
        Self { schema: RefOr::T(schema), components: Vec::new() }
    }

    /// A schema that gets a name of its own, with what it needs.
    pub(crate) fn named(
        name: String,
        schema: impl Into<RefOr<Schema>>,
        needed: Vec<(String, RefOr<Schema>)>,
    ) -> Self {
        let mut components = needed;
        components.push((name.clone(), schema.into()));
        Self { schema: RefOr::Ref(Ref::from_schema_name(name)), components }
    }
}

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anyone, without a credential.
    Open,
    /// Anyone, limited per address to what the organization publishes.
    Published(Operation),
    /// Any credential.
    Known,
    /// Credentials that the table of permissions grants the operation.
    Granted(Operation),
}

impl Access {
    /// The row of the table of permissions that is asked first.
    pub(crate) fn operation(self) -> Option<Operation> {
        match self {
            Self::Published(operation) | Self::Granted(operation) => Some(operation),
            Self::Open | Self::Known => None,
        }
    }
}

/// An answer: its status, when it comes, and the shape and media type of its body.
type Answer = (u16, String, Option<(Shape, &'static str)>);

/// One method of one address.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// The method.
    pub method: Method,
    /// The address as it is documented, for instance `/bookings/{booking_id}:cancel`.
    pub path: String,
    /// Who may call it.
    pub access: Access,
    /// Whether it takes an `Idempotency-Key`.
    pub idempotent: bool,
    tag: String,
    summary: String,
    description: String,
    parameters: Vec<Parameter>,
    body: Option<(Shape, &'static str)>,
    answers: Vec<Answer>,
    problems: Vec<(u16, &'static str)>,
}

impl Endpoint {
    /// An endpoint that needs more words before it is complete.
    pub(crate) fn new(method: Method, path: impl Into<String>, access: Access) -> Self {
        let path = path.into();
        let parameters = path_parameters(&path);
        Self {
            method,
            path,
            access,
            idempotent: false,
            tag: "server".to_owned(),
            summary: String::new(),
            description: String::new(),
            parameters,
            body: None,
            answers: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// A `GET` that an operation of the table of permissions stands for.
    pub(crate) fn get(path: impl Into<String>, operation: Operation) -> Self {
        Self::new(Method::GET, path, Access::Granted(operation))
    }

    /// A `POST` that an operation of the table of permissions stands for.
    pub(crate) fn post(path: impl Into<String>, operation: Operation) -> Self {
        Self::new(Method::POST, path, Access::Granted(operation))
    }

    /// Under which heading it stands, and what it does in a few words.
    pub(crate) fn says(mut self, tag: impl Into<String>, summary: impl Into<String>) -> Self {
        self.tag = tag.into();
        self.summary = summary.into();
        self
    }

    /// What else is worth knowing.
    pub(crate) fn more(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The query it understands.
    pub(crate) fn asks<T: IntoParams>(mut self) -> Self {
        self.parameters.extend(T::into_params(|| Some(ParameterIn::Query)));
        self
    }

    /// Parameters that are listed elsewhere.
    pub(crate) fn parameters(mut self, parameters: Vec<Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// A header it understands.
    pub(crate) fn header(mut self, name: &str, description: &str) -> Self {
        self.parameters.push(text_parameter(name, ParameterIn::Header, description));
        self
    }

    /// The JSON body it takes.
    pub(crate) fn takes(self, shape: Shape) -> Self {
        self.takes_as(shape, JSON)
    }

    /// A body of another media type.
    pub(crate) fn takes_as(mut self, shape: Shape, media: &'static str) -> Self {
        self.body = Some((shape, media));
        self
    }

    /// Repeating it with the same `Idempotency-Key` does it only once.
    pub(crate) fn once(mut self) -> Self {
        self.idempotent = true;
        let text = "Any text of 1 to 200 characters, new for each new request. A repetition with \
                    the same key and body gets the same answer and changes nothing; kept 24 hours.";
        self.header("idempotency-key", text)
    }

    /// An answer with a JSON body.
    pub(crate) fn gives(self, status: u16, words: &str, shape: Shape) -> Self {
        self.gives_as(status, words, shape, JSON)
    }

    /// An answer with a body of another media type.
    pub(crate) fn gives_as(
        mut self,
        status: u16,
        words: &str,
        shape: Shape,
        media: &'static str,
    ) -> Self {
        self.answers.push((status, words.to_owned(), Some((shape, media))));
        self
    }

    /// An answer without a body.
    pub(crate) fn ends(mut self, status: u16, words: &str) -> Self {
        self.answers.push((status, words.to_owned(), None));
        self
    }

    /// A refusal of its own, besides those that its access, body and parameters bring.
    pub(crate) fn refuses(mut self, status: u16, words: &'static str) -> Self {
        self.problems.push((status, words));
        self
    }

    /// The entry of the document and the named schemas it needs.
    pub(crate) fn document(&self) -> (PathItem, Vec<(String, RefOr<Schema>)>) {
        let mut components = Vec::new();
        let mut operation = OperationBuilder::new()
            .tag(self.tag.as_str())
            .summary(Some(self.summary.clone()))
            .operation_id(Some(self.id()))
            .description(Some(self.words()).filter(|words| !words.is_empty()));
        for parameter in &self.parameters {
            operation = operation.parameter(parameter.clone());
        }
        if let Some((shape, media)) = &self.body {
            components.extend(shape.components.clone());
            let content = Content::new(Some(shape.schema.clone()));
            let body =
                RequestBodyBuilder::new().content(*media, content).required(Some(Required::True));
            operation = operation.request_body(Some(body.build()));
        }
        for (status, words, body) in &self.answers {
            let mut response = ResponseBuilder::new().description(words);
            if let Some((shape, media)) = body {
                components.extend(shape.components.clone());
                response = response.content(*media, Content::new(Some(shape.schema.clone())));
            }
            if *status == 201 {
                response = response.header("location", Header::default());
            }
            operation = operation.response(status.to_string(), response);
        }
        for (status, words) in self.all_problems() {
            let reference = Content::new(Some(Ref::from_schema_name("Problem")));
            let response = ResponseBuilder::new()
                .description(words)
                .content(crate::api::problem::PROBLEM_JSON, reference);
            operation = operation.response(status.to_string(), response);
        }
        if let Some(right) = self.access.operation() {
            let word = ExtensionsBuilder::new().add("x-right", right.word()).build();
            operation = operation.extensions(Some(word));
        }
        if matches!(self.access, Access::Known | Access::Granted(_)) {
            for scheme in ["api_key", "session"] {
                let none: [&str; 0] = [];
                operation = operation.security(SecurityRequirement::new(scheme, none));
            }
        }
        (PathItem::new(http_method(&self.method), operation), components)
    }

    /// The name of the operation for generated clients: the word of the table of permissions where
    /// that is unique, else method and address.
    fn id(&self) -> String {
        let path = self.path.trim_start_matches("/api/v1").trim_matches('/');
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let words: String = path.chars().map(plain).collect();
        let words: Vec<&str> = words.split('_').filter(|word| !word.is_empty()).collect();
        format!("{}_{}", self.method.as_str().to_lowercase(), words.join("_"))
    }

    fn words(&self) -> String {
        let mut words = self.description.clone();
        let Some(operation) = self.access.operation() else { return words };
        let grant = operation.grant();
        let mut who = Vec::new();
        if matches!(self.access, Access::Published(_)) {
            who.push("anyone, limited per address, on what the organization publishes".to_owned());
        } else {
            who.extend(grant.role.map(|role| format!("members from the role {}", role.as_str())));
            who.extend(grant.scope.map(|scope| format!("keys with the scope {scope}")));
        }
        if !words.is_empty() {
            words.push_str("\n\n");
        }
        words + &format!("For {} ({}).", who.join(" and "), operation.word())
    }

    /// Its own refusals and those that follow from what it takes and who may call it.
    fn all_problems(&self) -> Vec<(u16, &'static str)> {
        let mut all = self.problems.clone();
        let mut add = |status, words| {
            if !all.iter().any(|(known, _)| *known == status) {
                all.push((status, words));
            }
        };
        if self.body.as_ref().is_some_and(|(_, media)| *media == JSON) {
            add(400, "The body is no JSON.");
            add(415, "The body is no JSON.");
        }
        if self.body.is_some() {
            add(413, "The body is too large.");
        }
        if self.body.is_some() || !self.parameters.is_empty() {
            add(422, "The input is wrong; all faults.");
        }
        if matches!(self.access, Access::Known | Access::Granted(_)) {
            add(401, "No valid credential.");
            add(403, "The credential does not allow this.");
        }
        if self.path.contains('{') {
            add(404, "Nothing has this id, or the credential may not see it.");
        }
        if matches!(self.access, Access::Published(_)) {
            add(429, "Too many requests from this address.");
        }
        if self.idempotent {
            add(409, "The same request is still running.");
        }
        add(500, "A fault of the server.");
        all.sort_unstable();
        all
    }
}

fn http_method(method: &Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "DELETE" => HttpMethod::Delete,
        "PATCH" => HttpMethod::Patch,
        _ => HttpMethod::Get,
    }
}

/// One parameter for each name in braces; names that end in `id` are ids.
fn path_parameters(path: &str) -> Vec<Parameter> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let parameters = names.map(|name| match name {
        "date" => {
            let format = SchemaFormat::KnownFormat(KnownFormat::Date);
            parameter(name, ParameterIn::Path, "A date in the location's zone.", Some(format))
        }
        _ if name.ends_with("id") => {
            let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
            parameter(name, ParameterIn::Path, "An id.", Some(format))
        }
        _ => text_parameter(name, ParameterIn::Path, "A word from an earlier answer."),
    });
    parameters.collect()
}

fn text_parameter(name: &str, place: ParameterIn, description: &str) -> Parameter {
    parameter(name, place, description, None)
}

fn parameter(
    name: &str,
    place: ParameterIn,
    description: &str,
    format: Option<SchemaFormat>,
) -> Parameter {
    let in_path = place == ParameterIn::Path;
    let schema = ObjectBuilder::new().schema_type(Type::String).format(format);
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(if in_path { Required::True } else { Required::False })
        .description(Some(description))
        .schema(Some(Schema::Object(schema.build())))
        .build()
}
