//! The appliance as a process of its own.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use clap::Args;

use crate::{
    Done,
    client::{Ask, Target},
    machine, runtime,
};

/// How long a start may take before a run is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Which appliance, and where its data are.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// The program
    #[arg(long, env = "AUDIAGRAM", default_value = "audiagram")]
    pub(crate) program: PathBuf,
    /// Its data, as made by `load seed`
    #[arg(long)]
    pub(crate) data: PathBuf,
    /// A configuration file for it
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
}

/// A running appliance; it is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What it writes.
    pub(crate) log: PathBuf,
    /// How long it took from the start of the process to its being ready.
    pub(crate) ready_in: Duration,
    certificate: PathBuf,
}

impl Server {
    pub(crate) fn start(place: &Place) -> Done<Self> {
        let log = place.data.join("serve.log");
        let (out, start) = (File::create(&log)?, Instant::now());
        let mut command = Command::new(&place.program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&place.data);
        if let Some(config) = &place.config {
            command.arg("--config").arg(config);
        }
        let mut child = command.stdout(out.try_clone()?).stderr(out).spawn()?;
        let address = loop {
            let text = fs::read_to_string(&log)?;
            if let Some(address) = announced(&text) {
                break address;
            }
            if child.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                let _ = child.kill();
                return Err(format!("the appliance did not start: {text}").into());
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let certificate = place.data.join("tls/cert.pem");
        let mut server = Server { child, address, log, ready_in: Duration::ZERO, certificate };
        let target = server.target(false)?;
        runtime()?.block_on(async {
            loop {
                let ask = Ask::get("/readyz");
                if let Ok(mut client) = target.connect(None).await
                    && client.send(&ask).await.is_ok_and(|answer| answer.status == 200)
                {
                    return Done::Ok(());
                }
                if start.elapsed() > PATIENCE {
                    return Err("the appliance does not get ready".into());
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })?;
        server.ready_in = start.elapsed();
        Ok(server)
    }

    /// How to reach it.
    pub(crate) fn target(&self, http2: bool) -> Done<Target> {
        Target::new(self.address, &self.certificate, http2)
    }

    /// The certificate that it shows.
    pub(crate) fn certificate(&self) -> &Path {
        &self.certificate
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without a warning.
    pub(crate) fn kill(mut self) -> Done {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop and waits for it.
    pub(crate) fn stop(mut self) -> Done {
        let process = i32::try_from(self.child.id())?;
        // SAFETY: a signal to a child that has not been waited for, so that its number is still its own.
        unsafe { libc::kill(process, libc::SIGTERM) };
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in a line that is whole.
fn announced(text: &str) -> Option<SocketAddr> {
    let (_, rest) = text.split_once("serving https://")?;
    let (address, _) = rest.split_once('\n')?;
    address.split_whitespace().next()?.parse().ok()
}

/// Memory of the appliance at rest
#[derive(Debug, Args)]
pub(crate) struct Footprint {
    #[command(flatten)]
    place: Place,
    /// The bar, in MB
    #[arg(long, default_value_t = 150.0)]
    bar: f64,
}

impl Footprint {
    pub(crate) fn run(self) -> Done {
        machine::notes(&self.place.data)?;
        let server = Server::start(&self.place)?;
        std::thread::sleep(Duration::from_secs(3));
        println!("ready in {:.2} s", server.ready_in.as_secs_f64());
        let resident = machine::resident(server.process())? as f64 / 1e6;
        machine::bar("resident memory at rest", resident, "MB", self.bar, false);
        server.stop()
    }
}

/// Copies a data folder, holes and all left out of account: for a look that must not touch the original.
pub(crate) fn copy(from: &Path, to: &Path) -> Done {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_file() {
            // The control socket is none.
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
