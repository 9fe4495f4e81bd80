//! The cluster of a test run: given by its address, or a private one that the first test starts.
//!
//! Tests may be threads of one process or processes of their own (cargo-nextest), so the cluster is found through files
//! in the temporary folder. Every process that uses it holds a shared lock until it ends, however it ends; a watcher
//! stops the cluster and removes its folder when nobody has held that lock for a while.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail, ensure};

use crate::need::on_path;
use crate::{environment, workspace};

/// The variable with the address of a cluster that is already running. Its user may create databases and roles.
pub(super) const ADDRESS: &str = "SALA_TEST_POSTGRES";

/// Seconds after the last user has gone, looked at once in as many seconds.
const LINGER: &str = "15";

/// Stops the cluster as soon as the exclusive lock of the users' file can be had.
const WATCH: &str = r#"linger=$1; users=$2; run=$3; shift 3
exec 9<>"$users"
while sleep "$linger"; do
  if flock -n -x 9; then "$@" >/dev/null 2>&1; rm -rf "$run"; exit 0; fi
done"#;

/// The address of the cluster's `postgres` database, as a user who owns what tests make but is no superuser.
pub(super) fn address() -> Result<String> {
    static HELD: OnceLock<(String, Option<File>)> = OnceLock::new();
    if let Some((address, _)) = HELD.get() {
        return Ok(address.clone());
    }
    let found = match environment(ADDRESS) {
        Some(address) => (address, None),
        None => join_or_start()?,
    };
    Ok(HELD.get_or_init(|| found).0.clone())
}

/// The folder of the server's programs: the newest version's.
pub(super) fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let installed = versions.into_iter().flatten().flatten().filter_map(|version| {
        let number: u32 = version.file_name().to_str()?.parse().ok()?;
        Some((number, version.path().join("bin")))
    });
    installed
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .max()
        .map(|(_, folder)| folder)
        .or_else(|| Some(on_path("initdb")?.parent()?.to_owned()))
}

fn join_or_start() -> Result<(String, Option<File>)> {
    let own = std::fs::metadata("/proc/self")?.uid();
    let place = workspace::root().display().to_string().replace('/', "-");
    let folder = std::env::temp_dir().join(format!("sala-postgres-{own}{place}"));
    std::fs::DirBuilder::new().recursive(true).mode(0o711).create(&folder)?;
    let users = open_lock(&folder.join("users"))?;
    users.lock_shared()?;
    let starting = open_lock(&folder.join("starting"))?;
    starting.lock()?;
    let run = folder.join("run");
    let address = match running(&run) {
        Some(address) => address,
        None => Cluster { programs: programs().context("no PostgreSQL programs")?, run, own }
            .start(&folder.join("users"))?,
    };
    Ok((address, Some(users)))
}

fn open_lock(path: &Path) -> Result<File> {
    Ok(OpenOptions::new().create(true).truncate(false).write(true).read(true).mode(0o600).open(path)?)
}

/// The address of a cluster that answers.
fn running(run: &Path) -> Option<String> {
    let address = std::fs::read_to_string(run.join("address")).ok()?;
    let port: u16 = address.rsplit_once(':')?.1.split('/').next()?.parse().ok()?;
    TcpStream::connect(("127.0.0.1", port)).ok()?;
    Some(address)
}

struct Cluster {
    programs: PathBuf,
    run: PathBuf,
    own: u32,
}

impl Cluster {
    fn start(&self, users: &Path) -> Result<String> {
        if self.run.exists() {
            std::fs::remove_dir_all(&self.run)?;
        }
        std::fs::DirBuilder::new().mode(0o700).create(&self.run)?;
        if self.own == 0 {
            let (user, group) = server_user()?;
            chown(&self.run, Some(user), Some(group))?;
        }
        let mut secret = [0u8; 16];
        engine::ids::random_bytes(&mut secret);
        let secret = engine::secrets::hex(&secret);
        self.create(&secret)?;
        let port = self.listen()?;
        self.watch(users)?;
        let address = format!("postgres://sala_owner:{secret}@127.0.0.1:{port}/postgres");
        let mut file =
            OpenOptions::new().create_new(true).write(true).mode(0o600).open(self.run.join("address"))?;
        file.write_all(address.as_bytes())?;
        Ok(address)
    }

    /// Makes the data folder and the user that owns what tests make: like a careful operator's, it is no superuser.
    fn create(&self, secret: &str) -> Result<()> {
        let mut initdb = self.server_program("initdb");
        initdb.args(["--username=postgres", "--auth=reject", "--encoding=UTF8", "--no-locale", "--no-sync"]);
        initdb.arg("-D").arg(self.data());
        self.finish(initdb, "")?;
        let who_may = "host all sala_owner 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(self.data().join("pg_hba.conf"), who_may)?;
        let mut single = self.server_program("postgres");
        single.args(["--single", "-D"]).arg(self.data()).arg("postgres");
        self.finish(
            single,
            &format!("CREATE ROLE sala_owner LOGIN CREATEDB CREATEROLE PASSWORD '{secret}'\n"),
        )
    }

    /// Starts the server on a free port and returns the port.
    fn listen(&self) -> Result<u16> {
        let mut failure = None;
        for _ in 0..3 {
            let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
            let options = format!(
                "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={} -c max_connections=200 \
                 -c fsync=on -c synchronous_commit=on",
                self.run.display()
            );
            let mut start = self.server_program("pg_ctl");
            start.arg("-D").arg(self.data()).args(["-w", "-t", "60", "-o", &options, "-l"]);
            start.arg(self.run.join("server.log")).arg("start");
            match self.finish(start, "") {
                Ok(()) => return Ok(port),
                Err(error) => failure = Some(error),
            }
        }
        let log = std::fs::read_to_string(self.run.join("server.log")).unwrap_or_default();
        bail!("PostgreSQL does not start: {failure:?}\n{log}")
    }

    fn watch(&self, users: &Path) -> Result<()> {
        let mut stop = self.server_program("pg_ctl");
        stop.arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]);
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "sh", LINGER]).arg(users).arg(&self.run);
        watch.arg(stop.get_program()).args(stop.get_args());
        // A process group of its own, so that it outlives the test that started it.
        watch.process_group(0).current_dir("/");
        watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        watch.spawn().context("the watcher does not start")?;
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.run.join("data")
    }

    /// A program of the server. It refuses to work as root, so then it works as the user `postgres`.
    fn server_program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if self.own == 0 {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }

    /// Runs a program with something to read, to its end.
    fn finish(&self, mut command: Command, input: &str) -> Result<()> {
        let said = self.run.join("programs.log");
        let log = OpenOptions::new().create(true).append(true).mode(0o600).open(&said)?;
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        let mut child = command.spawn().with_context(|| format!("{command:?} does not start"))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        let status = child.wait()?;
        let said = std::fs::read_to_string(said).unwrap_or_default();
        ensure!(status.success(), "{command:?} ended with {status}\n{said}");
        Ok(())
    }
}

fn server_user() -> Result<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let fields: Vec<&str> =
        line.context("root needs a user called postgres to start a cluster")?.split(':').collect();
    ensure!(fields.len() > 3, "the user postgres has no number");
    Ok((fields[2].parse()?, fields[3].parse()?))
}
