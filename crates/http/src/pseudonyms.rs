//! Ids of an account's own: the same client has the same for the same account, another for another account, and nobody
//! without the log's secret can tell whose it is.

use hkdf::Hkdf;
use sha2::Sha256;
use throughline_domain::{Actor, JourneyId};
use throughline_log::Secret;
use uuid::Builder;

/// What the secret is derived for. Another would give everybody other ids.
pub(crate) const PURPOSE: &str = "throughline pseudonyms v1";

/// Gives ids of an account's own.
pub(crate) struct Pseudonyms(Hkdf<Sha256>);

impl Pseudonyms {
    /// By this secret.
    pub fn new(secret: &Secret) -> Self {
        Self(Hkdf::from_prk(secret.as_slice()).expect("32 bytes are a key of SHA-256"))
    }

    /// The id under which this account sees this client. HKDF-Expand of one block is HMAC-SHA256 under the secret.
    pub fn of(&self, account: &Actor, client: JourneyId) -> JourneyId {
        let mut bytes = [0; 16];
        let parts: [&[u8]; 3] = [account.as_str().as_bytes(), &[0], &client.bytes()];
        self.0.expand_multi_info(&parts, &mut bytes).expect("16 bytes are less than one block");
        JourneyId::new(Builder::from_custom_bytes(bytes).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_an_accounts_own_and_stays() {
        let pseudonyms = |secret: u8| Pseudonyms::new(&Secret::new([secret; 32]));
        let account = |name: &str| Actor::new(name).expect("a pseudonym");
        let client = |n: u8| JourneyId::from_bytes([n; 16]);
        let of = pseudonyms(1).of(&account("evaluator:e1"), client(7));
        assert_eq!(of, pseudonyms(1).of(&account("evaluator:e1"), client(7)));
        assert_eq!(of.uuid().get_version_num(), 8);
        for other in [
            pseudonyms(1).of(&account("evaluator:e2"), client(7)),
            pseudonyms(1).of(&account("evaluator:e1"), client(8)),
            pseudonyms(2).of(&account("evaluator:e1"), client(7)),
            client(7),
        ] {
            assert_ne!(of, other);
        }
    }
}
