//! How freed memory goes back to the system.

/// Gives large blocks back as soon as they are freed, where the C library is glibc: begins the program again in the same
/// process, because glibc looks only before anything runs. Who has set glibc's variable keeps it, and where the program
/// cannot be begun again it goes on as it is.
pub fn give_back_large_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::begin_again();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    /// The size from which on a block is mapped by itself, and so given back when it is freed (mallopt(3),
    /// M_MMAP_THRESHOLD). Left alone, glibc raises it to the size of the first large block that is freed, and then keeps
    /// everything up to 32 MiB: 84 MB after a first start without encoders.
    const VARIABLE: &str = "MALLOC_MMAP_THRESHOLD_";
    /// Above what encoders take for one message.
    const MAPPED_FROM: &str = "1048576";

    pub(super) fn begin_again() {
        if std::env::var_os(VARIABLE).is_some() {
            return;
        }
        let Ok(program) = std::env::current_exe() else { return };
        let mut arguments = std::env::args_os();
        let mut again = Command::new(program);
        if let Some(name) = arguments.next() {
            again.arg0(name);
        }
        // It comes back only where it failed.
        let _failed = again.args(arguments).env(VARIABLE, MAPPED_FROM).exec();
    }
}
