//! What the program talks to, and how that goes: for the status lights of old clients.

use std::sync::{PoisonError, RwLock};

/// How a service does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceState {
    /// It is switched off.
    #[default]
    Disabled,
    /// It works.
    Ok,
    /// It is being connected.
    Connecting,
    /// It does not work.
    Error,
}

impl ServiceState {
    /// The number that old clients know: 0 to 3.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Disabled => 0,
            Self::Ok => 1,
            Self::Connecting => 2,
            Self::Error => 3,
        }
    }
}

/// One service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// What it is, a stable word: `mqtt`, `price`, `ntp`.
    pub id: String,
    /// How it does.
    pub state: ServiceState,
    /// The code of its last error; 0 for none.
    pub code: i64,
    /// With whom: a host, an area.
    pub detail: String,
    /// Its name for people; empty for none.
    pub name: String,
}

/// All services. Whoever runs one tells here how it does.
#[derive(Debug, Default)]
pub struct Services(RwLock<Vec<Service>>);

impl Services {
    /// Takes the place of what was told of the same `id` and `name`.
    pub fn tell(&self, service: Service) {
        let mut services = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &&mut Service| known.id == service.id && known.name == service.name;
        match services.iter_mut().find(same) {
            Some(known) => *known = service,
            None => services.push(service),
        }
    }

    /// All of them, in the order in which they were first told.
    pub fn list(&self) -> Vec<Service> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
