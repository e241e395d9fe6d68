//! Projectors of different types behind one face, so that the runtime names none of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
};

use jiff::civil::Date;
use rayon::prelude::*;
use throughline_domain::{JourneyId, Version};
use throughline_log::codec;
use throughline_projection::{Answers, Figure, Programmes, Sums, WorkItem, WorkList};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{
    Error,
    row::{Known, Row, about_person},
};

/// Facts that are new to a row: folded on where they come last, else the journey is folded anew.
pub struct News<'a> {
    pub(crate) fresh: Option<&'a Known>,
    pub(crate) whole: &'a dyn Fn() -> Result<Known, Error>,
}

/// Reads the plain bytes of a journey's row.
pub type ReadRow<'a> = &'a (dyn Fn(JourneyId) -> Result<Option<Vec<u8>>, Error> + Sync);

/// A projector of any type. Rows pass through as plain bytes; sealing is the store's.
pub trait Projector: Send + Sync {
    /// Its name in paths and commands.
    fn name(&self) -> &'static str;
    /// Its version.
    fn version(&self) -> u32;
    /// The work lists it fills.
    fn work_lists(&self) -> &'static [WorkList];
    /// What its figures say of each other.
    fn sums(&self) -> Sums;
    /// The name and schema of its answer; schemas that it refers to by name are added to `components`.
    fn schema(&self, components: &mut Vec<(String, RefOr<Schema>)>) -> (String, RefOr<Schema>);
    /// A row with the news folded in; none where the life has nothing of a person in it, or no more.
    fn update(&self, row: Option<&[u8]>, news: &News<'_>) -> Result<Option<Vec<u8>>, Error>;
    /// A row folded from a whole life.
    fn fold(&self, life: &Known) -> Result<Vec<u8>, Error>;
    /// A generation of rows begun anew.
    fn fresh(&self) -> Box<dyn Fresh + '_>;
    /// What is said from a row on a date, and the version of the journey it rests on.
    fn answer(
        &self,
        row: &[u8],
        on: Date,
        programmes: &Programmes,
    ) -> Result<(serde_json::Value, Version), Error>;
    /// Takes what work lists need of this row; forgets the journey where there is none.
    fn remember(&self, journey: JourneyId, row: Option<&[u8]>) -> Result<(), Error>;
    /// What these clients add to a work list.
    fn work(
        &self,
        list: &str,
        admits: &mut dyn FnMut(JourneyId) -> bool,
        on: Date,
        programmes: &Programmes,
    ) -> Vec<(JourneyId, WorkItem)>;
    /// The figures of these clients.
    fn figures(
        &self,
        journeys: &[JourneyId],
        row: ReadRow<'_>,
        on: Date,
        programmes: &Programmes,
    ) -> Result<Vec<Figure>, Error>;
}

/// What a projector makes of lives beside what is served: plain rows for the caller to keep, and what work lists need.
pub trait Fresh: Send + Sync {
    /// A row folded from a whole life.
    fn fold(&self, journey: JourneyId, life: &Known) -> Result<Vec<u8>, Error>;
    /// Takes what work lists need of this row; forgets the journey where there is none.
    fn remember(&self, journey: JourneyId, row: Option<&[u8]>) -> Result<(), Error>;
    /// Lets work lists be filled from these lives, and no others, from now on.
    fn serve(self: Box<Self>);
}

/// The projectors registered, in the order they were.
#[derive(Clone, Default)]
pub struct Projectors(Vec<Arc<dyn Projector>>);

impl Projectors {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers one more. This line, and the projector's folder, are all there is to remove.
    #[must_use]
    pub fn with<P: Answers>(mut self) -> Self {
        self.0.push(Arc::new(Of::<P>::new()));
        self
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Projector>> {
        self.0.iter()
    }

    /// The one with this name.
    pub fn get(&self, name: &str) -> Result<&Arc<dyn Projector>, Error> {
        self.0
            .iter()
            .find(|projector| projector.name() == name)
            .ok_or_else(|| Error::UnknownProjector(name.chars().take(80).collect()))
    }

    pub(crate) fn with_placements<P: Answers>(&self, placements: &Arc<Of<P>>) -> Vec<Arc<dyn Projector>> {
        let placements: Arc<dyn Projector> = placements.clone();
        std::iter::once(placements).chain(self.0.iter().cloned()).collect()
    }
}

/// A projector of type `P` with the cards of every client.
pub(crate) struct Of<P: Answers> {
    cards: Cards<P>,
}

type Cards<P> = RwLock<BTreeMap<JourneyId, <P as Answers>::Card>>;

/// Cards of a generation that is not served yet.
struct FreshOf<'a, P: Answers> {
    served: &'a Cards<P>,
    cards: Cards<P>,
}

impl<P: Answers> Fresh for FreshOf<'_, P> {
    fn fold(&self, journey: JourneyId, life: &Known) -> Result<Vec<u8>, Error> {
        let row = Of::<P>::folded(life);
        put(&self.cards, journey, P::card(&row.view));
        Of::<P>::encode(&row)
    }

    fn remember(&self, journey: JourneyId, row: Option<&[u8]>) -> Result<(), Error> {
        Of::<P>::remember_in(&self.cards, journey, row)
    }

    fn serve(self: Box<Self>) {
        let cards = self.cards.into_inner().expect("cards are replaced one by one");
        *self.served.write().expect("cards are replaced one by one") = cards;
    }
}

fn put<Card>(cards: &RwLock<BTreeMap<JourneyId, Card>>, journey: JourneyId, card: Option<Card>) {
    let mut cards = cards.write().expect("cards are replaced one by one");
    match card {
        Some(card) => cards.insert(journey, card),
        None => cards.remove(&journey),
    };
}

impl<P: Answers> Of<P> {
    pub fn new() -> Self {
        Self { cards: RwLock::new(BTreeMap::new()) }
    }

    /// Reads the cards of every client.
    pub fn with_cards<T>(&self, read: impl FnOnce(&BTreeMap<JourneyId, P::Card>) -> T) -> T {
        read(&self.cards.read().expect("cards are replaced one by one"))
    }

    fn folded(life: &Known) -> Row<P::View> {
        let mut row = Row { version: life.version, ..Row::default() };
        row.fold::<P>(&life.facts);
        if life.awaits {
            row.last = None;
        }
        row
    }

    fn remember_in(cards: &Cards<P>, journey: JourneyId, row: Option<&[u8]>) -> Result<(), Error> {
        put(cards, journey, row.map(Self::decode).transpose()?.and_then(|row| P::card(&row.view)));
        Ok(())
    }

    fn encode(row: &Row<P::View>) -> Result<Vec<u8>, Error> {
        codec::encode(row)
            .map_err(|error| Error::Store(format!("a row of {} does not encode: {error}", P::NAME)))
    }

    fn decode(row: &[u8]) -> Result<Row<P::View>, Error> {
        codec::decode(row)
            .map_err(|error| Error::Store(format!("a row of {} does not decode: {error}", P::NAME)))
    }
}

impl<P: Answers> Projector for Of<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn version(&self) -> u32 {
        P::VERSION
    }

    fn work_lists(&self) -> &'static [WorkList] {
        P::WORK_LISTS
    }

    fn sums(&self) -> Sums {
        P::SUMS
    }

    fn schema(&self, components: &mut Vec<(String, RefOr<Schema>)>) -> (String, RefOr<Schema>) {
        <P::Answer as ToSchema>::schemas(components);
        (P::Answer::name().into_owned(), <P::Answer as PartialSchema>::schema())
    }

    fn update(&self, row: Option<&[u8]>, news: &News<'_>) -> Result<Option<Vec<u8>>, Error> {
        let begun = row.is_some();
        let mut row: Row<P::View> = row.map_or_else(|| Ok(Row::default()), Self::decode)?;
        match news.fresh {
            // A journey without a row may still have a life behind it: one that was taken back, or of a programme.
            Some(fresh) if if begun { row.precedes(&fresh.facts) } else { fresh.is_beginning() } => {
                if !begun && !about_person(&fresh.facts) {
                    return Ok(None);
                }
                row.version = fresh.version;
                row.fold::<P>(&fresh.facts);
            }
            _ => {
                let life = (news.whole)()?;
                return about_person(&life.facts).then(|| self.fold(&life)).transpose();
            }
        }
        Self::encode(&row).map(Some)
    }

    fn fold(&self, life: &Known) -> Result<Vec<u8>, Error> {
        Self::encode(&Self::folded(life))
    }

    fn fresh(&self) -> Box<dyn Fresh + '_> {
        Box::new(FreshOf::<P> { served: &self.cards, cards: RwLock::default() })
    }

    fn answer(
        &self,
        row: &[u8],
        on: Date,
        programmes: &Programmes,
    ) -> Result<(serde_json::Value, Version), Error> {
        let row = Self::decode(row)?;
        let answer = P::answer(&row.view, on, programmes);
        let body = serde_json::to_value(answer)
            .map_err(|error| Error::Store(format!("{} cannot be shown: {error}", P::NAME)))?;
        Ok((body, row.version))
    }

    fn remember(&self, journey: JourneyId, row: Option<&[u8]>) -> Result<(), Error> {
        Self::remember_in(&self.cards, journey, row)
    }

    fn work(
        &self,
        list: &str,
        admits: &mut dyn FnMut(JourneyId) -> bool,
        on: Date,
        programmes: &Programmes,
    ) -> Vec<(JourneyId, WorkItem)> {
        self.with_cards(|cards| {
            let admitted = cards.iter().filter(|(journey, _)| admits(**journey));
            admitted
                .flat_map(|(journey, card)| {
                    P::work(card, list, on, programmes).into_iter().map(|item| (*journey, item))
                })
                .collect()
        })
    }

    fn figures(
        &self,
        journeys: &[JourneyId],
        row: ReadRow<'_>,
        on: Date,
        programmes: &Programmes,
    ) -> Result<Vec<Figure>, Error> {
        let tally = journeys
            .par_chunks(512)
            .map(|journeys| {
                let mut tally = P::Tally::default();
                for journey in journeys {
                    if let Some(row) = row(*journey)? {
                        P::tally(&mut tally, &Self::decode(&row)?.view, on, programmes);
                    }
                }
                Ok::<_, Error>(tally)
            })
            .try_reduce(P::Tally::default, |mut into, other| {
                P::merge(&mut into, other);
                Ok(into)
            })?;
        Ok(P::figures(tally))
    }
}
