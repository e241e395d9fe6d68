//! The table of routes. A route enters it together with its description, so that what is served and what is
//! described in OpenAPI cannot drift apart.

use std::collections::BTreeMap;

use axum::{
    Router,
    handler::Handler,
    middleware::from_fn_with_state,
    routing::{MethodRouter, delete, get, post},
};
use serde_json::{Value as Json, json};
use throughline_access::Need;
use throughline_domain::Code;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        Content, Header, HeaderBuilder, HttpMethod, PathItem, Paths, Ref, RefOr, Required, Response, Schema,
        extensions::Extensions,
        path::{OperationBuilder, ParameterBuilder, ParameterIn},
        request_body::{RequestBody, RequestBodyBuilder},
        schema::{ObjectBuilder, SchemaType, Type},
        security::SecurityRequirement,
    },
};

use crate::{
    State,
    gate::{self, Guard, Subject},
    problem::Kind,
};

/// Schemas that others refer to by name.
pub(crate) type Components = Vec<(String, RefOr<Schema>)>;

/// Routes with their descriptions. Every one is guarded: a route says what it needs, and whoever has no leave for that
/// does not reach its handler.
pub(crate) struct Api {
    state: State,
    router: Router<State>,
    paths: Paths,
    components: Components,
}

impl Api {
    pub fn new(state: State) -> Self {
        Self { state, router: Router::new(), paths: Paths::new(), components: Vec::new() }
    }

    /// Answers `GET`, and so `HEAD`.
    pub fn get<H, T>(self, path: &str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.route(HttpMethod::Get, path, get(handler), operation)
    }

    /// Answers `POST`.
    pub fn post<H, T>(self, path: &str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.route(HttpMethod::Post, path, post(handler), operation)
    }

    /// Answers `DELETE`.
    pub fn delete<H, T>(self, path: &str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.route(HttpMethod::Delete, path, delete(handler), operation)
    }

    fn route(
        mut self,
        method: HttpMethod,
        path: &str,
        handler: MethodRouter<State>,
        operation: Operation,
    ) -> Self {
        let guard = operation.guard(method != HttpMethod::Get);
        assert!(
            !matches!(guard.need, Need::ReadClient | Need::Append) || guard.subject != Subject::Nobody,
            "{path} is about one client and does not say which"
        );
        let guarded = from_fn_with_state((self.state.clone(), guard), gate::guard);
        let handler = handler.route_layer(guarded);
        let (operation, components) = operation.build();
        self.components.extend(components);
        // OpenAPI has no word for a parameter that goes on to the end of the path.
        let item = self.paths.paths.entry(path.replace("{*", "{")).or_default();
        item.merge_operations(PathItem::new(method, operation));
        Self { router: self.router.route(path, handler), ..self }
    }

    /// Adds schemas that descriptions refer to by name.
    pub fn describe(mut self, describe: impl FnOnce(&mut Components)) -> Self {
        describe(&mut self.components);
        self
    }

    /// The routes, their descriptions, and the schemas these refer to.
    pub fn into_parts(self) -> (Router<State>, Paths, Components) {
        (self.router, self.paths, self.components)
    }
}

/// One route's description: its parameters, its body, and every answer it can give.
pub(crate) struct Operation {
    need: Need,
    id: Code,
    subject: Subject,
    takes_real_ids: bool,
    is_read: bool,
    builder: OperationBuilder,
    answers: BTreeMap<u16, Response>,
    refusals: Vec<Kind>,
    components: Components,
}

impl Operation {
    /// A route in a group of routes, and what is needed to be let in. `id` names it in the description and in the access
    /// log, `summary` says what it answers in a few words, `about` in a sentence or two.
    pub fn new(need: Need, group: &str, id: &str, summary: &str, about: &str) -> Self {
        let builder = OperationBuilder::new()
            .tag(group)
            .operation_id(Some(id))
            .summary(Some(summary))
            .description((!about.is_empty()).then_some(about));
        Self {
            need,
            id: Code::new(id).expect("the ids of operations are codes"),
            subject: Subject::Nobody,
            takes_real_ids: false,
            is_read: false,
            builder,
            answers: BTreeMap::new(),
            refusals: Vec::new(),
            components: Vec::new(),
        }
    }

    /// The journey in the path, whose record is read: the caller must have leave for this client.
    pub fn journey(self) -> Self {
        self.about_journey(Subject::Client)
    }

    /// The journey in the path, whatever leave the caller has for this client; the handler looks at that.
    pub fn any_journey(self) -> Self {
        self.about_journey(Subject::Anyone)
    }

    fn about_journey(mut self, subject: Subject) -> Self {
        self.subject = subject;
        let about = "The journey: its UUID, or `source:key` for one that was imported (`hmis:62547`)";
        self.path("id", about).refuses(&[Kind::InvalidPath, Kind::UnknownJourney, Kind::NotYours])
    }

    /// The journey is named in the body; the handler looks at the caller's leave for this client.
    pub fn journey_in_body(mut self) -> Self {
        self.subject = Subject::Anyone;
        self.is_read = true;
        self.refuses(&[Kind::UnknownJourney, Kind::NotYours])
    }

    /// Of no use under pseudonyms: refused to whoever sees clients under those only.
    pub fn under_real_ids(mut self) -> Self {
        self.takes_real_ids = true;
        self
    }

    fn guard(&self, changes_something: bool) -> Guard {
        Guard {
            need: self.need,
            what: self.id.clone(),
            subject: self.subject,
            takes_real_ids: self.takes_real_ids,
            changes_something,
            is_read: self.is_read || !changes_something,
        }
    }

    /// A parameter in the path.
    pub fn path(mut self, name: &str, about: &str) -> Self {
        self.builder = self.builder.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some(about))
                .schema(Some(text())),
        );
        self
    }

    /// The parameters of the query.
    pub fn query<Q: IntoParams>(mut self) -> Self {
        let parameters = Q::into_params(|| Some(ParameterIn::Query));
        let known = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
        if known("min_position") {
            self = self.refuses(&[Kind::CatchingUp]);
        }
        if ["min_position", "as_of", "from", "after"].into_iter().any(known) {
            self = self.refuses(&[Kind::BeyondHead]);
        }
        if known("cursor") {
            self = self.refuses(&[Kind::InvalidCursor]);
        }
        for parameter in parameters {
            self.builder = self.builder.parameter(parameter);
        }
        self.refuses(&[Kind::InvalidQuery])
    }

    /// A header that the request may carry.
    pub fn header(mut self, name: &str, about: &str) -> Self {
        self.builder = self.builder.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(about))
                .schema(Some(text())),
        );
        self.refuses(&[Kind::InvalidHeader])
    }

    /// The body of the request, in each media type it may have.
    pub fn body(mut self, about: &str, contents: &[(&str, RefOr<Schema>)], example: &Json) -> Self {
        let mut body: RequestBodyBuilder =
            RequestBodyBuilder::new().description(Some(about)).required(Some(Required::True));
        for (media_type, schema) in contents {
            let mut content = Content::new(Some(schema.clone()));
            content.example =
                Some(if media_type.contains("batch") { json!([example]) } else { example.clone() });
            body = body.content(*media_type, content);
        }
        let body: RequestBody = body.build();
        self.builder = self.builder.request_body(Some(body));
        self.refuses(&[Kind::MalformedBody, Kind::SlowBody, Kind::TooLarge, Kind::WrongMediaType])
    }

    /// Answers 200 with this as JSON.
    pub fn answers<T: ToSchema>(self, about: &str) -> Self {
        let schema = reference(&T::name());
        self.describes::<T>().answers_as(200, about, "application/json", schema)
    }

    /// Describes a type that an answer refers to by name.
    pub fn describes<T: ToSchema>(mut self) -> Self {
        T::schemas(&mut self.components);
        self.components.push((T::name().into_owned(), T::schema()));
        self
    }

    /// Answers with this status and content.
    pub fn answers_as(mut self, status: u16, about: &str, media_type: &str, schema: RefOr<Schema>) -> Self {
        let response = self.answers.entry(status).or_insert_with(|| Response::new(about));
        response.content.insert(media_type.to_owned(), Content::new(Some(schema)).into());
        self
    }

    /// Says that answers so far carry an `ETag`, and that a reader who has it already is answered 304.
    pub fn tagged(mut self) -> Self {
        let tag = || -> RefOr<Header> {
            let about =
                "The journey's version; `\"7-1f0c…\"` where the answer depends on more than its own events";
            HeaderBuilder::new().schema(Some(text())).description(Some(about)).build().into()
        };
        for response in self.answers.values_mut() {
            response.headers.insert("ETag".to_owned(), tag());
        }
        let mut unchanged = Response::new("The reader's copy, named by `If-None-Match`, is still good");
        unchanged.headers.insert("ETag".to_owned(), tag());
        self.answers.insert(304, unchanged);
        self.builder = self.builder.parameter(
            ParameterBuilder::new()
                .name("If-None-Match")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some("The `ETag` of the reader's copy"))
                .schema(Some(text())),
        );
        self
    }

    /// Says that answers so far carry `Link: <…>; rel="next"` where a next page exists.
    pub fn paged(mut self) -> Self {
        for response in self.answers.values_mut() {
            let about = "`<…>; rel=\"next\"` where there is a next page";
            let header = HeaderBuilder::new().schema(Some(text())).description(Some(about)).build();
            response.headers.insert("Link".to_owned(), header.into());
        }
        self
    }

    /// Says that answers so far carry this header.
    pub fn answers_header(mut self, name: &str, about: &str) -> Self {
        for response in self.answers.values_mut() {
            let header = HeaderBuilder::new().schema(Some(text())).description(Some(about)).build();
            response.headers.insert(name.to_owned(), header.into());
        }
        self
    }

    /// May refuse for these reasons.
    pub fn refuses(mut self, kinds: &[Kind]) -> Self {
        self.refusals.extend(kinds);
        self
    }

    fn build(mut self) -> (utoipa::openapi::path::Operation, Components) {
        self.refusals.extend([Kind::Internal, Kind::Busy, Kind::TooOften, Kind::TookTooLong]);
        self.refusals.extend([Kind::NoHost, Kind::WrongHost]);
        let need = Extensions::builder().add("x-need", gate::name(self.need)).build();
        self.builder = self.builder.extensions(Some(need));
        if self.need != Need::Nothing {
            self.refusals.extend([Kind::NotSignedIn, Kind::NoLeave, Kind::CrossSite, Kind::Unrecorded]);
            self.builder = self.builder.securities(Some(
                SCHEMES.map(|scheme| SecurityRequirement::new(scheme, Vec::<String>::new())),
            ));
        }
        self.refusals.sort_unstable();
        self.refusals.dedup();
        let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
        for kind in self.refusals {
            by_status.entry(kind.status()).or_default().push(kind);
        }
        for (status, kinds) in by_status {
            let about: Vec<String> =
                kinds.iter().map(|kind| format!("`{}`: {}", kind.code(), kind.about().trim())).collect();
            let mut response = Response::new(about.join("\n\n"));
            response.content.insert(
                "application/problem+json".to_owned(),
                Content::new(Some(reference("Problem"))).into(),
            );
            self.answers.insert(status, response);
        }
        let mut operation = self.builder;
        for (status, response) in self.answers {
            operation = operation.response(status.to_string(), response);
        }
        (operation.build(), self.components)
    }
}

/// The ways to say who calls, as the description names them.
pub(crate) const SCHEMES: [&str; 2] = ["bearer", "session"];

/// A schema by its name.
pub(crate) fn reference(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

/// A text.
pub(crate) fn text() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).into()
}

/// Any object.
pub(crate) fn object() -> RefOr<Schema> {
    ObjectBuilder::new().into()
}
