use crate::{Error, input::finite};

/// How much contact there has been lately: each contact counts 1 on its day and fades with time, to 1/e after
/// `fading`.
///
/// I(t) is the sum over contacts at or before t of exp(-(t - contact) / fading): the memory of a self-exciting process
/// (Hawkes 1971). All times in one unit.
///
/// # Errors
/// [`Error::OutOfRange`] for a fading time not above 0, [`Error::NotFinite`].
pub fn contact_intensity(contacts: &[f64], fading: f64, at: f64) -> Result<f64, Error> {
    finite("contact", contacts)?;
    finite("time", &[at])?;
    if !(fading.is_finite() && fading > 0.0) {
        return Err(Error::OutOfRange { what: "the fading time", value: fading, range: "more than 0" });
    }
    Ok(contacts
        .iter()
        .filter(|contact| **contact <= at)
        .map(|contact| (-(at - contact) / fading).exp())
        .sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_fades_and_one_to_come_does_not_count() {
        let intensity = contact_intensity(&[0.0, 14.0, 30.0], 14.0, 14.0).unwrap();
        assert!((intensity - (1.0 + (-1.0_f64).exp())).abs() < 1e-15);
        assert!(contact_intensity(&[0.0], 0.0, 1.0).is_err());
    }
}
