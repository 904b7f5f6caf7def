//! Where the board hands over news: at once, and never waiting.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use hanport_engine::board::Board;
use hanport_engine::view::{Update, What};
use tokio::sync::Notify;

/// News that wait. A reader that comes every ten seconds fills this in a day, so only a program
/// that stands still gets here; then the oldest live news go. Booked intervals never do: they
/// are few, and are kept for the broker.
const LIMIT: usize = 16_384;

/// News on their way from the board.
#[derive(Debug, Default)]
pub struct Inbox {
    news: Mutex<VecDeque<Update>>,
    came: Notify,
}

impl Inbox {
    /// Listens to a board for as long as somebody holds this inbox.
    pub fn listen(self: &Arc<Self>, board: &Board) {
        let inbox = Arc::downgrade(self);
        board.listen(move |update| {
            if let Some(inbox) = inbox.upgrade() {
                inbox.put(update);
            }
        });
    }

    /// Hands over.
    pub fn put(&self, update: &Update) {
        {
            let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
            if news.len() >= LIMIT {
                let is_live = |update: &Update| !matches!(update.what, What::Interval(_));
                match news.iter().position(is_live) {
                    Some(oldest) => drop(news.remove(oldest)),
                    None if is_live(update) => return,
                    None => {}
                }
            }
            news.push_back(update.clone());
        }
        self.came.notify_one();
    }

    /// Takes what there is.
    pub(crate) fn drain(&self) -> VecDeque<Update> {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes what there is; waits where there is nothing. Nothing is lost when it is dropped.
    pub(crate) async fn take(&self) -> VecDeque<Update> {
        loop {
            let came = self.came.notified();
            let news = self.drain();
            if !news.is_empty() {
                return news;
            }
            came.await;
        }
    }
}
