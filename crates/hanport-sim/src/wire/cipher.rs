//! General ciphering, security suite 0.

use hanport_core::cipher::key::Key;
use hanport_core::cipher::sealed::{Control, Kind, Wrapping};
use hanport_core::cipher::suite0::KeyRing;
use hanport_core::cosem::length::LengthForm;

use super::written;

/// What a sender needs to cipher.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sealing<'a> {
    /// System title; `None` leaves it out.
    pub(crate) title: Option<[u8; 8]>,
    /// Security control octet.
    pub(crate) control: u8,
    /// Invocation counter.
    pub(crate) counter: u32,
    /// Encryption key.
    pub(crate) key: &'a [u8; 16],
    /// Authentication key; zeros where the market has none.
    pub(crate) authentication: &'a [u8; 16],
}

impl Sealing<'_> {
    /// The whole general-glo-ciphering unit; `long` writes the length in three octets always.
    pub(crate) fn general_glo(&self, plain: &[u8], long: bool) -> Vec<u8> {
        let form = if long { LengthForm::Two } else { LengthForm::Shortest };
        self.unit(plain, Kind::GeneralGlo, form)
    }

    /// The same without the tag octet in front.
    pub(crate) fn untagged(&self, plain: &[u8]) -> Vec<u8> {
        self.unit(plain, Kind::Untagged, LengthForm::Two)
    }

    fn unit(&self, plain: &[u8], kind: Kind, length_form: LengthForm) -> Vec<u8> {
        let keys = KeyRing::new(Some(&Key::new(*self.key)), Some(&Key::new(*self.authentication)));
        let wrapping = Wrapping {
            kind,
            control: Control(self.control),
            system_title: self.title,
            invocation_counter: self.counter,
            length_form,
        };
        written(plain.len() + 64, |out| keys.seal(plain, &wrapping, out))
    }
}
