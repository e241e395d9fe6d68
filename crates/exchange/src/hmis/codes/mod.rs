//! The code lists of the HMIS CSV format, as codes of this product. The numbers are the published ones of the format
//! versions FY2020 to FY2026; a later version keeps the numbers of an earlier one or gives them up, so one list serves
//! all, with the exceptions named at each list.

mod living;
mod people;
mod projects;
mod services;

pub(super) use living::*;
pub(super) use people::*;
pub(super) use projects::*;
pub(super) use services::*;

/// A code list: number and code.
pub(super) type List = &'static [(u32, &'static str)];

/// The code of a number.
pub(super) fn find(list: List, number: u32) -> Option<&'static str> {
    list.iter().find(|(known, _)| *known == number).map(|(_, code)| *code)
}

/// Whether the number says that nothing is known: the client does not know, will not say, or was not asked.
pub(super) const fn is_unsaid(number: u32) -> bool {
    matches!(number, 8 | 9 | 99)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use throughline_domain::Code;

    use super::*;

    #[test]
    fn every_code_of_every_list_is_a_code_and_every_number_stands_once() {
        for (nth, list) in [LIVING, PROJECT_KINDS, FUNDERS, STAGES, EVENTS, RELATIONSHIPS].iter().enumerate()
        {
            let numbers: BTreeSet<u32> = list.iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers.len(), list.len(), "list {nth}");
            for (_, code) in *list {
                assert!(Code::new(code).is_ok(), "{code}");
            }
        }
        let areas = throughline_domain::vocabulary::get("life-area").expect("a closed vocabulary");
        for (record_type, types) in SERVICES.iter().chain(&[(PATH_REFERRAL_RECORD, PATH_REFERRALS)]) {
            for (number, code, area) in *types {
                assert!(Code::new(code).is_ok() && areas.term(area).is_some(), "{record_type}/{number}");
            }
        }
    }

    #[test]
    fn permanent_destinations_are_those_of_both_eras() {
        use throughline_domain::DestinationKind::Permanent;
        let permanent: Vec<u32> =
            (0..500).filter(|number| destination_kind(*number) == Some(Permanent)).collect();
        let old = [3, 10, 11, 19, 20, 21, 22, 23, 26, 28, 31, 33, 34];
        let new = [410, 411, 421, 422, 423, 426, 435];
        assert_eq!(permanent, [old.as_slice(), new.as_slice()].concat());
    }
}
