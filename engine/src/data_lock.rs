//! One program at a time serves from a SQLite file; others may read it and add people beside it.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Locks of this process. The system takes them away when it ends, however that comes about.
static HELD: OnceLock<File> = OnceLock::new();

/// Why the lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(
        "another sala{} serves from {}: two on one SQLite file would take each other's messages. Stop that one, or give \
         this one a folder of its own with --data; several can share a PostgreSQL", process(*.pid), .file.display()
    )]
    Taken { file: PathBuf, pid: Option<u32> },
    #[error("the lock {} cannot be taken: {error}. Check that the folder can be written to", .path.display())]
    Failed { path: PathBuf, error: std::io::Error },
}

/// Keeps every other program from serving from this SQLite file until this process ends.
pub fn serve_alone(file: &Path) -> Result<(), LockError> {
    if let Some(lock) = lock(file)? {
        // A second lock of this process would not have been given.
        drop(HELD.set(lock));
    }
    Ok(())
}

/// True while some program serves from this SQLite file.
pub fn is_held(file: &Path) -> bool {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let mut name = OsString::from(&file);
    name.push(".lock");
    // It is taken for this moment only: closing the file gives it back.
    File::open(name).is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The lock on the file beside the database; none where the file system knows no locks.
fn lock(file: &Path) -> Result<Option<File>, LockError> {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let mut name = OsString::from(&file);
    name.push(".lock");
    let path = PathBuf::from(name);
    let failed = |error| LockError::Failed { path: path.clone(), error };
    let mut lock = open(&path).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = std::fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
            return Err(LockError::Taken { file, pid });
        }
        Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            tracing::warn!(lock = %path.display(), "the file system has no locks: start no second program on it");
            return Ok(None);
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(failed)?;
    Ok(Some(lock))
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};

    use super::*;

    const FILE: &str = "SALA_TEST_LOCK";

    /// The other program: it does nothing unless it is told which file to lock.
    #[test]
    fn holder() {
        let Some((_, file)) = std::env::vars().find(|(name, _)| name == FILE) else { return };
        serve_alone(Path::new(&file)).unwrap();
        std::io::stdout().write_all(b"\nlocked\n").unwrap();
        std::io::stdin().read_to_string(&mut String::new()).unwrap();
    }

    #[test]
    fn a_second_program_is_refused_until_the_first_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sala.db");
        let mut other = Command::new(std::env::current_exe().unwrap())
            .args(["data_lock::tests::holder", "--exact", "--nocapture"])
            .env(FILE, &file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(other.stdout.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap() == "locked"));

        let refused = lock(&file).unwrap_err().to_string();
        assert!(refused.contains(&format!("another sala (process {}) serves from", other.id())), "{refused}");
        assert!(refused.contains("sala.db") && refused.contains("--data"), "{refused}");

        other.kill().unwrap();
        other.wait().unwrap();
        let held = lock(&file).unwrap();
        assert!(held.is_some());
        assert!(lock(&file).is_err());
        drop(held);
        assert!(lock(&file).is_ok());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let said = lock(&folder.path().join("nowhere/sala.db")).unwrap_err().to_string();
        assert!(said.contains("sala.db.lock cannot be taken"), "{said}");
    }
}
