//! The parent's side: starting a worker, relaying what it tells, and ending it in time.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::crash::explain;
use crate::console::event::{Event, Output};
use crate::failure::{Failure, Kind};
use crate::job::assist::{Ask, nobody};
use crate::job::{JobSpec, Stage};

/// How often the deadline and a wish to stop are looked at.
const TICK: Duration = Duration::from_millis(50);
/// Time between a worker's last word and its end.
const LAST_WORD: Duration = Duration::from_secs(10);
/// Longest line of progress in bytes.
const LINE: u64 = 1 << 20;
/// Most questions to a language model: scenes of a talk of a day.
const QUESTIONS: usize = 2_000;
/// How much of a worker's standard error is kept to explain a crash, in bytes.
const TAIL: usize = 8 << 10;

/// Runs `spec` in a worker, tells its process to `begun`, hands every event but the last to `tell`, and returns what was made. `asked` is called several
/// times a second: the worker is ended with the failure that it gives. `ask` passes on what the worker asks a language model; it must
/// come back soon after `asked` gives something.
///
/// Whatever happens, the worker and all its threads have ended on return. The work folder keeps what was finished.
///
/// # Errors
/// The worker's own failure; a crash, the deadline, too much output, or a wish to stop as a failure that names the
/// stage and the file.
pub(crate) fn launch(
    spec: &JobSpec,
    begun: &mut dyn FnMut(u32),
    asked: &mut dyn FnMut() -> Option<Failure>,
    ask: &mut Ask<'_>,
    tell: &mut dyn FnMut(&Event),
) -> Result<Vec<Output>, Failure> {
    let mut worker = Worker::start(spec)?;
    begun(worker.child.id());
    let deadline = Instant::now() + Duration::from_millis(spec.limits.deadline_ms);
    let mut stage = None;
    let ending = worker.follow(deadline, asked, ask, &mut |event| {
        if let Event::Progress { stage: now, .. } = event {
            stage = Some(*now);
        }
        tell(event);
    });
    let about = spec.recording.as_ref().map(|r| r.path.clone()).or_else(|| spec.storyboard.clone());
    let ending = match ending {
        Ending::Silent => worker.crash(),
        Ending::Done(outputs) => {
            worker.leave();
            return Ok(outputs);
        }
        Ending::Failed(failure) => {
            worker.leave();
            failure
        }
        Ending::Cut(failure) => failure,
    };
    Err(place(ending, stage, about))
}

/// Adds the stage and the file where the failure does not name them.
fn place(mut failure: Failure, stage: Option<Stage>, about: Option<PathBuf>) -> Failure {
    if failure.stage.is_none() {
        failure.stage = stage;
    }
    if failure.file.is_none() {
        failure.file = about;
    }
    failure
}

/// How the following of a worker ended.
enum Ending {
    /// It said that it is done.
    Done(Vec<Output>),
    /// It said why it failed.
    Failed(Failure),
    /// It must be ended.
    Cut(Failure),
    /// It ended without a last word.
    Silent,
}

/// A running worker; ended when dropped.
struct Worker {
    child: Child,
    /// Where replies of a language model go, for jobs that ask one.
    replies: Option<ChildStdin>,
    questions: usize,
    lines: Receiver<Line>,
    tail: Option<JoinHandle<Vec<u8>>>,
    // Kept so that the reader ends before the worker is forgotten.
    reader: Option<JoinHandle<()>>,
}

/// What comes from a worker's standard output.
enum Line {
    Event(Box<Event>),
    /// Not an event.
    Garbage(String),
    /// More than the limit, in all or in one line.
    Flood(u64),
}

impl Worker {
    #[allow(clippy::disallowed_methods, reason = "the one place that starts a worker")]
    fn start(spec: &JobSpec) -> Result<Self, Failure> {
        let cannot = |e: &std::io::Error| Failure::new(Kind::Failed, "cannot start the worker").because(e);
        let temporary = spec.work.join("tmp");
        std::fs::create_dir_all(&temporary).map_err(|e| cannot(&e).file(&temporary))?;
        let mut command = Command::new("/proc/self/exe");
        command
            .arg0("audiagram")
            .arg("worker")
            .env_clear()
            .env("TMPDIR", &temporary)
            // Address space is limited, and glibc reserves 64 MiB of it for each arena, mimalloc up to 1 GiB.
            .env("MALLOC_ARENA_MAX", "2")
            .env("MIMALLOC_DISALLOW_ARENA_ALLOC", "1")
            // Pictures go back to the system when they are let go of: kept for reuse, they take half as much memory again.
            .env("MALLOC_MMAP_THRESHOLD_", "1048576")
            .env("MALLOC_TRIM_THRESHOLD_", "16777216")
            .current_dir(&spec.work)
            // Ctrl-C reaches the parent alone, which ends the worker in its own way.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if spec.hearing.looks() && spec.hearing.device.is_program() {
            command.env(media::hear::PROGRAM.0, media::hear::PROGRAM.1);
        }
        let mut child = command.spawn().map_err(|e| cannot(&e))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let stdout = stdout.expect("standard output is piped");
        let stderr = stderr.expect("standard error is piped");
        let (sender, lines) = sync_channel(256);
        let limit = spec.limits.output_bytes;
        let reader = std::thread::spawn(move || read_events(stdout, limit, &sender));
        let loud = spec.verbose > 0;
        let tail = std::thread::spawn(move || read_tail(stderr, loud));
        let mut worker = Self { child, replies: None, questions: 0, lines, tail: Some(tail), reader: Some(reader) };
        let mut stdin = stdin.expect("standard input is piped");
        // A worker that dies before it has read its job is a crash, which is found on the other pipe.
        let _ = stdin.write_all(&serde_json::to_vec(spec).expect("a job is plain data"));
        worker.replies = spec.assistant.is_some().then_some(stdin);
        Ok(worker)
    }

    fn follow(
        &mut self,
        deadline: Instant,
        asked: &mut dyn FnMut() -> Option<Failure>,
        ask: &mut Ask<'_>,
        tell: &mut dyn FnMut(&Event),
    ) -> Ending {
        loop {
            if let Some(asked) = asked() {
                return Ending::Cut(asked);
            }
            if Instant::now() >= deadline {
                return Ending::Cut(
                    Failure::new(Kind::Limit, "the job ran past its deadline")
                        .remedy("a later --deadline; the same command goes on where it stopped"),
                );
            }
            match self.lines.recv_timeout(TICK) {
                Ok(Line::Event(event)) => match *event {
                    Event::Done { outputs } => return Ending::Done(outputs),
                    Event::Error(failure) => return Ending::Failed(failure),
                    Event::Ask { body } => self.reply(&body, ask),
                    event => tell(&event),
                },
                Ok(Line::Garbage(line)) => {
                    let shown: String = line.chars().take(80).collect();
                    return Ending::Cut(Failure::new(Kind::Failed, format!("the worker said `{shown}`")));
                }
                Ok(Line::Flood(limit)) => {
                    return Ending::Cut(Failure::new(Kind::Limit, format!("the worker wrote more than {limit} bytes")));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ending::Silent,
            }
        }
    }

    /// Gives the worker what the language model says to it. One that asks without end is not served.
    fn reply(&mut self, body: &Value, ask: &mut Ask<'_>) {
        let Some(replies) = &mut self.replies else { return };
        self.questions += 1;
        let reply = if self.questions > QUESTIONS { nobody(body) } else { ask(body) };
        let mut line = serde_json::to_vec(&reply).expect("a reply is plain data");
        line.push(b'\n');
        // A worker that has died meanwhile is found on the other pipe.
        let _ = replies.write_all(&line);
    }

    /// Waits for a worker that has said its last word.
    fn leave(&mut self) {
        let until = Instant::now() + LAST_WORD;
        while Instant::now() < until {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                _ => return,
            }
        }
    }

    /// Why a worker ended without a last word.
    fn crash(&mut self) -> Failure {
        self.leave();
        self.kill();
        let status = self.child.wait();
        let tail = self.tail.take().and_then(|t| t.join().ok()).unwrap_or_default();
        explain(status.ok(), &String::from_utf8_lossy(&tail))
    }

    /// Ends the worker and whatever it may have started.
    fn kill(&mut self) {
        // Once waited for, the id may be another process'.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = rustix::process::kill_process_group(
                rustix::process::Pid::from_child(&self.child),
                rustix::process::Signal::KILL,
            );
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
        // With the worker gone its pipes are closed; with the receiver gone the reader cannot block on it either.
        let (_, nobody) = sync_channel(0);
        self.lines = nobody;
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        if let Some(tail) = self.tail.take() {
            let _ = tail.join();
        }
    }
}

fn read_events(stdout: ChildStdout, limit: u64, lines: &SyncSender<Line>) {
    let mut stdout = BufReader::new(stdout.take(limit));
    let mut line = Vec::new();
    loop {
        line.clear();
        let ended = match (&mut stdout).take(LINE).read_until(b'\n', &mut line) {
            Err(_) => return,
            Ok(0) if stdout.get_ref().limit() == 0 => Line::Flood(limit),
            Ok(0) => return,
            Ok(_) => match serde_json::from_slice(&line) {
                Ok(event) => Line::Event(Box::new(event)),
                Err(_) if stdout.get_ref().limit() == 0 || line.len() as u64 == LINE => Line::Flood(limit.min(LINE)),
                Err(_) => Line::Garbage(String::from_utf8_lossy(&line).trim_end().to_owned()),
            },
        };
        let last = !matches!(ended, Line::Event(_));
        if lines.send(ended).is_err() || last {
            return;
        }
    }
}

/// Reads standard error to its end and keeps the last of it; `loud` also shows it.
fn read_tail(mut stderr: ChildStderr, loud: bool) -> Vec<u8> {
    let mut tail = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut chunk) {
        if loud {
            let _ = std::io::stderr().lock().write_all(&chunk[..read]);
        }
        tail.extend_from_slice(&chunk[..read]);
        if tail.len() > 2 * TAIL {
            tail.drain(..tail.len() - TAIL);
        }
    }
    tail.drain(..tail.len().saturating_sub(TAIL));
    tail
}
