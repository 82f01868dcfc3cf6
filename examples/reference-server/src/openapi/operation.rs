//! What a route says of one of its methods.

use http::Method;
use palisade::authn_jwt::ProtectedRoutes;
use utoipa::{
    PartialSchema,
    openapi::{
        Content, RefOr, Required, Response, ResponseBuilder, Schema,
        extensions::ExtensionsBuilder,
        path::{
            Operation as Described, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
        },
        request_body::{RequestBody, RequestBodyBuilder},
    },
};

use super::{
    components,
    follows::{Known, Proof},
    shapes,
};

/// Refusals of whatever takes content: too slow, too large, of another kind, not what it is to be.
const OF_BODIES: [u16; 4] = [408, 413, 415, 422];
const JSON: &str = "application/json";

/// One method of a route, as the route itself knows it: what goes in, and what comes out where nothing is refused.
#[must_use]
pub(crate) struct Operation {
    method: Method,
    /// As it is declared.
    pattern: &'static str,
    summary: &'static str,
    about: Option<&'static str>,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    answers: Vec<(u16, ResponseBuilder)>,
    refusals: Vec<u16>,
    proof: Proof,
}

// === impl Operation ===

impl Operation {
    pub(crate) fn get(pattern: &'static str, summary: &'static str) -> Self {
        Self::new(Method::GET, pattern, summary)
    }

    pub(crate) fn post(pattern: &'static str, summary: &'static str) -> Self {
        Self::new(Method::POST, pattern, summary)
    }

    pub(crate) fn put(pattern: &'static str, summary: &'static str) -> Self {
        Self::new(Method::PUT, pattern, summary)
    }

    pub(crate) fn delete(pattern: &'static str, summary: &'static str) -> Self {
        Self::new(Method::DELETE, pattern, summary)
    }

    fn new(method: Method, pattern: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            pattern,
            summary,
            about: None,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: Vec::new(),
            proof: Proof::Any,
        }
    }

    /// Says more than the summary.
    pub(crate) fn about(mut self, about: &'static str) -> Self {
        self.about = Some(about);
        self
    }

    /// A parameter of the path that is not just a text.
    pub(crate) fn path(self, name: &str, shape: Schema) -> Self {
        let parameter = ParameterBuilder::new().parameter_in(ParameterIn::Path);
        self.parameter(parameter.required(Required::True).name(name).schema(Some(shape)))
    }

    /// A parameter of the query, which may be left out.
    pub(crate) fn query(self, name: &str, shape: Schema, about: &str) -> Self {
        let parameter = ParameterBuilder::new().parameter_in(ParameterIn::Query).name(name);
        self.parameter(parameter.description(Some(about)).schema(Some(shape)))
    }

    /// A parameter of the query that must be there.
    pub(crate) fn must_query(self, name: &str, shape: Schema, about: &str) -> Self {
        let parameter = ParameterBuilder::new().parameter_in(ParameterIn::Query).name(name);
        let parameter = parameter.required(Required::True).description(Some(about));
        self.parameter(parameter.schema(Some(shape)))
    }

    /// A header, which may be left out.
    pub(crate) fn header(self, name: &str, shape: Schema, about: &str) -> Self {
        let parameter = ParameterBuilder::new().parameter_in(ParameterIn::Header).name(name);
        self.parameter(parameter.description(Some(about)).schema(Some(shape)))
    }

    fn parameter(mut self, parameter: ParameterBuilder) -> Self {
        self.parameters.push(parameter.build());
        self
    }

    /// Takes JSON that is read as `T`.
    pub(crate) fn takes<T: PartialSchema>(self) -> Self {
        self.takes_shape(JSON, T::schema(), Required::True)
    }

    /// Takes JSON that is read as `T`, or nothing.
    pub(crate) fn may_take<T: PartialSchema>(self) -> Self {
        self.takes_shape(JSON, T::schema(), Required::False)
    }

    /// Takes content of this media type, or of the others that are named.
    pub(crate) fn takes_type(self, media_type: &str, shape: impl Into<RefOr<Schema>>) -> Self {
        self.takes_shape(media_type, shape.into(), Required::True)
    }

    fn takes_shape(mut self, media_type: &str, shape: RefOr<Schema>, required: Required) -> Self {
        let body = self.body.take().map_or_else(RequestBodyBuilder::new, RequestBodyBuilder::from);
        let body = body.content(media_type, Content::new(Some(shape)));
        self.body = Some(body.required(Some(required)).build());
        self.refuses(OF_BODIES)
    }

    /// Answers JSON with this status.
    pub(crate) fn json(self, status: u16, about: &str, shape: impl Into<RefOr<Schema>>) -> Self {
        let content = Content::new(Some(shape));
        let answer = ResponseBuilder::new().description(about).content(JSON, content);
        self.answer(status, answer)
    }

    /// Answers 200 with JSON, or with text of one of these media types.
    pub(crate) fn json_or<const N: usize>(
        self,
        types: [&str; N],
        about: &str,
        shape: impl Into<RefOr<Schema>>,
    ) -> Self {
        let answer = ResponseBuilder::new().description(about);
        let answer = answer.content(JSON, Content::new(Some(shape)));
        self.answer(200, with_texts(answer, types))
    }

    /// Answers 200 with text, or with bytes, of one of these media types.
    pub(crate) fn content<const N: usize>(self, types: [&str; N], about: &str) -> Self {
        self.answer(200, with_texts(ResponseBuilder::new().description(about), types))
    }

    /// Answers with bytes.
    pub(crate) fn bytes(self, status: u16, about: &str) -> Self {
        let answer = ResponseBuilder::new().description(about);
        self.answer(status, with_texts(answer, ["application/octet-stream"]))
    }

    /// Answers without content.
    pub(crate) fn nothing(self, status: u16, about: &str) -> Self {
        self.answer(status, ResponseBuilder::new().description(about))
    }

    fn answer(mut self, status: u16, answer: ResponseBuilder) -> Self {
        self.answers.push((status, answer));
        self
    }

    /// Refuses with these statuses, beside those that follow from its class, its parameters and its content.
    pub(crate) fn refuses<const N: usize>(mut self, statuses: [u16; N]) -> Self {
        self.refusals.extend(statuses);
        self
    }

    /// Refuses API keys.
    pub(crate) fn by_token_alone(mut self) -> Self {
        self.proof = Proof::Token;
        self
    }

    pub(super) fn method(&self) -> Method {
        self.method.clone()
    }

    pub(super) fn pattern(&self) -> &'static str {
        self.pattern
    }

    /// The same operation as the description has it, in the chapter of this name.
    pub(super) fn describe(
        self,
        chapter: &str,
        known: &Known,
        protected_routes: ProtectedRoutes,
    ) -> Described {
        let id = self.id();
        let access = ExtensionsBuilder::new().add("x-access", known.access()).build();
        let security = known.security(self.proof, protected_routes);
        let operation = OperationBuilder::new()
            .operation_id(Some(id))
            .tag(chapter)
            .summary(Some(self.summary))
            .description(self.about)
            .request_body(self.body)
            .securities(Some(security))
            .extensions(Some(access));
        let parameters = all_parameters(self.parameters, &known.parameters);
        let operation = parameters.into_iter().fold(operation, OperationBuilder::parameter);
        let refusals = known.refusals(&self.refusals).into_iter();
        let refusals = refusals.filter_map(|status| {
            let described = components::refusal(status)?;
            Some((status, RefOr::Ref(described)))
        });
        let answers = self.answers.into_iter().map(|(status, answer)| {
            let answer: Response = known.with_headers(answer).build();
            (status, RefOr::T(answer))
        });
        // What a route says itself of a status counts: it comes last.
        let all = refusals.chain(answers);
        let describe = |operation: OperationBuilder, (status, answer): (u16, RefOr<Response>)| {
            operation.response(status.to_string(), answer)
        };
        all.fold(operation, describe).build()
    }

    /// `get-api-admin-bans`: the method and the words of the path.
    fn id(&self) -> String {
        let words = self.pattern.split(|char: char| !char.is_ascii_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        let method = self.method.as_str().to_ascii_lowercase();
        [method.as_str()].into_iter().chain(words).collect::<Vec<_>>().join("-")
    }
}

fn with_texts<const N: usize>(answer: ResponseBuilder, types: [&str; N]) -> ResponseBuilder {
    types.into_iter().fold(answer, |answer, media_type| {
        answer.content(media_type, Content::new(Some(shapes::text())))
    })
}

/// Those that a route describes, behind those of its path that it does not: they are texts.
fn all_parameters(own: Vec<Parameter>, of_path: &[String]) -> Vec<Parameter> {
    let others = of_path.iter().filter(|name| own.iter().all(|own| own.name != **name));
    let others = others.map(|name| {
        let parameter = ParameterBuilder::new().parameter_in(ParameterIn::Path).name(name);
        parameter.required(Required::True).schema(Some(shapes::segment())).build()
    });
    let others: Vec<_> = others.collect();
    others.into_iter().chain(own).collect()
}
