//! The doctors of all meters.

use std::sync::{Arc, PoisonError, RwLock};

use hanport_engine::doctor::Report;
use hanport_engine::outside::{Clinic, Clock};

use super::reader::Patient;

/// Who is treated, by name.
#[derive(Debug)]
pub(crate) struct Practice {
    clock: Arc<dyn Clock>,
    patients: RwLock<Vec<(String, Arc<Patient>)>>,
}

impl Practice {
    /// Nobody yet.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, patients: RwLock::default() }
    }

    /// A meter more.
    pub(crate) fn admit(&self, meter: &str, patient: Arc<Patient>) {
        let mut patients = self.patients.write().unwrap_or_else(PoisonError::into_inner);
        patients.retain(|(known, _)| known != meter);
        patients.push((meter.to_owned(), patient));
    }
}

impl Clinic for Practice {
    fn examine(&self, meter: &str) -> Option<Report> {
        let patients = self.patients.read().unwrap_or_else(PoisonError::into_inner);
        let (_, patient) = patients.iter().find(|(known, _)| known == meter)?;
        Some(patient.report(self.clock.now()))
    }
}
