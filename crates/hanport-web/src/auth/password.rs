//! Hashing and comparing passwords: slow and hungry on purpose, so one at a time.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Who waits for a comparison beside the one that runs; more are turned away.
const WAITING: usize = 8;

/// Compares one password at a time.
#[derive(Debug)]
pub(crate) struct Comparer {
    /// One comparison takes 19 MiB.
    one: Semaphore,
    waiting: Semaphore,
}

impl Default for Comparer {
    fn default() -> Self {
        Self { one: Semaphore::new(1), waiting: Semaphore::new(WAITING) }
    }
}

/// Too many wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

impl Comparer {
    /// Whether a password is the one behind a hash.
    pub(crate) async fn matches(&self, password: String, hash: String) -> Result<bool, Busy> {
        self.alone(move || {
            let parsed = PasswordHash::new(&hash);
            parsed.is_ok_and(|parsed| {
                Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
            })
        })
        .await
    }

    /// The hash of a password, with a new salt.
    pub(crate) async fn hash(&self, password: String) -> Result<Option<String>, Busy> {
        self.alone(move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.ok().map(|hash| hash.to_string())
        })
        .await
    }

    async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let _place = self.waiting.try_acquire().map_err(|_| Busy)?;
        let _turn = self.one.acquire().await.map_err(|_| Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

/// What is wrong with a new password; `None` when it will do.
pub(crate) fn complaint(password: &str) -> Option<&'static str> {
    if password.chars().count() < 8 {
        Some("a password has at least 8 characters")
    } else if password.len() > 200 {
        Some("a password has at most 200 octets")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let comparer = Comparer::default();
        let hash = comparer.hash("korrekt hest".into()).await.unwrap().unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(comparer.matches("korrekt hest".into(), hash.clone()).await.unwrap());
        assert!(!comparer.matches("korrekt Hest".into(), hash).await.unwrap());
        assert!(!comparer.matches("x".into(), "no hash".into()).await.unwrap());
    }
}
