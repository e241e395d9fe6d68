//! What the codes are called, in English and Afrikaans, and the facts that can be recorded.

use axum::response::Response;
use serde::Serialize;
use throughline_access::Need;
use throughline_domain::{
    TYPE_NAMES,
    vocabulary::{self, Vocabulary},
};
use utoipa::ToSchema;

use crate::{
    answer,
    api::{Api, Operation, reference},
    parameters::{NamePath, NoParameters, Query},
    problem::{Fault, Kind, Problem},
};

/// The name under which the catalogue of facts is listed beside the vocabularies.
const FACTS: &str = "facts";

/// The vocabularies there are.
#[derive(Debug, Serialize, ToSchema)]
struct Vocabularies {
    /// The vocabularies.
    vocabularies: Vec<ListedVocabulary>,
}

/// One vocabulary.
#[derive(Debug, Serialize, ToSchema)]
struct ListedVocabulary {
    /// Its name in paths.
    name: &'static str,
    /// Whether other codes are refused.
    closed: bool,
    /// How many codes it has.
    terms: usize,
    /// Where it is.
    link: String,
}

/// Every fact that can be recorded.
#[derive(Debug, Serialize, ToSchema)]
struct Facts {
    /// Always `facts`.
    name: &'static str,
    /// Always true: nothing else can be recorded.
    closed: bool,
    /// The facts.
    terms: Vec<FactTerm>,
}

/// One fact.
#[derive(Debug, Serialize, ToSchema)]
struct FactTerm {
    /// Its name on the wire, as a CloudEvent's `type`.
    code: &'static str,
    /// Its family.
    family: &'static str,
    /// Its short name.
    fact: &'static str,
    /// English.
    en: String,
    /// Afrikaans.
    af: String,
    /// Where its fields are described.
    schema: String,
}

/// `GET /v1/vocabularies` and `GET /v1/vocabularies/{name}`.
pub(crate) fn routes(api: Api) -> Api {
    let all =
        Operation::new(Need::SignedIn, "Vocabularies", "vocabularies", "The vocabularies there are", "")
            .query::<NoParameters>()
            .answers::<Vocabularies>("The vocabularies");
    let about = "The codes of one vocabulary with what they are called in English (`en`) and Afrikaans (`af`). \
                 `facts` lists every fact that can be recorded.";
    let one = Operation::new(Need::SignedIn, "Vocabularies", "vocabulary", "One vocabulary", about)
        .path("name", "The vocabulary: `life-area`; GET /v1/vocabularies names all")
        .query::<NoParameters>()
        .answers_as(200, "The vocabulary", "application/json", either())
        .refuses(&[Kind::UnknownName]);
    api.get("/v1/vocabularies", vocabularies, all)
        .get("/v1/vocabularies/{name}", one_vocabulary, one)
        .describe(|components| {
            for schemas in [<Vocabulary as ToSchema>::schemas, <Facts as ToSchema>::schemas] {
                schemas(components);
            }
            components.push(("Vocabulary".to_owned(), <Vocabulary as utoipa::PartialSchema>::schema()));
            components.push(("Facts".to_owned(), <Facts as utoipa::PartialSchema>::schema()));
        })
}

fn either() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    let one_of =
        utoipa::openapi::schema::OneOfBuilder::new().item(reference("Vocabulary")).item(reference("Facts"));
    utoipa::openapi::Schema::OneOf(one_of.build()).into()
}

async fn vocabularies(Query(NoParameters {}): Query<NoParameters>) -> Response {
    let link = |name: &str| format!("/v1/vocabularies/{name}");
    let facts = ListedVocabulary { name: FACTS, closed: true, terms: TYPE_NAMES.len(), link: link(FACTS) };
    let known = vocabulary::all().iter().map(|vocabulary| ListedVocabulary {
        name: &vocabulary.name,
        closed: vocabulary.closed,
        terms: vocabulary.terms.len(),
        link: link(&vocabulary.name),
    });
    answer::page(&Vocabularies { vocabularies: std::iter::once(facts).chain(known).collect() }, None)
}

async fn one_vocabulary(
    NamePath(name): NamePath,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    if name == FACTS {
        return Ok(answer::page(&facts(), None));
    }
    let vocabulary = vocabulary::get(&name).ok_or_else(|| {
        let given: String = name.chars().take(80).collect();
        Kind::UnknownName
            .because(format!("no vocabulary is called `{given}`; GET /v1/vocabularies lists them"))
            .at(Fault::parameter("name"))
    })?;
    Ok(answer::page(vocabulary, None))
}

fn facts() -> Facts {
    let words = vocabulary::get("fact");
    let terms = TYPE_NAMES.iter().map(|code| {
        let mut parts = code.split('.').skip(1);
        let (family, fact) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let term = words.and_then(|words| words.term(fact));
        let plain = || fact.replace('-', " ");
        FactTerm {
            code,
            family,
            fact,
            en: term.map_or_else(plain, |term| term.en.clone()),
            af: term.map_or_else(plain, |term| term.af.clone()),
            schema: format!("/openapi.json#/components/schemas/{}", crate::openapi::event_name(code)),
        }
    });
    Facts { name: FACTS, closed: true, terms: terms.collect() }
}
