//! Where everybody looks: the newest view of every meter, and who wants to hear of news.

use std::fmt;
use std::sync::{Arc, RwLock};

use crate::view::{Update, View};

type Listener = Box<dyn Fn(&Update) + Send + Sync>;

/// The newest view of every meter. One for the whole program, shared.
///
/// Listeners are called where the news arises, one after the other: they must hand over at once
/// and never wait.
#[derive(Default)]
pub struct Board {
    views: RwLock<Vec<Arc<View>>>,
    listeners: RwLock<Vec<Listener>>,
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board").finish_non_exhaustive()
    }
}

impl Board {
    /// An empty one. Meters stand in the order in which they first appear.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whoever listens hears everything from now on, until the end of the program.
    pub fn listen(&self, listener: impl Fn(&Update) + Send + Sync + 'static) {
        if let Ok(mut listeners) = self.listeners.write() {
            listeners.push(Box::new(listener));
        }
    }

    /// Puts up a view and tells everybody.
    pub fn publish(&self, update: &Update) {
        self.put(&update.view);
        if let Ok(listeners) = self.listeners.read() {
            for listener in listeners.iter() {
                listener(update);
            }
        }
    }

    /// Puts up a view and tells nobody.
    pub fn put(&self, view: &Arc<View>) {
        if let Ok(mut views) = self.views.write() {
            match views.iter_mut().find(|known| known.meter == view.meter) {
                Some(known) => *known = Arc::clone(view),
                None => views.push(Arc::clone(view)),
            }
        }
    }

    /// All meters.
    pub fn views(&self) -> Vec<Arc<View>> {
        self.views.read().map(|views| views.clone()).unwrap_or_default()
    }

    /// The meter of a name.
    pub fn view(&self, meter: &str) -> Option<Arc<View>> {
        self.views.read().ok()?.iter().find(|view| &*view.meter == meter).cloned()
    }

    /// The first meter: the one of addresses without a name.
    pub fn first(&self) -> Option<Arc<View>> {
        self.views.read().ok()?.first().cloned()
    }
}
