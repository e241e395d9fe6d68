//! The contacts of a stretch of days, counted as the stretch slides: each contact enters once and leaves once.

use throughline_domain::{Eyes, Format};

use crate::{
    answer::{Breadth, People, Robustness, Share},
    life::Life,
    view::{Contact, PackedFit},
};

/// The contacts of a stretch of days.
pub(crate) struct Window<'l> {
    life: &'l Life<'l>,
    from: usize,
    to: usize,
    life_areas: Vec<u32>,
    workers: Vec<u32>,
    formats: [u32; Format::ALL.len()],
    caregivers: u32,
    partners: u32,
    two_way: u32,
    begun: u32,
    begun_by_client: u32,
    check_ins: u32,
    rated: [u32; PackedFit::SIDES],
    met: [u32; PackedFit::SIDES],
    rated_throughout: u32,
    met_throughout: u32,
}

impl<'l> Window<'l> {
    pub(crate) fn new(life: &'l Life<'l>) -> Self {
        Self {
            life,
            from: 0,
            to: 0,
            life_areas: vec![0; life.codes()],
            workers: vec![0; life.codes()],
            formats: [0; Format::ALL.len()],
            caregivers: 0,
            partners: 0,
            two_way: 0,
            begun: 0,
            begun_by_client: 0,
            check_ins: 0,
            rated: [0; PackedFit::SIDES],
            met: [0; PackedFit::SIDES],
            rated_throughout: 0,
            met_throughout: 0,
        }
    }

    /// Moves to the contacts from one day to another, both included. Either end may move either way.
    pub(crate) fn slide(&mut self, from_day: i32, to_day: i32) {
        let contacts = self.life.contacts;
        while self.to < contacts.len() && contacts[self.to].day <= to_day {
            self.to += 1;
            self.count(&contacts[self.to - 1], 1);
        }
        while self.from > 0 && contacts[self.from - 1].day >= from_day {
            self.from -= 1;
            self.count(&contacts[self.from], 1);
        }
        while self.to > self.from && contacts[self.to - 1].day > to_day {
            self.to -= 1;
            self.count(&contacts[self.to], -1);
        }
        while self.from < self.to && contacts[self.from].day < from_day {
            self.from += 1;
            self.count(&contacts[self.from - 1], -1);
        }
    }

    fn count(&mut self, contact: &Contact, by: i32) {
        let add = |count: &mut u32, counts: bool| {
            if counts {
                *count = count.wrapping_add_signed(by);
            }
        };
        if let Some(area) = contact.life_area {
            add(&mut self.life_areas[usize::from(area)], true);
        }
        if let Some(worker) = contact.worker {
            add(&mut self.workers[usize::from(worker)], true);
        }
        add(&mut self.formats[contact.format as usize], true);
        add(&mut self.caregivers, contact.caregiver);
        add(&mut self.partners, contact.partner);
        add(&mut self.two_way, contact.two_way);
        add(&mut self.begun, contact.begun_by.is_some());
        add(&mut self.begun_by_client, contact.begun_by == Some(Eyes::Client));
        add(&mut self.check_ins, contact.check_in);
        let sides: [Option<bool>; PackedFit::SIDES] = std::array::from_fn(|side| contact.fit.side(side));
        for (side, rating) in sides.into_iter().enumerate() {
            add(&mut self.rated[side], rating.is_some());
            add(&mut self.met[side], rating == Some(true));
        }
        add(&mut self.rated_throughout, sides.iter().all(Option::is_some));
        add(&mut self.met_throughout, sides.iter().all(|side| *side == Some(true)));
    }

    pub(crate) fn contacts(&self) -> u32 {
        u32::try_from(self.to - self.from).expect("fewer than four billion contacts")
    }

    pub(crate) fn two_way(&self) -> Option<Share> {
        Share::of(self.two_way, self.contacts())
    }

    pub(crate) fn client_began(&self) -> Option<Share> {
        Share::of(self.begun_by_client, self.begun)
    }

    pub(crate) fn check_ins_held(&self) -> u32 {
        self.check_ins
    }

    pub(crate) fn breadth(&self) -> Breadth {
        let mut life_areas: Vec<_> =
            self.life_areas_used().map(|place| self.life.code(place).clone()).collect();
        life_areas.sort_unstable();
        Breadth { life_areas, people: self.people(), formats: self.formats_used().collect() }
    }

    /// Life areas, people and formats together: how broad the relationship is, as one count for comparing.
    pub(crate) fn breadth_total(&self) -> u32 {
        let used = self.life_areas_used().count() + self.formats_used().count();
        u32::try_from(used).expect("codes are 16 bits") + self.people().total
    }

    pub(crate) fn life_areas_used(&self) -> impl Iterator<Item = u16> {
        present(&self.life_areas)
    }

    /// A form the source did not record is no form used.
    pub(crate) fn formats_used(&self) -> impl Iterator<Item = Format> {
        let used = |format: &Format| *format != Format::Unknown && self.formats[*format as usize] > 0;
        Format::ALL.iter().copied().filter(used)
    }

    pub(crate) fn robustness(&self) -> Robustness {
        let side = |side: usize| Share::of(self.met[side], self.rated[side]);
        Robustness {
            needed: side(0),
            usable: side(1),
            tailored: side(2),
            timely: side(3),
            all_four: Share::of(self.met_throughout, self.rated_throughout),
        }
    }

    pub(crate) fn people(&self) -> People {
        let client = u32::from(self.contacts() > 0);
        let caregivers = u32::from(self.caregivers > 0);
        let partners = u32::from(self.partners > 0);
        let workers = u32::try_from(present(&self.workers).count()).expect("codes are 16 bits");
        People { client, caregivers, workers, partners, total: client + caregivers + workers + partners }
    }
}

fn present(counts: &[u32]) -> impl Iterator<Item = u16> {
    (0..=u16::MAX).zip(counts).filter(|(_, count)| **count > 0).map(|(place, _)| place)
}
