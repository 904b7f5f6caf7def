//! One program at a time writes to a data folder.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};
use rustix::fs::{FlockOperation, flock};

/// The name of the file that is locked.
const FILE: &str = "hanport.lock";

/// A data folder that nobody else writes to, until this is dropped. The system takes the lock away
/// when the program ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "it is held open")] File);

impl Lock {
    /// Takes a folder, which is made where it is not there.
    pub(crate) fn take(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)
            .with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
        let path = folder.join(FILE);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = match open {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                bail!("{} cannot be written: run it as the user of the service", folder.display())
            }
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be opened", path.display()));
            }
        };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            bail!(
                "another hanport uses the data in {}: stop the service first (systemctl stop hanport)",
                folder.display()
            );
        }
        Ok(Self(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_one_until_it_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("data");
        let first = Lock::take(&below).expect("nobody has it");
        let refused = Lock::take(&below).expect_err("somebody has it").to_string();
        assert!(refused.contains("stop the service first"), "{refused}");
        drop(first);
        Lock::take(&below).expect("it was given back");
    }
}
