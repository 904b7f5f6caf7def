//! A vault that is a file: only its owner may read it, and it is whole or not there.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::vault::{Credentials, Vault};

/// Owner may read and write, nobody else anything.
const OWNER_ONLY: u32 = 0o600;

/// Credentials in a file of JSON. Delete it to log in anew with a first password; whoever can do
/// that owns the machine.
#[derive(Clone, Debug)]
pub struct VaultFile(PathBuf);

impl VaultFile {
    /// In a file that need not be there yet; its folder must.
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn write(&self, text: &[u8]) -> io::Result<()> {
        let beside = self.0.with_extension("new");
        // a file of an attempt that was cut off has its own rights
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&beside)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&beside, &self.0)?;
        let folder = self.0.parent().unwrap_or_else(|| Path::new("."));
        fs::File::open(folder)?.sync_all()
    }
}

impl Vault for VaultFile {
    fn load(&self) -> Result<Credentials, String> {
        let name = self.0.display();
        let text = match fs::read(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Credentials::default());
            }
            Err(error) => {
                return Err(format!("cannot read {name}: {error}; it must belong to the service"));
            }
        };
        // a damaged file must not open the house: nothing starts without a decision
        serde_json::from_slice(&text).map_err(|error| {
            format!(
                "{name} is damaged ({error}); restore it from a backup, or delete it to set a new \
                 password"
            )
        })
    }

    fn keep(&self, credentials: &Credentials) -> Result<(), String> {
        let text = serde_json::to_vec_pretty(credentials).map_err(|error| error.to_string())?;
        self.write(&text).map_err(|error| {
            format!("cannot write {}: {error}; is the disk full or read-only?", self.0.display())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_kept_is_read_again_and_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.json");
        let vault = VaultFile::new(path.clone());
        assert_eq!(vault.load(), Ok(Credentials::default()));
        let mut credentials =
            Credentials { password: Some("$argon2id$x".into()), tokens: Vec::new() };
        vault.keep(&credentials).unwrap();
        credentials.password = Some("$argon2id$y".into());
        vault.keep(&credentials).unwrap();
        assert_eq!(vault.load(), Ok(credentials));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, OWNER_ONLY);
    }

    #[test]
    fn a_damaged_file_is_told_and_lets_nobody_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.json");
        fs::write(&path, "{\"password\":").unwrap();
        let error = VaultFile::new(path).load().unwrap_err();
        assert!(error.contains("damaged") && error.contains("delete it"), "{error}");
        let nowhere = VaultFile::new(folder.path().join("none/credentials.json"));
        assert!(nowhere.keep(&Credentials::default()).unwrap_err().contains("cannot write"));
    }
}
